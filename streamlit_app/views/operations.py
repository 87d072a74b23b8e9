"""Operations: how the pipeline does, each figure from where it really is; what was refused or came late."""

from typing import Final

import streamlit as st

from schemas.lights import Light
from streamlit_app.airports import instant_text
from streamlit_app.inert import element, markdown_text, together
from streamlit_app.light_marks import light_mark
from streamlit_app.pipeline_facts import Figure, lag_chart, latency_of, newest_judged, per_second
from streamlit_app.readers.brokers import Flow, Peek
from streamlit_app.readers.cloud_metrics import CHARGED
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.trouble import every

LOOK_SECONDS: Final = 2.0
MOST_PEEKED: Final = 50


def draw(view: View) -> None:
    """The page."""
    _pipeline()
    for topic, title in (("dead-letters", "dead_letters"), ("late-events", "late_events")):
        peeks, problem = view.stage.peek(view.actor, topic)
        _peeked(view, title, peeks, problem)


@every(LOOK_SECONDS)
def _pipeline(view: View) -> None:
    say = view.say
    flows = view.stage.flows(view.actor)
    figures = _figures(view, flows[-1])
    lines = [
        [
            say[f"fact_{one.name}"],
            one.value or together([light_mark(Light.GREY, say), element("span", f"{say['unknown']}: {one.why}")]),
            one.source,
        ]
        for one in figures
    ]
    st.html(together([element("h2", say["pipeline"]), table(["", say["value"], say["source"]], lines)]))
    if flows[-1].problem:
        st.html(element("h2", say["topics"]))
        st.warning(say["no_brokers"])
        st.text(flows[-1].problem)
        return
    rows = []
    for one in flows[-1].topics:
        rate = per_second(flows, one.topic)
        rows.append(
            [
                one.topic, f"{one.kept:,}", f"{one.written:,}", "–" if rate is None else f"{rate:,.1f}",
                "–" if one.lag is None else f"{one.lag:,}",
            ]
        )  # fmt: skip
    head = [say[name] for name in ("topic", "kept", "written", "per_second", "lag")]
    st.html(together([element("h2", say["topics"]), table(head, rows, numbers=(1, 2, 3, 4))]))
    if spec := lag_chart(flows, say["lag"]):
        st.vega_lite_chart(spec=spec, alt=markdown_text(say["lag"]), key="lag")


def _figures(view: View, flow: Flow) -> list[Figure]:
    say = view.say
    snapshot, alerts = view.stage.snapshot(view.actor), view.stage.alerts(view.actor)
    latency, judged = latency_of(alerts), newest_judged(snapshot.entities.values())
    metrics, problem = view.stage.metrics(view.actor)
    charged = metrics.get(CHARGED)
    said = f"{latency.p50_ms:,.0f} / {latency.p99_ms:,.0f} ms (n {latency.count:,})" if latency else ""
    waiting = sum(one.status == "pending" for one in alerts)
    moved = say("ago", age=say.age(view.now - flow.moved_at)) if flow.moved_at else ""
    return [
        Figure(name="latency", value=said, source="DynamoDB, outbox", why=say["no_alert_sent"]),
        Figure(
            name="judged", source="DynamoDB, lights", why=say["no_row_judged"],
            value=say("ago", age=say.age(view.now - judged)) if judged else "",
        ),
        Figure(name="rows", value=f"{view.stage.rows_read(view.actor):,}", source="Kinesis"),
        Figure(name="waiting", value=f"{waiting:,}", source="DynamoDB, outbox"),
        Figure(
            name="checkpoint", value=moved, source="Kafka, offsets of the KPI job",
            why=flow.problem or say["no_checkpoint_seen"],
        ),
        *(
            Figure(
                name=name, value=_metric(name, metrics.get(name)), source="CloudWatch", why=problem or say["no_metric"]
            )
            for name in ("function_age_ms", "function_errors", "quarantined")
        ),
        Figure(
            name="cost", value="" if charged is None else f"US$ {charged:,.2f}", source="CloudWatch, AWS/Billing",
            why=say["no_cost"],
        ),
    ]  # fmt: skip


def _metric(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} ms" if name.endswith("_ms") else f"{value:,.0f}"


def _peeked(view: View, title: str, peeks: list[Peek], problem: str) -> None:
    say = view.say
    st.subheader(say[title], anchor=False)
    if problem:
        st.caption(markdown_text(f"{say['no_brokers']}: {problem}"))
        return
    if not peeks:
        st.info(say["nothing_here"])
        return
    shown = peeks[:MOST_PEEKED]
    st.caption(say("newest_of", count=len(shown)))
    rows = [
        [
            instant_text(one.at),
            one.topic,
            f"{one.partition} / {one.offset:,}",
            one.record,
            one.reason,
            element("details", element("summary", say["decoded"]), element("pre", one.text, class_="sem-text")),
        ]
        for one in shown
    ]
    head = [say[name] for name in ("at", "topic", "position", "record", "reason", "decoded")]
    st.html(table(head, rows, unbroken=(0, 2)))
