"""Rules: all that are in force, each with its tests and their result, what it is on a chosen route, a backtest.

`?rule=on_time_departure&route=JFK-LAX`.
"""

from collections.abc import Mapping

import streamlit as st

from rules.durations import format_duration
from rules.load import RuleFile
from streamlit_app import session
from streamlit_app.airports import instant_text
from streamlit_app.inert import bare, element, markdown_text, together
from streamlit_app.readers.rule_files import RuleFiles
from streamlit_app.rule_facts import Outcome, in_force, outcomes_of, passed, settings_of
from streamlit_app.rule_words import evidence_needed, unit_text
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.views import alert_details, backtest


def draw(view: View) -> None:
    """The page."""
    found = view.stage.rule_desk.in_force(view.actor)
    results = _results(found)
    _catalogue(view, found, results)
    names = [file.rule.id for file in found.files]
    asked = st.query_params.get("rule")
    rules = {file.rule.id: file.rule for file in found.files}
    name: str = st.selectbox(
        view.say["rule"], names, index=names.index(asked) if asked in names else 0,
        format_func=lambda one: bare(view.say.rule(rules[one], one)),
    )  # fmt: skip
    if name != asked:
        st.query_params["rule"] = name
    file = found.files[names.index(name)]
    _one(view, file)
    _elsewhere(view, file)
    _tests(view, results[name])
    with st.expander(f"{view.say['runbook']}: {markdown_text(file.rule.runbook)}"):
        alert_details.runbook(file.rule.runbook, view.say)
    backtest.draw(view, file, found)


def _results(found: RuleFiles) -> Mapping[str, list[Outcome]]:
    return _by_rule(tuple(sorted(found.texts.items())), found.files)


@st.cache_resource(show_spinner=False, max_entries=4)
def _by_rule(_texts: tuple[tuple[str, str], ...], _files: tuple[RuleFile, ...]) -> Mapping[str, list[Outcome]]:
    return {file.rule.id: outcomes_of(file) for file in _files}


def _catalogue(view: View, found: RuleFiles, results: Mapping[str, list[Outcome]]) -> None:
    say = view.say
    passing, count = passed(one for tests in results.values() for one in tests)
    source = say("rules_published", at=instant_text(found.published_at)) if found.published_at else say["rules_shipped"]
    version = view.stage.rules_version(view.actor)
    st.html(
        element(
            "p",
            f"{say('rules_in_force', count=len(found.files), version=version, tests=count, passing=passing)}, {source}",
            class_="sem-title",
        )
    )
    rows = []
    for file in found.files:
        rule = file.rule
        good, of = passed(results[rule.id])
        link = element("a", say.rule(rule, rule.id), href=session.address("rules", rule=rule.id), target="_self")
        rows.append(
            [
                together([link, element("span", rule.id, class_="sem-terms")]),
                say[f"scope_{rule.scope}"],
                say.window(rule.window),
                f"{rule.thresholds.amber:g} / {rule.thresholds.red:g} {unit_text(rule, say)}",
                format_duration(rule.hold),
                evidence_needed(rule, say),
                ", ".join(rule.audience),
                f"{good} / {of} {say['passes']}",
            ]
        )
    head = ("rule", "scope", "window", "amber_red", "hold", "min_n", "audience", "rule_tests")
    st.html(table([say[name] for name in head], rows, unbroken=(3, 7)))


def _one(view: View, file: RuleFile) -> None:
    say, rule = view.say, file.rule
    st.html(
        together(
            [
                element("h2", say.rule(rule, rule.id)),
                element("p", say.advice(rule), class_="sem-title"),
                table([say["rule"], say["value"]], settings_of(rule, say)),
            ]
        )
    )


def _elsewhere(view: View, file: RuleFile) -> None:
    say, rule = view.say, file.rule
    parts = [element("h2", say["overrides"])]
    if not rule.overrides:
        parts.append(element("p", say["no_overrides"]))
    else:
        rows = [
            [
                say.reason(one.rule.where),
                f"{one.rule.thresholds.amber:g} / {one.rule.thresholds.red:g} {unit_text(one.rule, say)}",
                format_duration(one.rule.hold),
                evidence_needed(one.rule, say),
                one.rule.version,
            ]
            for one in rule.overrides
        ]
        parts.append(table([say["where"], say["amber_red"], say["hold"], say["min_n"], say["version"]], rows))
    st.html(together(parts))
    entities = view.stage.snapshot(view.actor).entities
    names = sorted(one.name for one in entities.values() if one.scope == rule.scope)
    asked = st.query_params.get("route")
    chosen = st.selectbox(
        say["choose_to_see"], names, index=names.index(asked) if asked in names else None, key=f"entity {rule.scope}"
    )
    if not chosen:
        return
    if chosen != asked:
        st.query_params["route"] = chosen
    here = in_force(rule, entities[f"{rule.scope}#{chosen}"].rows)
    if here is None:
        st.info(markdown_text(say("in_force_none", entity=chosen)))
        return
    st.html(
        together(
            [
                element("h3", say("in_force_for", entity=chosen)),
                element("p", say.reason(here.where) or say["in_force_own"], class_="sem-title"),
                *([table([say["rule"], say["value"]], settings_of(here, say))] if here.where else []),
            ]
        )
    )


def _tests(view: View, results: list[Outcome]) -> None:
    say = view.say
    st.subheader(say["rule_tests"], anchor=False)
    for one in results:
        mark = say["test_fails"] if one.problems else say["test_passes"]
        with st.expander(markdown_text(f"{mark}: {one.name}"), expanded=bool(one.problems)):
            for problem in one.problems:
                st.text(problem)
            if one.rows:
                st.html(table(["", *one.columns, say["light"]], one.rows))
