"""One route, airport or carrier: what to do, its lights, KPIs with their terms, how it came, causes, money, weather."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from alerts.entity import ALARMS, EntityLights, entity_key, scope_of
from alerts.items import LogEntry
from alerts.messages import stake_line
from schemas.lights import LightState
from schemas.rows import WINDOW_LENGTH, KpiRow, ends_of
from streamlit_app import session
from streamlit_app.airports import airport, instant_text
from streamlit_app.board import evidence_text, flown_by, risk_text, value_text
from streamlit_app.inert import Markup, bare, csv_text, element, markdown_text, together
from streamlit_app.light_marks import light_mark
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.route_facts import ECONOMICS, KpiFact, causes_of, kpi_facts, lights_worst_first, timeline_of
from streamlit_app.rule_words import unit_text
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.term_text import terms_text
from streamlit_app.timeline_chart import timeline_chart
from streamlit_app.trouble import every, lights_or_why
from streamlit_app.views import advice, flights_behind, weather
from streamlit_app.words import Speech

MOST_CHANGES: Final = 50
FOLLOW_SECONDS: Final = 5
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


def draw(view: View) -> None:
    """The page: `?route=JFK-LAX`, or an airport or carrier by its code."""
    snapshot = lights_or_why(view)
    if snapshot is None:
        return
    one = _chosen(view, snapshot)
    if one is None:
        return
    known = _known(view, snapshot, one.key)
    log = view.stage.log(view.actor, one.key, END_OF_TIME)
    _head(view, one)
    advice.draw(view, one)
    _timeline(view, one, snapshot, log)
    _lights(view, one, snapshot)
    _economics(view, one)
    _causes(view, one)
    _kpis(view, one)
    flights_behind.draw(view, one)
    weather.draw(view, one)
    _changes(view, one, log)
    _follow(one.key, known)


@every(FOLLOW_SECONDS)
def _follow(view: View, key: str, shown: tuple[int, bool]) -> None:
    """The page runs again once more is known of the entity than it shows."""
    if _known(view, view.stage.snapshot(view.actor), key) != shown:
        st.rerun()


def _known(view: View, snapshot: Snapshot, key: str) -> tuple[int, bool]:
    return snapshot.changed_in.get(key, 0), view.stage.trends_are_read(view.actor)


def _chosen(view: View, snapshot: Snapshot) -> EntityLights | None:
    names = sorted(one.name for one in snapshot.entities.values())
    asked = st.query_params.get("route", "").upper()
    if asked and asked not in names:
        st.warning(markdown_text(view.say("unknown_entity", entity=asked)))
        asked = ""
    if not st.context.is_embedded:
        at = names.index(asked) if asked else None
        asked = st.selectbox(view.say["choose_route"], names, index=at) or ""
        if asked and st.query_params.get("route") != asked:
            st.query_params["route"] = asked
        if not asked:
            st.info(view.say["choose_route_why"])
    return snapshot.entities.get(entity_key(scope_of(asked), asked)) if asked else None


def _head(view: View, one: EntityLights) -> None:
    places = [airport(code) for code in ends_of(one.name)] if one.scope != "carrier" else []
    cities = " – ".join(place.city for place in places if place)
    flying = f"{view.say['flown_by']} {', '.join(flown_by(one))}" if flown_by(one) else ""
    newest = max((row.at for row in one.rows.values()), default=None)
    where = ends_of(one.name)[0] if one.scope != "carrier" else ""
    at = f"{view.say['data_of']} {instant_text(newest, where)}" if newest else ""
    st.html(
        together(
            [
                element("h1", one.name, class_="sem-headline"),
                element("p", " · ".join(text for text in (cities, flying, at) if text), class_="sem-small"),
            ]
        )
    )


def _lights(view: View, one: EntityLights, snapshot: Snapshot) -> None:
    say = view.say
    rows = [
        [
            light_mark(state.light, say, named=True),
            say.rule(snapshot.rules.get(rule_id), rule_id),
            value_text(state.evidence),
            evidence_text(state.evidence, snapshot.rules.get(rule_id), say),
            say.usd_per_hour(state.severity.usd_per_hour, state.severity.modelled)
            if state.severity and state.light in ALARMS
            else "",
            instant_text(state.since_at) if state.since_at else "–",
            _reason(state, say),
        ]
        for rule_id, state in lights_worst_first(one)
    ]
    head = ("light", "rule", "value", "terms", "at_stake", "since", "reason")
    st.html(
        together(
            [element("h2", say["lights"]), table([say[name] for name in head], rows, numbers=(2, 4), unbroken=(0, 5))]
        )
    )


def _reason(state: LightState, say: Speech) -> str:
    stake = stake_line(state.severity, say.language) if state.severity and state.light in ALARMS else ""
    return " · ".join(text for text in (say.reason(state.reason), risk_text(state.evidence, say), stake) if text)


def _timeline(view: View, one: EntityLights, snapshot: Snapshot, log: list[LogEntry]) -> None:
    say = view.say
    # As the log has them: with the thresholds that held there, whatever the catalogue says by now.
    rules = {**snapshot.rules, **{entry.transition.rule: entry.rule for entry in log}}
    known = [rule_id for rule_id, _ in lights_worst_first(one) if rule_id in rules]
    if not known:
        return
    st.subheader(say["timeline"], anchor=False)
    rule_id = st.selectbox(
        say["rule"],
        known,
        format_func=lambda name: bare(say.rule(rules[name], name)),
        key=f"rule {one.key}",
    )
    rule = rules[rule_id]
    rows = view.stage.trend(view.actor, one.key, rule.window)
    newest = max((row.at for row in one.rows.values()), default=view.now)
    timeline = timeline_of(rule, rows, log, newest)
    st.caption(
        markdown_text(
            f"{say.kpi(rule.kpi)}, {say.window(rule.window)} · {rule.kpi.formula} · {say['threshold_amber']} "
            f"{rule.thresholds.amber:g}, {say['threshold_red']} {rule.thresholds.red:g} {unit_text(rule, say)}"
        )
    )
    if not rows:
        st.info(markdown_text(say("no_trend", hours=view.settings.trend_hours)))
    if rows or timeline.spans:
        dark = st.context.theme.type == "dark"
        alt = f"{say['timeline']}: {say.kpi(rule.kpi)}, {one.name}"
        spec = timeline_chart(timeline, rule.kpi.unit, say, dark=dark)
        st.vega_lite_chart(spec=spec, alt=markdown_text(alt), key=f"timeline {one.key} {rule_id}")


def _economics(view: View, one: EntityLights) -> None:
    say = view.say
    st.html(together([element("h2", say["economics"]), _facts(kpi_facts(one, ECONOMICS), say)]))


def _causes(view: View, one: EntityLights) -> None:
    say = view.say
    row = one.rows.get("24h")
    parts: list[Markup] = [element("h2", f"{say['causes']}, {say.window('24h')}")]
    causes = causes_of(row) if row else []
    if not causes or row is None:
        parts.append(element("p", say["no_delay"]))
    else:
        parts.append(_bars(causes, row, say))
    st.html(together(parts))


def _bars(causes: list[tuple[str, int]], row: KpiRow, say: Speech) -> Markup:
    most, total = causes[0][1], sum(minutes for _, minutes in causes)
    mark = f" {say['modelled']}" if row["modelled_operations"] else ""
    rows = [
        [
            f"{say[name]}{mark}",
            f"{minutes:,} / {total:,} {say['minutes']}",
            element("span", class_="sem-bar", style=f"width:{20 * minutes / most:.1f}rem"),
        ]
        for name, minutes in causes
    ]
    return table([say["causes"], say["minutes"], ""], rows, numbers=(1,))


def _kpis(view: View, one: EntityLights) -> None:
    say, facts = view.say, kpi_facts(one)
    st.html(together([element("h2", say["kpis"]), _facts(facts, say)]))
    lines = [
        (one.name, fact.kpi.name, fact.window, fact.at.isoformat(), fact.value, fact.kpi.unit, fact.numerator,
         fact.denominator, fact.kpi.formula, fact.modelled)
        for fact in facts
    ]  # fmt: skip
    header = ("entity", "kpi", "window", "at", "value", "unit", "numerator", "denominator", "formula", "modelled")
    st.download_button(say["download"], csv_text(header, lines), f"{one.name}-kpis.csv", "text/csv")


def _facts(facts: list[KpiFact], say: Speech) -> Markup:
    """A line a KPI, a column a window."""
    windows = [window for window in WINDOW_LENGTH if any(fact.window == window for fact in facts)]
    cells = {(fact.kpi.name, fact.window): _cell(fact, say) for fact in facts}
    rows = [
        [say.kpi(kpi), *(cells.get((kpi.name, window), "") for window in windows)]
        for kpi in {fact.kpi.name: fact.kpi for fact in facts}.values()
    ]
    header = [say["kpi"], *(say.window(window) for window in windows)]
    return table(header, rows, numbers=range(1, len(header)))


def _cell(fact: KpiFact, say: Speech) -> Markup:
    mark = f" {say['modelled']}" if fact.modelled else ""
    value = "–" if fact.value is None else f"{fact.value:,.2f} {fact.kpi.unit}{mark}"
    terms = element("span", terms_text(fact.kpi, fact.numerator, fact.denominator), class_="sem-terms")
    return together([element("span", value), terms])


def _changes(view: View, one: EntityLights, log: list[LogEntry]) -> None:
    say = view.say
    where = ends_of(one.name)[0] if one.scope != "carrier" else ""
    rows = [
        [
            instant_text(entry.transition.at, where),
            together([light_mark(entry.transition.from_light, say), element("span", " → "), _now(entry, say)]),
            say.rule(entry.rule, entry.transition.rule),
            say.reason(entry.transition.reason),
            element("a", entry.alert_id[:8], href=session.address("alerts", alert=entry.alert_id), target="_self"),
        ]
        for entry in log[::-1][:MOST_CHANGES]
    ]
    head = [say["event_time"], say["from_to"], say["rule"], say["reason"], say["alerts"]]
    st.html(together([element("h2", say["changes"]), table(head, rows, unbroken=(1,))]))


def _now(entry: LogEntry, say: Speech) -> Markup:
    return light_mark(entry.transition.to_light, say, named=True)
