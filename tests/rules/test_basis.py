"""What a change stood on is kept whole: judged again from it, every change of any light comes out the same."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.decide import Action, Decision
from alerts.entity import ArrivedRow, Change, EntityLights, fold
from alerts.explain import explain
from alerts.items import log_item, read_log_entry
from alerts.neighbours import Neighbours
from rules.basis import Basis, basis_of, decode_basis, encode_basis
from rules.evaluate import evaluate
from rules.load import Catalog, load_catalog
from rules.pooled_features import ContextKey
from schemas.errors import InvalidRow
from schemas.lights import LightState
from schemas.rows import KpiRow
from tests.alerts.samples import NOW, row

HOURS = 40


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def night() -> list[KpiRow]:
    """A route and its airports over forty hours, of which the middle ones are bad."""
    rows = []
    for hour in range(HOURS):
        on_time = 3 if 12 <= hour < 28 else 9
        counted: dict[str, Any] = {"departures": 10, "departures_on_time": on_time, "seats": 1500, "passengers": 1200}
        rows += [
            row(hour * 60, 10 * on_time, 100, entity=code, scope="airport", window="3h", departures=100,
                departures_on_time=10 * on_time)
            for code in ("JFK", "LAX")
        ]  # fmt: skip
        rows += [
            row(hour * 60, 240, 280, window="28d", **counted),
            row(hour * 60, 60, 70, window="7d", **counted),
            row(hour * 60, on_time, 10, **counted),
        ]
    return rows


def changes(catalog: Catalog) -> list[Change]:
    """As the live path makes them, four hours at a time."""
    rows = night()
    lights = EntityLights(scope="route", name="JFK-LAX")
    found: list[Change] = []
    for start in range(0, len(rows), 20):
        batch = rows[start : start + 20]
        arrived = [ArrivedRow(one, 0) for one in batch if one.scope == "route"]
        neighbours = Neighbours(one for one in rows[: start + 20] if one.scope == "airport")
        folded = fold(lights, arrived, catalog, NOW, most_changes=100, neighbours=neighbours)
        lights, found = folded.after, [*found, *folded.changes]
    return found


def test_a_change_judged_again_from_its_stored_basis_is_the_same(catalog: Catalog) -> None:
    found = changes(catalog)
    pooled = [one for one in found if one.rule.model]
    assert len(pooled) >= 3
    assert {len(one.basis.beside) for one in pooled if one.basis} == {6}  # two windows, two airports now and then
    assert any(not one.rule.model for one in found)
    for one in found:
        assert one.basis is not None
        kept = decode_basis(encode_basis(one.basis))
        _, made = evaluate(one.rule, one.row, kept.beside, kept.state, NOW)
        assert made == one.transition


def test_without_its_neighbours_a_pooled_change_is_another(catalog: Catalog) -> None:
    """What the basis is kept for."""
    others = 0
    for one in changes(catalog):
        if one.rule.model and one.basis:
            _, made = evaluate(one.rule, one.row, {}, one.basis.state, NOW)
            others += made != one.transition
    assert others >= 3


def test_the_log_keeps_it_and_explain_names_the_rows(catalog: Catalog) -> None:
    for one in changes(catalog):
        entry = read_log_entry(log_item(one, Decision(Action.LOG, "made up"), NOW))
        assert entry.basis == one.basis
        assert ("JFK 3h before of 2013-02-0" in explain(entry, [entry])) == bool(one.rule.model)


def test_only_what_was_looked_at_is_kept(catalog: Catalog) -> None:
    (pooling,) = [rule for rule in catalog.rules.values() if rule.model]
    alone = next(rule for rule in catalog.rules.values() if not rule.model and rule.window == "24h")
    mine = row(0)
    context: dict[ContextKey, KpiRow] = {
        one.key: one for one in (mine, row(0, window="7d"), row(0, entity="ORD", scope="airport", window="3h"))
    }
    state, _ = evaluate(pooling, mine, context, LightState(), NOW + timedelta(seconds=1))
    assert basis_of(pooling, mine, context, state).beside.keys() == {("route", "JFK-LAX", "7d")}
    assert basis_of(alone, mine, context, state).beside == {}
    kept = basis_of(pooling, mine, context, state).state
    assert (kept.evidence, kept.severity, kept.reason) == (None, None, "")
    assert (kept.at, kept.recent, kept.light) == (state.at, state.recent, state.light)


def test_a_text_that_is_no_basis_is_refused() -> None:
    whole = encode_basis(Basis(LightState(), {row(0).key: row(0)}))
    with pytest.raises(InvalidRow, match="1 rows beside, 0 are named"):
        decode_basis(whole.replace('["24h"]', "[]"))
