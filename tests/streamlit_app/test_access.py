"""Who may see and do what; each refusal beside what is allowed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streamlit_app.access import Actor, NotAllowedError, NotSignedInError, Permission, actor_of, require
from streamlit_app.settings import AppSettings, Role

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SETTINGS = AppSettings.read({})
ANA: dict[str, Any] = {
    "is_logged_in": True, "email": "ana@example.mx", "semaforo_role": "operator", "exp": NOW.timestamp() + 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {Permission.READ}),
        ("operator", {Permission.READ, Permission.ACT}),
        ("admin", {Permission.READ, Permission.ACT, Permission.AUDIT}),
    ],
)
def test_a_role_may_this_and_no_more(role: Role, allowed: set[Permission]) -> None:
    actor = Actor("ana", role)
    for permission in Permission:
        if permission in allowed:
            require(actor, permission)
        else:
            with pytest.raises(NotAllowedError, match=f"ana is {role}"):
                require(actor, permission)


def test_a_sign_in_names_somebody_and_a_role() -> None:
    assert actor_of(ANA, SETTINGS, NOW) == Actor("ana@example.mx", "operator")


def test_of_several_roles_the_strongest_counts() -> None:
    assert actor_of({**ANA, "semaforo_role": ["viewer", "admin", "cook"]}, SETTINGS, NOW).role == "admin"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "nobody is signed in"),
        ({**ANA, "is_logged_in": False}, "nobody is signed in"),
        ({**ANA, "exp": NOW.timestamp()}, "expired"),
        ({**ANA, "exp": None}, "expired"),
        ({**ANA, "exp": "9999999999"}, "expired"),
        ({**ANA, "semaforo_role": "root"}, "names no role"),
        ({**ANA, "semaforo_role": ["cook"]}, "names no role"),
        ({**ANA, "semaforo_role": None}, "names no role"),
        ({**ANA, "email": ""}, "names nobody"),
    ],
)
def test_whatever_is_not_a_valid_sign_in_is_nobody(claims: dict[str, Any], why: str) -> None:
    with pytest.raises(NotSignedInError, match=why):
        actor_of(claims, SETTINGS, NOW)


def test_a_sign_in_ends_when_its_token_does() -> None:
    assert actor_of(ANA, SETTINGS, NOW + timedelta(seconds=59)).name == "ana@example.mx"
    with pytest.raises(NotSignedInError, match="expired"):
        actor_of(ANA, SETTINGS, NOW + timedelta(seconds=60))


def test_the_role_may_stand_in_a_claim_of_another_name() -> None:
    settings = AppSettings.read({"SEMAFORO_APP_OIDC_ROLE_CLAIM": "groups"})
    assert actor_of({**ANA, "groups": ["viewer"]}, settings, NOW).role == "viewer"
