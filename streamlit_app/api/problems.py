"""What went wrong, as RFC 9457 says it: `application/problem+json` with title, status and what to do about it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.errors import Transient
from streamlit_app.access import NotAllowedError, NotSignedInError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
"""The reader behind the API looks again by then."""

Handler = Callable[[Request, Exception], Awaitable[Response]]


class Fault(BaseModel):
    """One parameter that will not do."""

    model_config = ConfigDict(extra="forbid")

    where: str
    """As in "query.limit"."""
    why: str


class Problem(BaseModel):
    """RFC 9457; `title` is the status in words, `detail` what happened this time."""

    model_config = ConfigDict(extra="forbid")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: list[Fault] = Field(default_factory=list)


class UnknownError(Exception):
    """There is no such thing here."""


def answer(status: int, detail: str, faults: tuple[Fault, ...] = (), headers: dict[str, str] | None = None) -> Response:
    """The problem as an answer."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, faults=list(faults))
    return Response(problem.model_dump_json(), status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def handle_all(app: FastAPI) -> None:
    """Each kind of failure becomes its answer; nobody is shown a traceback."""
    handlers: dict[type[Exception], Handler] = {
        RequestValidationError: _invalid,
        HTTPException: _http,
        UnknownError: _said(HTTPStatus.NOT_FOUND),
        NotSignedInError: _said(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"}),
        NotAllowedError: _said(HTTPStatus.FORBIDDEN),
        Transient: _said(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)}),
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _said(status: HTTPStatus, headers: dict[str, str] | None = None) -> Handler:
    async def handler(_request: Request, error: Exception) -> Response:
        return answer(status, str(error), headers=headers)

    return handler


async def _invalid(_request: Request, error: Exception) -> Response:
    found: Any = error.errors() if isinstance(error, RequestValidationError) else ()
    faults = tuple(Fault(where=".".join(str(part) for part in one["loc"]), why=one["msg"]) for one in found)
    detail = "; ".join(f"{one.where}: {one.why}" for one in faults)
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults)


async def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return await _broken(_request, error)
    return answer(error.status_code, str(error.detail), headers=dict(error.headers or {}))


async def _broken(_request: Request, _error: Exception) -> Response:
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "this answer failed; the log says why")
