"""Rules published to a running stage: taken over whole, refused when broken, and kept while the table is away."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts import live_catalog
from alerts.documents import Documents
from alerts.live_catalog import (
    FRESH_FOR,
    KEY,
    MOST_BYTES,
    KeptCatalog,
    LiveCatalog,
    Published,
    kept_files,
    publish,
)
from rules.bundle import Bundle, pack, unpack
from rules.load import load_catalog
from rules.problems import CatalogError
from schemas.errors import Transient
from schemas.rows import pack_rows
from tests.alerts.samples import row
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import ROOT, AlertDesk, now
from tests.rules.test_load import RULE
from tests.rules.test_testing import NEGATIVE, POSITIVE

pytestmark = pytest.mark.integration

STRICT: Bundle = {"late.toml": RULE + POSITIVE + NEGATIVE}
# The same rule, which no longer does what its own test says.
BROKEN: Bundle = {"late.toml": STRICT["late.toml"].replace("red = 70", "red = 60")}
LENIENT = STRICT["late.toml"].replace("amber = 80\nred = 70", "amber = 40\nred = 30")
LENIENT = LENIENT.replace("recover_amber = 83\nrecover_red = 73", "recover_amber = 43\nrecover_red = 33")
# What a rule that asks for less than 30 % is tested by.
QUIET = """
[[tests]]
name = "hardly any is on time"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 12, 11, "nothing"], ["30m", 12, 11, "GREEN"], ["4h", 12, 1, "nothing"], ["5h", 12, 1, "RED"]]
[[tests]]
name = "one flight"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 1, 0, "nothing"]]
"""


class Wall:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def documents(desk: AlertDesk) -> Iterator[Documents]:
    """The table; afterwards the shipped rules are in force again, for whoever shares the stage."""
    table = Documents(desk.dynamodb, desk.settings)
    yield table
    publish(table, {}, now())


def live(desk: AlertDesk, clock: Wall, endpoint_url: str | None = None) -> LiveCatalog:
    return LiveCatalog(Documents(desk.client("dynamodb", endpoint_url), desk.settings), load_catalog(), clock)


def put_unchecked(documents: Documents, files: Bundle) -> None:
    """What an older or newer release may find: rules that were sound where they were published."""
    stored = documents.get(KEY)
    before = stored.read(Published, Published({})).files
    documents.put(stored.written(Published(dict(files), before)))


def test_published_rules_take_over_after_half_a_minute_and_the_shipped_ones_again(
    desk: AlertDesk, documents: Documents
) -> None:
    clock = Wall()
    catalog = live(desk, clock)
    shipped = catalog.current()
    assert shipped.version == load_catalog().version
    publish(documents, STRICT, clock.at)
    clock.at += FRESH_FOR - timedelta(seconds=1)
    assert catalog.current() is shipped
    clock.at += timedelta(seconds=1)
    assert list(catalog.current().rules) == ["late"]
    publish(documents, {}, clock.at)
    clock.at += FRESH_FOR
    assert catalog.current().version == shipped.version


def test_what_was_published_can_be_read_again_until_others_took_its_place(
    desk: AlertDesk, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> tuple[KeptCatalog, ...]:
        return documents.get(KEY).read(Published, Published({})).kept

    monkeypatch.setattr(live_catalog, "KEPT", 2)
    other = {"late.toml": STRICT["late.toml"].replace("red = 70", "red = 71")}
    for files in (STRICT, {}, other):
        publish(documents, files, now())
    first, second = kept()
    assert (first.version, second.version) == (unpack(STRICT).version, unpack(other).version)
    assert (kept_files(documents, first.number), kept_files(documents, second.number)) == (STRICT, other)
    publish(documents, STRICT, now())
    assert [one.number for one in kept()] == [second.number, second.number + 1]
    assert kept_files(documents, second.number + 1) == STRICT
    assert kept_files(documents, first.number) == {}, "another stands in its place"


def test_a_light_bears_the_version_of_the_published_rule(desk: AlertDesk, documents: Documents, route: str) -> None:
    publish(documents, STRICT, now())
    worker = desk.worker()
    worker.semaforo.use(live(desk, Wall()).current())
    # The tests' one rule was the worker's; now the published one judges, and asks for half an hour of it.
    for minute in (0, 30, 240, 300):
        worker.semaforo.process([[row(minute, 9 if minute < 240 else 2, entity=route, ingested_at=now())]])
    lights = [(str(one.transition.to_light), one.transition.rule_version) for one in desk.log(route)]
    assert lights == [(light, unpack(STRICT).rules["late"].version) for light in ("GREEN", "RED")]


def test_what_does_not_pass_is_not_published(desk: AlertDesk, documents: Documents) -> None:
    with pytest.raises(CatalogError, match=r"late\.toml:26: 'half are late' at 5h: expected RED, got AMBER"):
        publish(documents, BROKEN, now())
    assert live(desk, Wall()).current().version == load_catalog().version


def test_a_broken_version_is_refused_with_its_problems_and_the_old_one_stays(
    desk: AlertDesk, documents: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Wall()
    running = live(desk, clock)
    publish(documents, STRICT, clock.at)
    strict = running.current()
    put_unchecked(documents, BROKEN)
    clock.at += FRESH_FOR
    capsys.readouterr()
    assert running.current() is strict
    assert "late.toml:26: 'half are late' at 5h: expected RED, got AMBER" in capsys.readouterr().out
    # A worker that starts now takes what was in force before, and says so once.
    assert live(desk, clock).current().version == strict.version
    clock.at += FRESH_FOR
    capsys.readouterr()
    assert running.current() is strict
    assert capsys.readouterr().out == ""


def test_while_the_table_is_away_what_is_known_stays_and_nobody_starts_by_guessing(
    desk: AlertDesk, documents: Documents, proxy: FaultyProxy
) -> None:
    clock = Wall()
    publish(documents, STRICT, clock.at)
    running = live(desk, clock, proxy.url)
    strict = running.current()
    proxy.plan = first(10_000, "BatchGetItem", "refuse")
    clock.at += FRESH_FOR
    assert running.current() is strict
    with pytest.raises(Transient):
        live(desk, clock, proxy.url).current()


def test_the_command_publishes_refuses_and_goes_back(desk: AlertDesk, documents: Documents, tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "alerts.publish_rules", *words],
            capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=desk.environment(),
        )  # fmt: skip

    (tmp_path / "late.toml").write_text(BROKEN["late.toml"])
    broken = call(str(tmp_path))
    assert broken.returncode == 1
    assert "late.toml:26: 'half are late' at 5h" in broken.stderr
    (tmp_path / "late.toml").write_text(STRICT["late.toml"])
    done = call(str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 files of" in done.stdout
    assert list(live(desk, Wall()).current().rules) == ["late"]
    assert "the shipped rules are in force within 30 s" in call("--shipped").stdout
    assert live(desk, Wall()).current().version == load_catalog().version


def test_rules_are_tried_beside_those_in_force_and_nobody_is_told(
    desk: AlertDesk, documents: Documents, route: str, tmp_path: Path
) -> None:
    """STRICT wants half an hour below 70 %, the one tried asks below 50: the same rows, one alarm and none."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "alerts.try_rules", str(tmp_path), "--back", "1h", "--for", "0s", *words],
            capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=desk.environment(),
        )  # fmt: skip

    publish(documents, STRICT, now())
    (tmp_path / "late.toml").write_text(LENIENT)
    refused = call()
    assert refused.returncode == 1
    assert "late.toml:1: no negative test" in refused.stderr, "the file's own tests are of the rule before"
    (tmp_path / "late.toml").write_text(LENIENT.split("\n[[tests]]")[0] + QUIET)

    rows = [row(minute, 9 if minute < 240 else 5, entity=route, ingested_at=now()) for minute in (0, 30, 240, 300)]
    desk.client("kinesis").put_record(StreamName=desk.outputs["KpiStream"], Data=pack_rows(rows), PartitionKey=route)
    tried = call("--json", "--promote")
    assert (tried.returncode, tried.stderr) == (0, "test: in force within 30 s\n")
    (late,) = (json.loads(line) for line in tried.stdout.splitlines())
    assert (late["told_in_force"], late["told_tried"]) == (1, 0)
    assert {"entity": route, "in_force": "RED", "tried": "GREEN"} in late["differs"]
    assert live(desk, Wall()).current().version == unpack(pack(tmp_path)).version

    (tmp_path / "late.toml").write_text(STRICT["late.toml"])
    worse = call("--promote")
    assert (worse.returncode, worse.stderr) == (1, "try_rules: not put in force: 1 alerts more, at most 0\n")
    assert f"{route}: GREEN -> RED" in worse.stdout
    assert live(desk, Wall()).current().version != unpack(STRICT).version, "promoted it is not"


def test_two_catalogues_fit_one_item() -> None:
    """The limit has room for both, as it is and as it was."""
    assert 2 * sum(map(len, pack().values())) < MOST_BYTES / 2
