"""The server: Streamlit and the API as one ASGI application, with what a browser may do said in headers."""

import base64
import errno
import gc
import hashlib
import importlib
import logging
import re
import socket
from pathlib import Path
from typing import Any, Final

import streamlit as st
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected
from streamlit import config

from schemas.errors import SemaforoError
from streamlit_app import pulses, session
from streamlit_app.airports import airport
from streamlit_app.api.application import PREFIX, api
from streamlit_app.settings import AppSettings

SCRIPT: Final = Path(__file__).parent / "app.py"
POLICY: Final = (
    "default-src 'self'; script-src 'self' blob: 'unsafe-eval' 'wasm-unsafe-eval' {scripts}; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src {asked}; frame-src {asked}; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors {framed_by}"
)
"""Whatever got into a page could fetch nothing and tell nobody: only this server is asked. Vega compiles its
expressions (unsafe-eval), our components come as blobs; of scripts inside a page's HTML only Streamlit's own run. Where
a Tableau view is connected its host, and no other, may be framed, asked and bring its script."""
OPTIONS: Final = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": False,
    # A collection of everything after every run, a pulse's too: 140 ms of CPU each second for every page that is open,
    # against 12 ms for the pulse itself, and the pages' answers wait for it.
    "runner.postScriptGC": False,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 1,  # MB: rule files for a backtest are all that anybody uploads
    "server.runOnSave": False,
    "theme.light.primaryColor": "#0b5fa5",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f1f3f6",
    "theme.light.textColor": "#1d2026",
    "theme.dark.primaryColor": "#6cb6ff",
    "theme.dark.backgroundColor": "#0e1117",
    "theme.dark.secondaryBackgroundColor": "#1a1e27",
    "theme.dark.textColor": "#eceef2",
}

SOON: Final = (
    *("BidiComponent", "serialization", "recordbatch", "_arrayReduce"),  # our components
    *("Html", "purify", "ButtonGroup", "WidgetLabel", "WidgetLabelHelpIconInline", "styled-components"),
    "useBasicWidgetState",
)
"""Streamlit's scripts that every page of ours asks for only when the server has said what to draw. Named with the page,
they are there by then: the first sight of the board took 1.6 s instead of 1.9 on a crowded machine."""

_log = logging.getLogger(__name__)


class PortTakenError(SemaforoError):
    """Something listens there already."""


def serve(settings: AppSettings) -> None:
    """Until SIGTERM or SIGINT. Raises PortTakenError."""
    listening = _listen(settings)
    for name, value in OPTIONS.items():
        config.set_option(name, value)
    pulses.keep_out_of_runs()
    pulses.remember_theme()
    _make_ready()
    url = settings.url or f"http://{settings.address}:{listening.getsockname()[1]}"
    print(f"Semáforo: {url}", flush=True)
    server = uvicorn.Server(uvicorn.Config(application(settings), log_level="warning", ws_max_size=64 * 2**20))
    server.run(sockets=[listening])


def _make_ready() -> None:
    """What the first visitor would wait for: four seconds of imports, ours and those that Streamlit does once it draws.
    All that stays for good, so no collection looks at it again."""
    for name in ("streamlit_app.pages", "streamlit.emojis", "pandas"):
        importlib.import_module(name)
    airport("")
    gc.collect()
    gc.freeze()


def application(settings: AppSettings) -> ASGIApp:
    """Streamlit's application with the API beside it, our headers, our sign-in and no traceback on any page."""
    return st.App(
        SCRIPT,
        routes=[Mount(PREFIX, app=api(settings, session.stage))],
        secrets=_secrets(settings),
        middleware=[Middleware(Headers, policy=policy(settings))],
        on_script_error=_say_no_traceback,
    )


def policy(settings: AppSettings) -> str:
    """What a browser may load, run and ask; and who may show the app in a frame."""
    return POLICY.format(
        framed_by=f"'self' {settings.embed_from}".rstrip(),
        scripts=" ".join([*_own_scripts(), settings.tableau_url]).rstrip(),
        asked=f"'self' {settings.tableau_url}".rstrip(),
    )


class Headers:
    """Adds what a browser must know to every answer."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._policy = policy
        self._soon = ", ".join(f"<{path}>; rel=modulepreload; crossorigin" for path in soon())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if headers.get("Content-Type", "").startswith("text/html"):
                    headers["Link"] = self._soon
            await send(message)

        try:
            await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
        except WebSocketDisconnected:  # the browser left while Streamlit was about to close: nobody is missing anything
            _log.debug("a browser left in the middle")


def _own_scripts() -> list[str]:
    index = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inline]


def soon() -> list[str]:
    """Where those scripts are, beside the page."""
    static = Path(st.__file__).parent / "static"
    found = sorted(one for one in (static / "static" / "js").glob("*.js") if one.name.split(".")[0] in SOON)
    return [one.relative_to(static).as_posix() for one in found]


def _listen(settings: AppSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.address, settings.port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"port {settings.port} is taken; `--port` names another") from error
        raise PortTakenError(f"cannot listen on {settings.address}:{settings.port}: {error}") from error
    return listening


def _secrets(settings: AppSettings) -> dict[str, Any]:
    if not settings.signs_in:
        return {}
    return {
        "auth": {
            "redirect_uri": f"{settings.url.rstrip('/')}/oauth2callback",
            "cookie_secret": settings.oidc_cookie_secret.get_secret_value(),
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_metadata_url,
        }
    }


def _say_no_traceback(error: Exception) -> bool:
    _log.error("a page failed", exc_info=error)
    st.error("This page failed; the log says why. / Esta página falló; la bitácora dice por qué.")
    return True
