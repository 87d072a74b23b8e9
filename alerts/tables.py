"""Lights and alerts as tables in a terminal and as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from alerts.entity import EntityLights
from alerts.history import StoredAlert
from alerts.messages import plain
from schemas.kpis import KPIS
from schemas.lights import WORST_FIRST, Evidence, Light, LightState, Severity, StageNotice

# Colour is never alone: the name stands in it.
STYLES: Final = {
    Light.RED: "bold white on red",
    Light.AMBER: "black on yellow",
    Light.GREEN: "black on green",
    Light.GREY: "white on grey37",
}


def lights_rows(entities: Sequence[EntityLights]) -> list[dict[str, Any]]:
    """One row per light, worst first: red, amber, grey, green; within a light the larger stake."""
    rows = [_light_row(entity, rule, light.state) for entity in entities for rule, light in entity.rules.items()]
    return sorted(rows, key=lambda r: (WORST_FIRST[r["light"]], -r["usd_per_hour"], r["entity"], r["rule"]))


def alert_rows(alerts: Sequence[StoredAlert]) -> list[dict[str, Any]]:
    """One row per alert, in the order given."""
    return [_alert_row(one) for one in alerts]


def lights_table(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `lights_rows` for a terminal."""
    table = _table(rows, "light", "entity", "rule", "value", "US$/h", "since", "next", "flaps")
    for row in rows:
        pending = f"{row['pending']} since {_short(row['pending_since_at'])}" if row["pending"] else ""
        table.add_row(
            _tag(row["light"]), plain(row["entity"]), row["rule"], _value(row), _money(row), _short(row["since_at"]),
            pending, str(row["flaps"]),
        )  # fmt: skip
    return table


def alerts_table(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows of `alert_rows` for a terminal."""
    table = _table(rows, "light", "entity", "rule", "value", "US$/h", "event time", "kind", "status", "id")
    for row in rows:
        status = row["status"] if row["status"] != "held" else f"held: {row['reason']}"
        table.add_row(
            _tag(row["light"]), plain(row["entity"]), row["rule"], _value(row), _money(row), _short(row["at"]),
            row["kind"], plain(status), row["alert_id"],
        )  # fmt: skip
    return table


def _table(rows: Sequence[dict[str, Any]], *columns: str) -> Table:
    caption = "* money that is modelled, in whole or in part" if any(row["usd_modelled"] for row in rows) else None
    return Table(*columns, box=None, pad_edge=False, caption=caption, caption_justify="left")


def _alert_row(one: StoredAlert) -> dict[str, Any]:
    message = one.message
    said = {
        "alert_id": message.alert_id,
        "kind": message.kind,
        "subject": message.subject,
        "status": one.status,
        "reason": one.reason,
        "decided_at": message.decided_at,
        "sent_at": one.sent_at,
    }
    if isinstance(message, StageNotice):
        no_light = {"light": Light.GREY, "was": None, "scope": "stage", "entity": message.stage, "rule": "outage"}
        return {**said, **no_light, **_evidence_fields(None), **_stake(None), "at": message.silent_since_at}
    transition, group = message.transition, message.group
    return {
        **said,
        "light": transition.to_light,
        "was": transition.from_light,
        "scope": transition.scope,
        "entity": group.cause if group else transition.entity,
        "rule": f"{group.entities} routes" if group else transition.rule,
        **_evidence_fields(None if group else transition.evidence),
        **_stake(Severity(usd_per_hour=group.usd_per_hour, modelled=group.modelled) if group else transition.severity),
        "at": transition.at,
    }


def _light_row(entity: EntityLights, rule: str, state: LightState) -> dict[str, Any]:
    return {
        "light": state.light,
        "scope": entity.scope,
        "entity": entity.name,
        "rule": rule,
        "rule_version": state.rule_version,
        **_evidence_fields(state.evidence),
        **_stake(state.severity),
        "since_at": state.since_at,
        "at": state.at,
        "pending": state.pending,
        "pending_since_at": state.pending_since_at,
        "flaps": state.flaps,
        "reason": state.reason,
    }


def _evidence_fields(evidence: Evidence | None) -> dict[str, Any]:
    if evidence is None:
        return {"kpi": None, "value": None, "n": 0, "lower": None, "upper": None, "modelled": False}
    return {
        "kpi": evidence.kpi,
        "value": evidence.value,
        "n": evidence.n,
        "lower": evidence.lower,
        "upper": evidence.upper,
        "modelled": evidence.modelled,
    }


def _stake(severity: Severity | None) -> dict[str, Any]:
    return {
        "usd_per_hour": severity.usd_per_hour if severity else 0.0,
        "usd_modelled": severity.modelled if severity else False,
    }


def _tag(light: Light) -> Text:
    return Text(f" {light} ", STYLES[light])


def _value(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return f"– (n {row['n']})"
    bounds = f", {row['lower']:.1f} to {row['upper']:.1f}" if row["lower"] is not None else ""
    mark = " modelled" if row["modelled"] else ""
    return f"{row['value']:.1f} {KPIS[row['kpi']].unit} (n {row['n']}{bounds}){mark}"


def _money(row: dict[str, Any]) -> str:
    return f"{row['usd_per_hour']:,.0f}{'*' if row['usd_modelled'] else ''}"


def _short(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z" if instant else "–"
