"""The API put together: endpoints, what they say when something is wrong, and their description (OpenAPI)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from streamlit_app.api import ahead, live, told
from streamlit_app.api.asked import Parts
from streamlit_app.api.problems import MEDIA_TYPE, Problem, handle_all
from streamlit_app.api.sign_in import SESSION_COOKIE, ProviderKeys
from streamlit_app.readers.stage import Stage
from streamlit_app.settings import AppSettings

PREFIX: Final = "/api/v1"
VERSION: Final = "1.0.0"
DESCRIPTION: Final = (
    "The lights of airline routes, the alerts they made and what could be done, read only. "
    "Instants are UTC, units stand in names, what is modelled is marked. Failures are RFC 9457 problems."
)
WHY: Final[dict[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or no longer, or without a role of ours.",
    HTTPStatus.FORBIDDEN: "The role does not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such thing here.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter will not do; each is named.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The stores, or the identity provider, do not answer; why is said.",
}


def api(settings: AppSettings, stage: Callable[[], Stage]) -> FastAPI:
    """To be mounted at PREFIX."""
    # Its own pages of documentation load scripts from elsewhere, which the app's policy forbids.
    app = FastAPI(title="Semáforo", version=VERSION, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.parts = Parts(settings, stage, ProviderKeys(settings.oidc_metadata_url))
    for part in (live, told, ahead):
        app.include_router(part.router)
    handle_all(app)
    description = _described(app, settings)
    app.openapi = lambda: description  # type: ignore[method-assign]
    return app


def _described(app: FastAPI, settings: AppSettings) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": f"{settings.url.rstrip('/')}{PREFIX}"}],
    )
    parts = found["components"]
    parts["schemas"] |= _schemas()
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = {str(status.value): {"description": why, "content": content} for status, why in WHY.items()}
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"] |= problems
    if settings.signs_in:
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        }
        found["security"] = [{"bearer": []}, {"session": []}]
    return found


def _schemas() -> dict[str, Any]:
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**problem.pop("$defs"), "Problem": problem}
