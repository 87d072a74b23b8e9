"""An item of the light log as a row of `light_change`."""

from datetime import datetime
from typing import Any, Final

import msgspec

from schemas.errors import InvalidMessage
from schemas.lights import Transition
from schemas.raw import RawLightLog
from warehouse.clean_tables import CLEAN_TABLES

COLUMNS: Final = tuple(CLEAN_TABLES["light_change"].columns)


class _Item(msgspec.Struct, kw_only=True):
    """What history keeps of an item (`alerts/items.py` writes it); `decisions` are (instant, action, reason)."""

    entity: str
    sk: str
    alert_id: str
    decision: str
    decided_at: datetime
    decisions: list[tuple[str, str, str]]
    transition: str
    row: str
    rule_file: str
    held_by: str = ""
    basis: str = ""
    sent_at: datetime | None = None


def light_change(line: RawLightLog) -> tuple[Any, ...]:
    """The values of a row in the order of its columns. Raises InvalidMessage if the item is none."""
    try:
        item = msgspec.convert(line.item, _Item)
        change = msgspec.json.decode(item.transition, type=Transition)
    except msgspec.DecodeError as error:
        raise InvalidMessage(f"no entry of the light log: {error}") from error
    evidence = change.evidence
    values = {
        "entity_key": item.entity,
        "sk": item.sk,
        "alert_id": item.alert_id,
        "rule": change.rule,
        "rule_version": change.rule_version,
        "scope": change.scope,
        "entity": change.entity,
        "sequence_number": line.sequence_number,
        "window": change.window,
        "at": change.at,
        "known_at": item.decided_at,
        "sent_at": item.sent_at,
        "previous_since_at": change.previous_since_at,
        "ingested_at": change.ingested_at,
        "revision": change.revision,
        "from_light": change.from_light,
        "to_light": change.to_light,
        "reason": change.reason,
        "where": change.where,
        "decision": item.decision,
        "held_by": item.held_by,
        "kpi": evidence.kpi,
        "audience": ",".join(change.audience),
        **{name: getattr(evidence, name) for name in ("numerator", "denominator", "n", "value", "lower", "upper")},
        "usd_per_hour": change.severity.usd_per_hour,
        "modelled": evidence.modelled,
        "decisions": msgspec.json.encode(item.decisions).decode(),
        "transition": item.transition,
        "rule_file": item.rule_file,
        "row": item.row,
        "basis": item.basis,
    }
    return tuple(values[name] for name in COLUMNS)
