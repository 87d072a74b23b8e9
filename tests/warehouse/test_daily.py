"""The chain of a day: order, retries, what is skipped, what is not reached, and what the command says of it."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from psycopg import OperationalError
from typer.testing import CliRunner

from schemas.errors import InvalidMessage, Transient
from warehouse import daily_command
from warehouse.__main__ import app
from warehouse.daily import Outcome, is_transient, run_chain
from warehouse.daily_steps import STEPS, Step, report_dates
from warehouse.settings import HistorySettings

DAY = date(2026, 3, 2)


class Chain:
    """Steps that note when they ran and for which dates, and fail as they are told to."""

    def __init__(self, **failures: list[Exception]) -> None:
        self.ran: list[tuple[str, tuple[date, ...]]] = []
        self.waited: list[float] = []
        self.told: list[str] = []
        self.steps = [Step(one.name, self._runs(one.name, failures.get(one.name, [])), one.skip) for one in STEPS]

    def _runs(self, name: str, failures: list[Exception]):  # type: ignore[no-untyped-def]
        def run(settings: HistorySettings, dates: Sequence[date]) -> str:
            self.ran.append((name, tuple(dates)))
            if failures:
                raise failures.pop(0)
            return f"{name} of {settings.stage}"

        return run

    def __call__(self, **environment: str) -> list[Outcome]:
        return run_chain(
            self.steps,
            HistorySettings(),
            [DAY],
            environment,
            tell=self.told.append,
            wait=self.waited.append,
            chance=lambda: 1.0,
        )


def test_the_steps_run_in_order_for_the_day() -> None:
    chain = Chain()
    outcomes = chain(SEMAFORO_BOOKING_DSN="postgresql://bookings")
    assert chain.ran == [(name, (DAY,)) for name in ("compact", "booking", "star", "report")]
    assert [(outcome.status, outcome.note) for outcome in outcomes] == [
        ("done", f"{name} of demo") for name in ("compact", "booking", "star", "report")
    ]


def test_without_a_booking_system_its_step_is_skipped_with_a_word() -> None:
    chain = Chain()
    outcomes = chain()
    assert [name for name, _ in chain.ran] == ["compact", "star", "report"]
    assert str(outcomes[1]) == "booking: skipped: no booking system: SEMAFORO_BOOKING_DSN is not set"


def test_what_passes_is_tried_again_three_times_in_all() -> None:
    chain = Chain(compact=[Transient("busy"), Transient("busy")], star=[Transient("busy")] * 3)
    outcomes = chain()
    assert [name for name, _ in chain.ran] == ["compact"] * 3 + ["star"] * 3
    assert chain.waited == [2.0, 4.0, 2.0, 4.0]
    assert [(o.step, o.status, o.attempts) for o in outcomes] == [
        ("compact", "done", 3),
        ("booking", "skipped", 0),
        ("star", "failed", 3),
        ("report", "not reached", 0),
    ]
    assert outcomes[2].note == "Transient: busy"


def test_what_is_wrong_stays_wrong() -> None:
    chain = Chain(compact=[InvalidMessage("line 3: not a raw line")])
    assert [outcome.status for outcome in chain()] == ["failed", "not reached", "not reached", "not reached"]
    assert chain.waited == []


def caused(error: Exception) -> Exception:
    wrapped = RuntimeError("the step failed")
    wrapped.__cause__ = error
    return wrapped


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Transient("a broker is away"), True),
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (OperationalError("the connection is closed"), True),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), True),
        (ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "PutObject"), True),
        (ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "GetObject"), True),  # type: ignore[typeddict-item]
        (ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "GetObject"), False),
        (caused(Transient("busy")), True),
        (caused(ValueError()), False),
        (FileNotFoundError(), False),
        (KeyError("column"), False),
    ],
)
def test_what_may_pass(error: Exception, passes: bool) -> None:
    assert is_transient(error) is passes


def test_the_day_of_a_scheduled_run() -> None:
    assert report_dates({"SEMAFORO_REPORT_DATE": "2026-03-02"}) == [DAY]
    before = datetime.now(UTC).date()
    yesterdays = {report_dates(given)[0] for given in ({}, {"SEMAFORO_REPORT_DATE": "yesterday"})}
    assert yesterdays <= {before - timedelta(days=1), datetime.now(UTC).date() - timedelta(days=1)}
    with pytest.raises(ValueError, match="Invalid isoformat"):
        report_dates({"SEMAFORO_REPORT_DATE": "tomorrow"})


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    made = Chain()
    monkeypatch.setattr(daily_command, "STEPS", made.steps)
    monkeypatch.delenv("SEMAFORO_BOOKING_DSN", raising=False)
    return made


def test_the_command_runs_the_chain_and_sums_it_up(chain: Chain, tmp_path: Path) -> None:
    summary = tmp_path / "out" / "summary.json"
    words = ["daily", "--from", "2026-02-28", "--to", "2026-03-02", "--summary-file", str(summary)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "daily 2026-02-28 to 2026-03-01: 3 done, 1 skipped, 0 failed" in done.output
    assert chain.ran[-1] == ("report", (date(2026, 2, 28), date(2026, 3, 1)))
    assert [one["status"] for one in json.loads(summary.read_text())] == ["done", "skipped", "done", "done"]


def test_one_step_alone(chain: Chain) -> None:
    assert CliRunner().invoke(app, ["daily", "--step", "star", "--date", "2026-03-02"]).exit_code == 0
    assert chain.ran == [("star", (DAY,))]


def test_a_failure_is_exit_code_1(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_command, "STEPS", Chain(compact=[KeyError("column")]).steps)
    done = CliRunner().invoke(app, ["daily", "--date", "2026-03-02"])
    assert done.exit_code == 1
    assert "compact: failed in 0.0 s: KeyError: 'column'" in done.output


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "2026-03-02"],
        ["--to", "2026-03-02"],
        ["--from", "2026-03-02", "--to", "2026-03-02"],
        ["--from", "2026-03-01", "--to", "2026-03-02", "--date", "2026-03-02"],
        ["--date", "02/03/2026"],
        ["--step", "tableau"],
    ],
)
def test_wrong_options_are_exit_code_2(chain: Chain, words: list[str]) -> None:
    assert CliRunner().invoke(app, ["daily", *words]).exit_code == 2
    assert chain.ran == []


def test_wrong_settings_are_exit_code_2(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMAFORO_STAGE", "No Stage")
    done = CliRunner().invoke(app, ["daily"])
    assert done.exit_code == 2
    assert "stage: String should match pattern" in done.output


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("warehouse.compaction.compact", "compact"),
        ("warehouse.booking.etl", "run_etl"),
        ("warehouse.star", "build"),
        ("warehouse.report.write", "write"),
    ],
)
def test_each_step_finds_its_entry(module: str, function: str) -> None:
    assert callable(getattr(import_module(module), function))
