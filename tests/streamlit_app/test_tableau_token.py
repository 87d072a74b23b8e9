"""The token for Tableau, read back by a library that is not ours."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from pydantic import ValidationError

from streamlit_app import serving
from streamlit_app.settings import AppSettings
from streamlit_app.tableau_token import ConnectedApp, token_of
from tests.streamlit_app.test_serving import directives

APP = ConnectedApp("client-1", "secret-id-1", "the shared secret of thirty-two b")
NOW = datetime.now(UTC).replace(microsecond=0)
TABLEAU = {
    "SEMAFORO_APP_TABLEAU_URL": "https://tableau.example",
    "SEMAFORO_APP_TABLEAU_VIEW": "/t/air/views/Routes/Board",
    "SEMAFORO_APP_TABLEAU_CLIENT_ID": "client-1",
    "SEMAFORO_APP_TABLEAU_SECRET_ID": "secret-id-1",
    "SEMAFORO_APP_TABLEAU_SECRET": "s",
}


def test_it_is_what_tableau_documents() -> None:
    token = token_of(APP, "ana@airline.example", datetime.now(UTC))  # the tests may take longer than it is valid
    head = jwt.get_unverified_header(token)
    assert (head["alg"], head["kid"], head["iss"]) == ("HS256", "secret-id-1", "client-1")
    claims = jwt.decode(token, APP.secret, algorithms=["HS256"], audience="tableau", issuer="client-1")
    assert claims["sub"] == "ana@airline.example"
    assert claims["scp"] == ["tableau:views:embed"]
    assert timedelta() < timedelta(seconds=claims["exp"] - claims["iat"]) <= timedelta(minutes=10)


def test_another_secret_does_not_open_it_and_no_two_are_alike() -> None:
    token, other = token_of(APP, "ana", NOW), token_of(APP, "ana", NOW)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, APP.secret + "!", algorithms=["HS256"], audience="tableau")
    identities = {jwt.decode(one, options={"verify_signature": False})["jti"] for one in (token, other)}
    assert len(identities) == 2


def test_the_secret_is_in_no_text() -> None:
    assert APP.secret not in repr(APP)
    assert "'s'" not in repr(AppSettings.read(TABLEAU))


@pytest.mark.parametrize("missing", [name for name in TABLEAU if not name.endswith("_URL")])
def test_half_a_connection_is_refused(missing: str) -> None:
    with pytest.raises(ValidationError, match="to show a Tableau view"):
        AppSettings.read({name: value for name, value in TABLEAU.items() if name != missing})


@pytest.mark.parametrize("url", ["http://tableau.example", "https://a.example https://b.example", "https://*", "x"])
def test_only_one_host_with_encryption(url: str) -> None:
    with pytest.raises(ValidationError):
        AppSettings.read({**TABLEAU, "SEMAFORO_APP_TABLEAU_URL": url})


def test_the_host_and_no_other_may_be_asked_framed_and_bring_its_script() -> None:
    found = directives(serving.policy(AppSettings.read(TABLEAU)))
    outside = {name for name, sources in found.items() if "https://tableau.example" in sources}
    assert outside == {"script-src", "connect-src", "frame-src"}
    assert {one for sources in found.values() for one in sources if "://" in one} == {"https://tableau.example"}
    assert directives(serving.policy(AppSettings.read({})))["frame-src"] == ["'self'"]
