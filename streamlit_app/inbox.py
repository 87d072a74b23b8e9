"""The inbox without a screen: what stands, what was told, what was held back; and what can be silenced from there."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from alerts.decide import Action
from alerts.history import StoredAlert
from alerts.open_lights import OpenLight
from alerts.selectors import Selector
from rules.rule import Rule
from schemas.lights import WORST_FIRST, Evidence, Light, LightState, Severity, StageNotice, Transition
from schemas.rows import ends_of
from streamlit_app.airports import instant_text
from streamlit_app.board import note_text, value_text
from streamlit_app.inert import bare
from streamlit_app.readers.snapshot import LightKey, Snapshot
from streamlit_app.words import Speech


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox; texts are plain."""

    id: str
    light: Light
    name: str
    title: str
    detail: str


def standing_items(snapshot: Snapshot, say: Speech) -> list[Item]:
    """The alarms that stand, worst and dearest first, each as it is by now."""
    found = [(key, alarm, alarm.alert) for key, alarm in snapshot.alarms.items() if alarm.alarm and alarm.alert]
    ranked = []
    for key, alarm, alert in found:
        evidence, stake = _now(key, alert.transition, snapshot)
        how = note_text(snapshot.alarms, key, say) or _held_by(alarm, say)
        since = f"{say['since']} {instant_text(alert.transition.at)}"
        parts = (value_text(evidence), say.usd_per_hour(stake.usd_per_hour, stake.modelled), since, how)
        item = Item(
            id=alert.alert_id,
            light=alarm.light,
            name=bare(alert.transition.entity),
            title=bare(say.rule(snapshot.rules.get(alert.transition.rule), alert.transition.rule)),
            detail=bare(" · ".join(part for part in parts if part)),
        )
        ranked.append((WORST_FIRST[alarm.light], -stake.usd_per_hour, key, item))
    return [item for *_, item in sorted(ranked, key=lambda one: one[:3])]


def _now(key: LightKey, told: Transition, snapshot: Snapshot) -> tuple[Evidence | None, Severity]:
    """Evidence and what is at stake; as they were told where no more is known."""
    entity, rule = key
    one = snapshot.entities.get(entity)
    state = one.rules[rule].state if one and rule in one.rules else LightState()
    return state.evidence or told.evidence, state.severity or told.severity


def _held_by(alarm: OpenLight, say: Speech) -> str:
    return "" if alarm.action is Action.SEND else f"{say['held']}: {alarm.reason}"


def stored_items(
    alerts: Iterable[StoredAlert], statuses: Sequence[str], rules: Mapping[str, Rule], say: Speech
) -> list[Item]:
    """Of the outbox, what is in one of these states, in the order given."""
    return [_stored(one, rules, say) for one in alerts if one.status in statuses]


def _stored(one: StoredAlert, rules: Mapping[str, Rule], say: Speech) -> Item:
    message = one.message
    if one.sent_at:
        when = f"{say['sent']} {instant_text(one.sent_at)}"
    else:
        when = say["pending"] if one.status == "pending" else one.reason
    if isinstance(message, StageNotice):
        return Item(
            id=message.alert_id, light=Light.GREY, name=bare(message.stage), title=bare(message.subject), detail=when
        )
    transition, group = message.transition, message.group
    kind = "" if message.kind == "alert" else message.kind
    title = say.rule(rules.get(transition.rule), transition.rule)
    return Item(
        id=message.alert_id,
        light=transition.to_light,
        name=bare(group.cause if group else transition.entity),
        title=bare(f"{group.entities} {say['routes_of']}" if group else title),
        detail=bare(" · ".join(part for part in (kind, instant_text(transition.at), when) if part)),
    )


def silence_choices(transition: Transition, say: Speech) -> dict[str, Selector]:
    """What somebody who looks at this alarm may want to silence, the least first; keys are in words."""
    entity = transition.entity
    mine: dict[str, list[str]] = {transition.scope: [entity]}
    found = {
        say("match_light", entity=entity): {"rule": [transition.rule], **mine},
        say("match_entity", entity=entity): mine,
    }
    if transition.scope != "carrier":
        for code in ends_of(entity):
            found[say("match_airport", airport=code)] = {"airport": [code]}
    found[say["match_rule"]] = {"rule": [transition.rule]}
    return {words: msgspec.convert(match, Selector) for words, match in found.items()}


def storm_of(alert_id: str) -> str:
    """The storm that a summary is about, by the summary's id; "" for the id of an alarm."""
    return alert_id.rpartition(".")[0] or alert_id if "-" in alert_id else ""
