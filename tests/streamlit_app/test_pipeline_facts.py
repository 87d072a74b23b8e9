"""How the pipeline does, worked out by hand."""

from datetime import UTC, datetime, timedelta

import msgspec

from alerts.history import StoredAlert
from rules.evaluate import evaluate
from schemas.codec import encode
from schemas.events import RouteHeartbeat
from schemas.lights import Alert, LightState
from streamlit_app.pipeline_facts import lag_chart, latency_of, newest_judged, per_second
from streamlit_app.readers.brokers import Brokers, Flow, TopicFlow, read_payload
from tests.alerts.samples import row, rule

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def told(milliseconds: float | None, kind: str = "alert") -> StoredAlert:
    """An alert that was sent so long after its event reached the brokers; None: not yet."""
    late = row(10, 6)
    _, change = evaluate(rule(), late, {}, LightState(), late.ingested_at)
    assert change is not None
    message = Alert(
        alert_id="1", stage="test", transition=change, subject="s", text="t", text_es="t", decided_at=NOW,
        modelled=False, kind=kind,  # type: ignore[arg-type]
    )  # fmt: skip
    sent_at = None if milliseconds is None else change.ingested_at + timedelta(milliseconds=milliseconds)
    return StoredAlert(message, "pending" if sent_at is None else "sent", "", sent_at)


def test_latency_is_of_what_was_told_first_and_sent() -> None:
    alerts = [told(100), told(200), told(400), told(None), told(9_000_000, "repeat")]
    found = latency_of(alerts)
    assert found is not None
    assert (found.count, found.p50_ms, found.p99_ms) == (3, 200, 400)
    assert latency_of([told(None)]) is None


def test_the_p99_of_a_hundred_is_the_ninety_ninth() -> None:
    found = latency_of(told(ms) for ms in range(1, 101))
    assert found is not None
    assert (found.count, found.p50_ms, found.p99_ms) == (100, 50, 99)


def look(second: int, written: int, lag: int | None) -> Flow:
    topics = (TopicFlow(topic="flight-status", kept=written, written=written, lag=lag),)
    return Flow(at=NOW + timedelta(seconds=second), topics=topics)


def test_messages_a_second_and_lag_over_time() -> None:
    flows = [look(0, 100, 5), look(2, 130, 0), look(10, 200, None)]
    assert per_second(flows, "flight-status") == 10
    assert per_second(flows[:1], "flight-status") is None
    assert per_second(flows, "airport-weather") is None
    chart = lag_chart(flows, "lag")
    assert chart is not None
    assert [one["lag"] for one in chart["data"]["values"]] == [5, 0]
    assert chart["encoding"]["y"]["scale"]["domain"] == [0, 5]
    assert lag_chart(flows[2:], "lag") is None


def test_nothing_judged_is_not_known() -> None:
    assert newest_judged([]) is None


def test_a_refused_message_is_read_as_far_as_it_goes() -> None:
    beat = RouteHeartbeat(event_id="1", event_at=NOW, source="test", origin="JFK", destination="LAX")
    record, text = read_payload(encode(beat))
    assert record == "RouteHeartbeat v1"
    assert msgspec.json.decode(text)["origin"] == "JFK"
    record, text = read_payload(encode(beat)[:-2])
    assert (record, text.startswith(f"{len(encode(beat)) - 2} bytes: ")) == ("RouteHeartbeat v1", True)
    assert read_payload(b"<b>")[0] == "?"


def test_brokers_nobody_named_are_said_to_be_away_and_not_asked_again_at_once() -> None:
    brokers = Brokers("", "test")
    (only,) = brokers.flows(NOW)
    assert "SEMAFORO_KAFKA_BOOTSTRAP" in only.problem
    assert brokers.flows(NOW + timedelta(seconds=5)) == [only]
    assert len(brokers.flows(NOW + timedelta(seconds=20))) == 2
    assert brokers.peek("dead-letters") == ([], only.problem)
