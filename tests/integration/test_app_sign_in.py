"""Signing in with a real OpenID Connect exchange: who gets in, as what, and till when."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.local.ports import free_ports
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import NEEDS_BROWSER, AppServer, Screen, red, screen, serving, tile
from tests.integration.identity_provider import CLIENT, IdentityProvider

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

API = {"/routes/JFK-LAX": 200, "/deeds?day=2026-03-01": 403}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running


@pytest.fixture(scope="module")
def app(desk: AlertDesk, provider: IdentityProvider, app_folder: Path) -> Iterator[AppServer]:
    port = free_ports(1)[0]
    settings = {
        "url": f"http://127.0.0.1:{port}",
        "oidc_metadata_url": f"{provider.url}/.well-known/openid-configuration",
        "oidc_client_id": CLIENT,
        "oidc_client_secret": "secret",
        "oidc_cookie_secret": "c" * 32,
        "local_role": "admin",  # counts for nothing where people sign in
    }
    with serving(desk.environment(), app_folder, port, **settings) as running:
        yield running


def sign_in(shown: Screen) -> None:
    """To the provider and back."""
    button = shown.open("/", "text=Sign in").get_by_role("button", name="Sign in")
    with shown.page.expect_event("domcontentloaded"):  # the app, the provider and back is one way of redirects
        button.click()


def test_nobody_sees_anything_before_signing_in(desk: AlertDesk, browser: Browser, app: AppServer) -> None:
    alert = red(desk, "JFK-LAX")
    with screen(browser, app) as shown:
        for address in ("/", "/route?route=JFK-LAX", f"/alerts?alert={alert}", "/audit"):
            page = shown.open(address, "text=Sign in")
            assert "JFK-LAX" not in page.inner_text("body")
            assert page.locator(".sem-tile").count() == 0
        assert {shown.page.request.get(f"{app.url}/api/v1{path}").status for path in API} == {401}


def test_the_token_says_who_it_is_and_what(
    desk: AlertDesk, browser: Browser, app: AppServer, provider: IdentityProvider
) -> None:
    red(desk, "JFK-LAX")
    provider.claims, provider.seconds = {"email": "vera@example.mx", "semaforo_role": "viewer"}, 3600
    with screen(browser, app) as shown:
        sign_in(shown)
        shown.page.wait_for_selector(tile("JFK-LAX"))
        expect(shown.page.get_by_text("vera@example.mx, viewer")).to_be_visible()
        assert shown.page.get_by_role("link", name="Audit").count() == 0
        # The API knows the same session, and the same role.
        asked = {path: shown.page.request.get(f"{app.url}/api/v1{path}").status for path in API}
        assert asked == API


def test_who_has_no_role_of_ours_does_not_get_in(
    desk: AlertDesk, browser: Browser, app: AppServer, provider: IdentityProvider
) -> None:
    red(desk, "JFK-LAX")
    provider.claims, provider.seconds = {"email": "eve@example.mx", "semaforo_role": "root"}, 3600
    with screen(browser, app) as shown:
        sign_in(shown)
        expect(shown.page.get_by_text("You are signed in as eve@example.mx, who has no role")).to_be_visible()
        assert shown.page.locator(".sem-tile").count() == 0
        with shown.page.expect_event("domcontentloaded"):
            shown.page.get_by_role("button", name="Sign out").click()
        expect(shown.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_page_that_is_open_closes_when_the_token_expires(
    desk: AlertDesk, browser: Browser, app: AppServer, provider: IdentityProvider
) -> None:
    red(desk, "JFK-LAX")
    provider.claims, provider.seconds = {"email": "ana@example.mx", "semaforo_role": "operator"}, 25
    with screen(browser, app) as shown:
        sign_in(shown)
        shown.page.wait_for_selector(tile("JFK-LAX"))
        expect(shown.page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(shown.page.locator(".sem-tile")).to_have_count(0)
    assert "Traceback" not in app.log
