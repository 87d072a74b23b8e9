"""The API of the real app on real tables: held to its own description, and what it says when asked."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from alerts.advice import AdviceDesk
from alerts.documents import Documents
from lambdas.flight_states import FlightView, Report, Version
from lambdas.flights import put_if_later
from optimizer.live.delay_model import shipped_model
from schemas.events import FlightState
from streamlit_app.api.application import api
from streamlit_app.api.sign_in import SESSION_COOKIE
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.settings import AppSettings
from tests.alerts.samples import advice, minutes, row
from tests.faulty_proxy import FaultyProxy
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import AppServer, red, serving
from tests.integration.described_api import description, held_to
from tests.integration.flights_of_stage import create_flights_table
from tests.integration.identity_provider import CLIENT, IdentityProvider

pytestmark = pytest.mark.integration

Client = Callable[..., TestClient]


@pytest.fixture(scope="module")
def app(desk: AlertDesk, app_folder: Path) -> Iterator[AppServer]:
    with serving(desk.environment(), app_folder, local_role="operator") as running:
        yield running


@pytest.fixture
def client(desk: AlertDesk, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The API in this process, on the same tables, behind a proxy that can fail."""
    for name, value in desk.environment(proxy.url).items():
        monkeypatch.setenv(name, value)

    def made(**settings: object) -> TestClient:
        given = AppSettings.read({}, **settings)
        stage = Stage(given, desk.settings, now_utc)
        return TestClient(api(given, lambda: stage), base_url="http://127.0.0.1")

    return made


def test_it_is_as_it_describes_itself(desk: AlertDesk, app: AppServer, tmp_path: Path) -> None:
    red(desk, "JFK-LAX")
    code, said = held_to(app, description(app), tmp_path)
    assert code == 0, said
    generated, passed = re.findall(r"(\d+) generated, (\d+) passed", said)[0]
    assert int(generated) == int(passed) > 300, said


def test_a_description_that_lies_is_found(desk: AlertDesk, app: AppServer, tmp_path: Path) -> None:
    """The negative control."""
    red(desk, "JFK-SEA")
    lies = description(app)
    lies["components"]["schemas"]["RouteRecord"]["properties"]["usd_per_hour"]["type"] = "string"
    code, said = held_to(app, lies, tmp_path, "--include-path", "/routes", "--phases", "fuzzing", "--mode", "positive")
    assert code == 1
    assert "usd_per_hour" in said


def test_what_stands_is_told_page_by_page(desk: AlertDesk, client: Client) -> None:
    alert_id = red(desk, "ABQ-DEN")
    desk.process(row(0, 9, entity="ABQ-DFW"), row(0, 9, entity="ABQ-IAH"))
    ask = client().get
    first = ask("/routes", params={"airport": "ABQ", "limit": 2}).json()
    assert [one["route"] for one in first["items"]] == ["ABQ-DEN", "ABQ-DFW"]
    rest = ask("/routes", params={"airport": "ABQ", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert ([one["route"] for one in rest["items"]], rest["next_cursor"]) == (["ABQ-IAH"], None)
    assert [one["route"] for one in ask("/routes", params={"airport": "ABQ", "light": "RED"}).json()["items"]] == [
        "ABQ-DEN"
    ]

    (light,) = ask("/lights", params={"entity": "ABQ-DEN", "rule": "late"}).json()["items"]
    # Six of ten flights on time, at 12:10 of the samples' day.
    assert (light["light"], light["numerator"], light["denominator"], light["value"]) == ("RED", 6, 10, 60.0)
    assert (light["unit"], light["judged_at"]) == ("%", "2013-02-08T12:10:00Z")
    kpis = ask("/routes/ABQ-DEN/kpis", params={"window": "24h"}).json()["values"]
    assert {one["kpi"]: one["value"] for one in kpis}["on_time_arrival"] == 60.0
    assert {one["window"] for one in kpis} == {"24h"}

    told = ask(f"/alerts/{alert_id}").json()
    assert (told["entity"], told["rule"], told["light"], told["from_light"]) == ("ABQ-DEN", "late", "RED", "GREEN")
    listed = ask("/alerts", params={"entity": "ABQ-DEN"}).json()["items"]
    assert told in listed
    assert [one["decided_at"] for one in listed] == sorted((one["decided_at"] for one in listed), reverse=True)


def test_what_is_wrong_is_said_as_a_problem(desk: AlertDesk, client: Client, proxy: FaultyProxy) -> None:
    red(desk, "JFK-OAK")
    operator = client(local_role="operator")
    today = datetime.now(UTC).date().isoformat()
    for path, status, says in (
        ("/routes/XXX-YYY", 404, "XXX-YYY"),
        ("/nothing", 404, "Not Found"),
        ("/alerts/nothing", 404, "nothing"),
        ("/routes/JFK-OAK/kpis?window=1h", 422, "query.window"),
        ("/routes?limit=0", 422, "query.limit"),
        ("/routes?lihgt=RED", 422, "query.lihgt"),
        (f"/deeds?day={today}", 403, "may not audit"),
    ):
        answer = operator.get(path)
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json", path
        assert (answer.status_code, problem["status"]) == (status, status), path
        assert says in problem["detail"], path
    assert client(local_role="admin").get(f"/deeds?day={today}").status_code == 200
    assert operator.post("/routes").status_code == 405

    assert operator.get("/routes/JFK-OAK").status_code == 200
    proxy.plan = lambda _operation: "refuse"
    away = [client().get(path) for path in ("/routes", "/alerts", "/routes/JFK-OAK/actions")]
    assert [(one.status_code, one.headers["Retry-After"]) for one in away] == [(503, "2")] * 3
    assert all("Connection" in one.json()["detail"] for one in away)


def test_what_is_expected_and_what_could_be_done(desk: AlertDesk, client: Client) -> None:
    """An aircraft that left Tulsa 100 minutes late lands at 14:20 and needs 45 minutes: its flight at 13:20 leaves at
    15:05."""
    desk.process(row(0, 9, entity="OKC-MCI"))
    ask = client().get
    assert ask("/routes/OKC-MCI/predictions").status_code == 404, "this stage keeps no flights"
    table = create_flights_table(desk)
    inbound = flight("1", "TUL-OKC", minutes(-100), departed=minutes(0))
    assert put_if_later(desk.dynamodb, table, inbound, minutes(0))
    assert put_if_later(desk.dynamodb, table, flight("2", "OKC-MCI", minutes(80)), minutes(0))
    found = ask("/routes/OKC-MCI/predictions").json()
    (expected,) = found["flights"]
    assert (expected["flight_id"], expected["waits_for_flight_id"]) == ("2", "1")
    assert expected["expected_departure_at"] == "2013-02-08T15:05:00Z"
    assert expected["expected_departure_delay_minutes"] == 105
    assert 0.5 < expected["disrupted_chance"] < 1, "its aircraft is over an hour and a half late"
    spread = [expected[f"arrival_delay_{name}_minutes"] for name in ("low", "median", "high")]
    assert spread == sorted(spread)
    assert found["model"]["version"] == shipped_model().version

    desk_of_advice = AdviceDesk(Documents(desk.dynamodb, desk.settings))
    desk_of_advice.give(advice("OKC-MCI"))
    (given,) = ask("/routes/OKC-MCI/actions").json()["items"]
    assert (given["answer"], given["actions"][0]["rank"], given["actions"][0]["saves_usd"]) == ("open", 1, 1234.0)


def flight(flight_id: str, route: str, due: datetime, departed: datetime | None = None) -> Report:
    """Of 140 minutes, by one aircraft of 150 seats."""
    origin, destination = route.split("-")
    view = FlightView(
        flight_id=flight_id, route=route, carrier="WN", number="1", origin=origin, destination=destination,
        state=FlightState.DEPARTED if departed else FlightState.SCHEDULED, is_corrected=False,
        scheduled_departure_at=due, scheduled_arrival_at=due + timedelta(minutes=140), actual_departure_at=departed,
        actual_arrival_at=None, tail="N1", aircraft_type="B737", seats=150, passengers=100, cargo_kg=0,
        distance_km=800, traffic_source="test", source="test", event_id=flight_id, event_at=due,
    )  # fmt: skip
    return Report(view, Version(1, 1))


def test_who_signs_in_is_asked_who_it_is(desk: AlertDesk, client: Client) -> None:
    red(desk, "JFK-PDX")
    with IdentityProvider() as provider:
        asked = client(
            url="https://semaforo.example",
            oidc_metadata_url=f"{provider.url}/.well-known/openid-configuration",
            oidc_client_id=CLIENT,
            oidc_client_secret="secret",
            oidc_cookie_secret="c" * 32,
        )

        def status(token: str = "", cookie: dict[str, Any] | None = None, path: str = "/routes/JFK-PDX") -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if cookie is not None:
                signed = create_signed_value("c" * 32, SESSION_COOKIE, json.dumps(cookie)).decode()
                headers["Cookie"] = f"{SESSION_COOKIE}={signed}"
            return int(asked.get(path, headers=headers).status_code)

        viewer = {"email": "vera@example.mx", "semaforo_role": "viewer"}
        assert status() == 401
        assert status(provider.signed(viewer)) == 200
        later = datetime.now(UTC).timestamp() + 600
        session = {"is_logged_in": True, "origin": "https://semaforo.example", "exp": later, **viewer}
        assert status(cookie=session) == 200
        today = f"/deeds?day={datetime.now(UTC).date()}"
        assert status(provider.signed(viewer), path=today) == 403
        assert status(provider.signed({**viewer, "semaforo_role": "admin"}), path=today) == 200

        stranger = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, auto_kid=False)
        for why, refused in {
            "another key": status(provider.signed(viewer, stranger)),
            "another client": status(provider.signed({**viewer, "aud": "another"})),
            "another issuer": status(provider.signed({**viewer, "iss": "https://another"})),
            "over": status(provider.signed({**viewer, "exp": int(later) - 1200})),
            "no role of ours": status(provider.signed({**viewer, "semaforo_role": "root"})),
            "not signed": status("e30.e30."),
            "a session that is over": status(cookie={**session, "exp": later - 1200}),
            "a session elsewhere": status(cookie={**session, "origin": "https://elsewhere.example"}),
        }.items():
            assert refused == 401, why
        assert asked.get("/routes").headers["WWW-Authenticate"] == "Bearer"
        assert {"bearer", "session"} == set(asked.get("/openapi.json").json()["components"]["securitySchemes"])


def test_where_nobody_signs_in_only_this_machine_is_answered(client: Client) -> None:
    """A page of elsewhere whose name was made to lead to this machine brings that name along."""
    assert client().get("/routes", headers={"Host": "rebound.example"}).status_code == 401
