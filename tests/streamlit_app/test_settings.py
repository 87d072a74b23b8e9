"""What the app takes from its environment, and where it refuses to listen."""

import pytest
from pydantic import ValidationError

from streamlit_app.settings import AppSettings, is_loopback

OIDC = {
    "SEMAFORO_APP_URL": "https://semaforo.example",
    "SEMAFORO_APP_OIDC_METADATA_URL": "https://id.example/.well-known/openid-configuration",
    "SEMAFORO_APP_OIDC_CLIENT_ID": "semaforo",
    "SEMAFORO_APP_OIDC_CLIENT_SECRET": "s",
    "SEMAFORO_APP_OIDC_COOKIE_SECRET": "c",
}


def test_without_an_environment_it_is_for_this_machine() -> None:
    settings = AppSettings.read({})
    assert (settings.address, settings.port, settings.signs_in) == ("127.0.0.1", 8055, False)


def test_what_is_given_wins() -> None:
    assert AppSettings.read({"SEMAFORO_APP_PORT": "9000"}).port == 9000
    assert AppSettings.read({"SEMAFORO_APP_PORT": "9000"}, port=9001).port == 9001


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7", "semaforo.example"])  # noqa: S104
def test_nobody_signs_in_so_nobody_else_may_reach_it(address: str) -> None:
    with pytest.raises(ValidationError, match="only on loopback"):
        AppSettings.read({}, address=address)
    assert AppSettings.read(OIDC, address=address).signs_in


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_may(address: str) -> None:
    assert is_loopback(address)
    assert AppSettings.read({}, address=address).address == address


@pytest.mark.parametrize("missing", [name for name in OIDC if name != "SEMAFORO_APP_OIDC_METADATA_URL"])
def test_half_a_provider_is_none(missing: str) -> None:
    with pytest.raises(ValidationError, match="are needed"):
        AppSettings.read({name: value for name, value in OIDC.items() if name != missing})


def test_secrets_are_not_shown() -> None:
    assert "'s'" not in repr(AppSettings.read(OIDC))


@pytest.mark.parametrize("portal", ["https://portal.example", "https://a.example https://b.example:8443"])
def test_portals_are_origins(portal: str) -> None:
    assert AppSettings.read({"SEMAFORO_APP_EMBED_FROM": portal}).embed_from == portal


@pytest.mark.parametrize("portal", ["*", "https://a.example; script-src *", "javascript:alert(1)"])
def test_nothing_else_is(portal: str) -> None:
    with pytest.raises(ValidationError, match="embed_from"):
        AppSettings.read({"SEMAFORO_APP_EMBED_FROM": portal})
