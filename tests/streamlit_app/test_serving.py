"""What the server tells a browser, and Streamlit about signing in."""

import re
from pathlib import Path

import streamlit

from streamlit_app import serving
from streamlit_app.settings import AppSettings
from tests.streamlit_app.test_settings import OIDC


def directives(policy: str) -> dict[str, list[str]]:
    return {name: rest for name, *rest in (part.split() for part in policy.split(";"))}


def test_a_page_asks_this_server_alone() -> None:
    found = directives(serving.policy(AppSettings.read({})))
    assert found["default-src"] == found["connect-src"] == found["frame-ancestors"] == ["'self'"]
    outside = [source for sources in found.values() for source in sources if "://" in source or source == "*"]
    assert outside == []
    assert "'unsafe-inline'" not in found["script-src"]


def test_of_scripts_in_a_page_only_streamlits_own_run() -> None:
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    hashes = [
        one for one in directives(serving.policy(AppSettings.read({})))["script-src"] if one.startswith("'sha256-")
    ]
    assert len(hashes) == len(re.findall(r"<script>", index)) > 0


def test_scripts_that_every_page_asks_for_are_there_to_be_named_with_it() -> None:
    static = Path(streamlit.__file__).parent / "static"
    paths = serving.soon()
    assert all((static / path).is_file() for path in paths)
    assert {Path(path).name.split(".")[0] for path in paths} == set(serving.SOON)


def test_a_portal_may_show_pages_in_a_frame() -> None:
    settings = AppSettings.read({"SEMAFORO_APP_EMBED_FROM": "https://portal.example"})
    assert directives(serving.policy(settings))["frame-ancestors"] == ["'self'", "https://portal.example"]


def test_streamlit_is_told_of_the_provider_and_where_it_sends_people_back() -> None:
    assert serving._secrets(AppSettings.read({})) == {}
    assert serving._secrets(AppSettings.read(OIDC))["auth"] == {
        "redirect_uri": "https://semaforo.example/oauth2callback",
        "cookie_secret": "c",
        "client_id": "semaforo",
        "client_secret": "s",
        "server_metadata_url": "https://id.example/.well-known/openid-configuration",
    }
