"""The board of a past moment as a snapshot, so that it is drawn by what draws the one of now."""

from collections.abc import Iterable, Mapping

import msgspec

from alerts.entity import EntityLights, RuleLight
from rules.rule import Rule
from schemas.lights import LightState, Transition
from streamlit_app.board import SPEAKS_OTHERWISE
from streamlit_app.readers.snapshot import Snapshot


def snapshot_of(
    transitions: Iterable[str], rules: Mapping[str, Rule], unturned: Iterable[str] = (), unturned_why: str = ""
) -> Snapshot:
    """`transitions`: the change that put each light where it stood, as JSON. Rules that are gone keep their id alone.
    `unturned`: routes of which no light had changed; they are grey for a reason in the reader's words.

    Whose rows were newest then is not looked up: who flies a route is not known here.
    """
    lights: dict[str, EntityLights] = {}
    for one in transitions:
        change = msgspec.json.decode(one, type=Transition)
        entity = EntityLights(scope=change.scope, name=change.entity)
        known = lights.setdefault(entity.key, entity)
        lights[entity.key] = msgspec.structs.replace(
            known, rules={**known.rules, change.rule: RuleLight(_state(change))}
        )
    grey = RuleLight(LightState(reason=unturned_why))
    for name in unturned:
        entity = EntityLights(scope="route", name=name, rules={SPEAKS_OTHERWISE: grey})
        lights[entity.key] = entity
    return Snapshot(version=1, entities=lights, rules=rules)


def _state(change: Transition) -> LightState:
    return LightState(
        light=change.to_light,
        since_at=change.at,
        at=change.at,
        revision=change.revision,
        rule_version=change.rule_version,
        evidence=change.evidence,
        severity=change.severity,
        reason=change.reason,
        where=change.where,
    )
