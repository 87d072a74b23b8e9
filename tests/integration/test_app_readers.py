"""What the app reads and how often, on real tables and a real stream; no browser."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from alerts.desk import read_silences
from alerts.documents import Documents
from alerts.live_catalog import KEY, LiveCatalog, Published, publish
from alerts.open_lights import light_key
from alerts.selectors import Selector
from rules.bundle import pack
from rules.load import load_catalog
from schemas.errors import Transient
from schemas.lights import Light
from schemas.rows import KpiRow, pack_rows
from streamlit_app.access import Actor
from streamlit_app.readers.alarms import AlarmsReader
from streamlit_app.readers.cloud_metrics import CHARGED, CloudMetrics
from streamlit_app.readers.lights import LightsReader
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.readers.trends import RowTail
from streamlit_app.readers.watch import Watch
from streamlit_app.settings import AppSettings
from tests.alerts.samples import row
from tests.faulty_proxy import FaultyProxy
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import red

pytestmark = pytest.mark.integration

ANA = Actor("ana", "operator")


@pytest.fixture
def stage(desk: AlertDesk, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Behind a proxy that counts; nothing is read but by `look_again`."""
    for name, value in desk.environment(proxy.url).items():
        monkeypatch.setenv(name, value)
    return Stage(AppSettings.read({}), desk.settings, now_utc)


def test_a_look_reads_what_changed_and_nothing_else(desk: AlertDesk, stage: Stage, proxy: FaultyProxy) -> None:
    desk.process(row(0, 9, entity="JFK-LAX"), row(0, 9, entity="JFK-BOS"))
    first = stage.look_again(ANA)
    assert {"route#JFK-LAX", "route#JFK-BOS"} <= first.entities.keys()
    again = stage.look_again(ANA)
    assert (again.version, again.changed_since(first.version)) == (first.version, [])
    proxy.calls.clear()
    stage.look_again(ANA)
    # Versions and nothing of the lights; alarms and silences, because somebody asked; the rules are known for 30 s.
    assert Counter(proxy.calls) == Counter({"Scan": 1, "Query": 2})

    desk.process(row(10, 6, entity="JFK-BOS"))
    later = stage.look_again(ANA)
    assert [one.name for one in later.changed_since(first.version)] == ["JFK-BOS"]
    assert later.entities["route#JFK-BOS"].worst is Light.RED
    assert later.entities["route#JFK-LAX"] is first.entities["route#JFK-LAX"], "not read again"


def test_a_stage_that_was_started_has_looked(desk: AlertDesk, stage: Stage) -> None:
    """A page that draws before would choose among no routes, and nothing of it would change by itself."""
    desk.process(row(0, 9, entity="JFK-SFO"))
    stage.start()
    try:
        assert "route#JFK-SFO" in stage.snapshot(ANA).entities
    finally:
        stage.stop()


def test_an_alarm_that_is_taken_on_changes_its_entity(desk: AlertDesk, stage: Stage) -> None:
    red(desk, "JFK-SEA")
    before = stage.look_again(ANA)
    (key,) = [key for key in before.alarms if key[0] == "route#JFK-SEA"]
    assert before.alarms[key].acknowledged is None
    stage.acknowledge(ANA, light_key("route", "JFK-SEA", "late"), "mine")
    after = stage.snapshot(ANA)
    taken = after.alarms[key].acknowledged
    assert taken is not None
    assert (taken.by, taken.comment) == ("ana", "mine")
    assert [one.key for one in after.changed_since(before.version)] == ["route#JFK-SEA"]


def test_an_alarm_comes_and_goes_with_its_light(desk: AlertDesk, proxy: FaultyProxy) -> None:
    """Whatever becomes of the others is read two seconds later; here no time passes."""
    dynamodb, now = desk.client("dynamodb", proxy.url), now_utc()
    documents = Documents(dynamodb, desk.settings)
    catalog = LiveCatalog(documents, load_catalog(), lambda: now)
    watch = Watch(LightsReader(dynamodb, desk.settings), documents, catalog, lambda: now, 1, 1)
    red(desk, "JFK-PHX")
    first = watch.look()
    assert ("route#JFK-PHX", "late") in first.alarms

    red(desk, "JFK-MSP")
    proxy.calls.clear()
    second = watch.look()
    assert second.alarms.keys() - first.alarms.keys() == {("route#JFK-MSP", "late")}
    assert second.alarms["route#JFK-PHX", "late"] is first.alarms["route#JFK-PHX", "late"], "not read again"
    assert Counter(proxy.calls) == Counter({"Scan": 1, "BatchGetItem": 2})

    desk.process(row(11, 6, entity="JFK-PHX"), row(200, 9, entity="JFK-MSP"), row(400, 9, entity="JFK-MSP"))
    assert watch.look().entities["route#JFK-MSP"].worst is Light.GREEN
    assert watch.snapshot().alarms.keys() == first.alarms.keys()


def test_alarms_are_read_from_the_table_only_where_they_changed(desk: AlertDesk, proxy: FaultyProxy) -> None:
    documents = Documents(desk.client("dynamodb", proxy.url), desk.settings)
    reader, again = AlarmsReader(documents), AlarmsReader(documents)
    red(desk, "JFK-SLC")
    salt_lake, nowhere = (light_key("route", route, "late") for route in ("JFK-SLC", "JFK-PDX"))
    first = reader.read((), others=True)
    proxy.calls.clear()
    assert reader.read((), others=True) is first
    assert proxy.calls == ["Query"]
    assert reader.read([salt_lake, nowhere], others=False) is first

    document = documents.get(salt_lake)
    proxy.calls.clear()
    assert again.read([salt_lake], others=False, known=[document]).keys() == {("route#JFK-SLC", "late")}
    assert proxy.calls == []
    again.read([salt_lake], others=False, known=[document])
    assert proxy.calls == ["BatchGetItem"], "it turned, and what is known of it is from before"


def test_a_store_that_is_away_leaves_what_was_known(desk: AlertDesk, stage: Stage, proxy: FaultyProxy) -> None:
    red(desk, "JFK-DEN")
    known = stage.look_again(ANA)
    proxy.plan = lambda _operation: "refuse"
    away = stage.look_again(ANA)
    assert away.problem
    assert (away.entities, away.read_at) == (known.entities, known.read_at)
    proxy.plan = lambda _operation: "pass"
    assert stage.look_again(ANA).problem == ""


def test_rules_that_were_read_stay_while_the_table_is_away(stage: Stage, proxy: FaultyProxy) -> None:
    """Or a page would go, and with it what somebody types there."""
    proxy.plan = lambda _operation: "refuse"
    with pytest.raises(Transient):
        stage.rule_desk.in_force(ANA)
    proxy.plan = lambda _operation: "pass"
    known = stage.rule_desk.in_force(ANA)
    proxy.plan = lambda _operation: "refuse"
    assert stage.rule_desk.in_force(ANA) is known


def test_rules_that_no_worker_takes_over_are_not_shown_as_in_force(desk: AlertDesk, stage: Stage) -> None:
    """What another release published and this one refuses: a worker runs on what was published before."""
    documents, shipped = Documents(desk.dynamodb, desk.settings), pack()
    publish(documents, {"completion.toml": shipped["completion.toml"]}, now_utc())
    stored = documents.get(KEY)
    before = stored.read(Published, Published({}))
    broken = {"completion.toml": shipped["completion.toml"].replace("amber", "ambar")}
    documents.put(stored.written(Published(broken, before.files, now_utc(), before.kept)))
    try:
        found = stage.rule_desk.in_force(ANA)
        assert [file.rule.id for file in found.files] == ["completion"]
        assert found.published_at == before.published_at
    finally:
        publish(documents, {}, now_utc())
    assert stage.rule_desk.in_force(ANA).published_at is None


def test_what_was_done_is_seen_by_the_commands_too(desk: AlertDesk, stage: Stage) -> None:
    made = stage.silence(ANA, Selector(route=("JFK-*",)), timedelta(hours=1), "strike")
    found = {one.silence_id: one for one in read_silences(Documents(desk.dynamodb, desk.settings), now_utc())}
    assert (found[made.silence_id].author, found[made.silence_id].comment) == ("ana", "strike")
    stage.unsilence(ANA, made.silence_id)
    assert made.silence_id not in [one.silence_id for one in stage.silences(ANA)]


def test_trends_come_off_the_stream_and_garbage_is_passed_over(desk: AlertDesk) -> None:
    kinesis, stream = desk.client("kinesis"), desk.outputs["KpiStream"]
    tail = RowTail(kinesis, stream, now_utc() - timedelta(minutes=5))
    assert tail.next() == []
    rows = [row(0, 9), row(30, 6)]
    for data in (pack_rows(rows[:1]), b"garbage", pack_rows(rows[1:])):
        kinesis.put_record(StreamName=stream, Data=data, PartitionKey="1")
    seen: list[KpiRow] = []
    deadline = time.monotonic() + 20
    while len(seen) < 2 and time.monotonic() < deadline:
        seen += tail.next()
    assert seen == rows


def test_what_the_month_cost_so_far_is_what_aws_says(desk: AlertDesk, stage: Stage) -> None:
    assert stage.metrics(ANA)[0][CHARGED] is None
    cloudwatch = desk.client("cloudwatch")
    charged = {"MetricName": "EstimatedCharges", "Dimensions": [{"Name": "Currency", "Value": "USD"}]}
    for hours, usd in ((8, 11.25), (2, 12.5)):
        data = [{**charged, "Value": usd, "Timestamp": now_utc() - timedelta(hours=hours)}]
        cloudwatch.put_metric_data(Namespace="AWS/Billing", MetricData=data)
    assert CloudMetrics(cloudwatch, cloudwatch, "test").newest(now_utc())[0][CHARGED] == 12.5
