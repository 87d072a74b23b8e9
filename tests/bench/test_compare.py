"""A comparison passes what is right and names what is not."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from bench.kpi_job.compare import MEASURES_OF_ALL, MOST_NAMED, Finding, Pane, RowCheck, compare_panes
from bench.kpi_job.expected import COUNTED, Trailing, route_panes
from bench.kpi_job.made_up import routes
from bench.kpi_job.shape import PANE_MS, START_MS, dense
from schemas.measures import POSITION
from schemas.rows import SCOPES, WINDOWS_OF_SCOPE, KpiRow, from_ms, pack_rows

SHAPE = dense(75, 2)
PANES = route_panes(SHAPE)


def right_rows() -> list[KpiRow]:
    rows = []
    carrier_of = {route.entity: route.carrier for route in routes(SHAPE.routes)}
    for scope in SCOPES:
        expected = Trailing.of(SHAPE, PANES, scope)
        names = list(expected.place)
        for window in WINDOWS_OF_SCOPE[scope]:
            for pane, entity in np.argwhere(expected.due):
                at = from_ms(START_MS + (int(pane) + 1) * PANE_MS)
                ((events, *measures),) = expected.values(window, np.array([pane]), np.array([entity])).tolist()
                flown_by = (carrier_of[names[entity]],) if (scope, window) == ("route", "24h") else ()
                rows.append(KpiRow(scope, names[entity], window, at, 0, at, events, tuple(measures), flown_by))
    return rows


def checked(rows: list[KpiRow]) -> Finding:
    check = RowCheck(SHAPE, PANES)
    for row in rows:
        check.take(pack_rows([row]))
    return check.finish()


def right_panes() -> list[Pane]:
    columns = [COUNTED.index(name) for name in ("events", *MEASURES_OF_ALL)]
    return [
        Pane(entity, START_MS + (pane + 1) * PANE_MS, events, tuple(sums))
        for pane, of_pane in enumerate(PANES.values[:, :, columns].tolist())
        for entity, (events, *sums) in zip(PANES.entities, of_pane, strict=True)
        if events
    ]


def test_right_rows_pass() -> None:
    rows = right_rows()
    finding = checked(rows)
    assert finding.said() == []
    assert finding.compared == len(rows) == RowCheck(SHAPE, PANES).rows_due


def test_one_record_or_many_is_the_same() -> None:
    check = RowCheck(SHAPE, PANES)
    check.take(pack_rows(right_rows()))
    assert check.finish().said() == []


def other_measure(row: KpiRow) -> list[KpiRow]:
    measures = list(row.measures)
    measures[POSITION["fuel_kg"]] += 1
    return [msgspec.structs.replace(row, measures=tuple(measures))]


ROW_FAULTS: list[tuple[Callable[[KpiRow], list[KpiRow]], str]] = [
    (other_measure, "fuel_kg"),
    (lambda row: [msgspec.structs.replace(row, events=row.events - 1)], "events"),
    (lambda row: [msgspec.structs.replace(row, flown_by=("QQ",))], "flown by ('QQ',), expected"),
    (lambda row: [], "1 rows of route 24h are missing"),
    (lambda row: [row, row], "came twice"),
    (lambda row: [row, msgspec.structs.replace(row, entity="JFK-LAX")], "no such row is due"),
    (lambda row: [row, msgspec.structs.replace(row, at=from_ms(START_MS))], "no such row is due"),
]


@pytest.mark.parametrize(("fault", "says"), ROW_FAULTS, ids=[says for _, says in ROW_FAULTS])
def test_a_wrong_row_is_named(fault: Callable[[KpiRow], list[KpiRow]], says: str) -> None:
    rows = right_rows()
    (problem,) = checked([*fault(rows[0]), *rows[1:]]).said()
    assert says in problem


def test_a_row_twice_in_one_record_is_named() -> None:
    check = RowCheck(SHAPE, PANES)
    rows = right_rows()
    check.take(pack_rows([rows[0], *rows]))
    assert check.finish().said() == ["route 24h: a row twice in one record"]


def test_right_panes_pass_in_any_order() -> None:
    panes = right_panes()
    finding = compare_panes(SHAPE, PANES, reversed(panes))
    assert finding.said() == []
    assert finding.compared == len(panes) > 3


PANE_FAULTS: list[tuple[Callable[[Pane], list[Pane]], str]] = [
    (lambda pane: [pane._replace(sums=(*pane.sums[:-1], 7_777))], "7777"),
    (lambda pane: [pane._replace(events=0)], "expected (30"),
    (lambda pane: [], "1 panes are missing"),
    (lambda pane: [pane, pane], "came twice"),
    (lambda pane: [pane, pane._replace(entity="JFK-LAX")], "no such pane"),
    (lambda pane: [pane, pane._replace(at_ms=START_MS)], "no such pane"),
]


@pytest.mark.parametrize(("fault", "says"), PANE_FAULTS, ids=[says for _, says in PANE_FAULTS])
def test_a_wrong_pane_is_named(fault: Callable[[Pane], list[Pane]], says: str) -> None:
    panes = right_panes()
    (problem,) = compare_panes(SHAPE, PANES, [*fault(panes[0]), *panes[1:]]).said()
    assert says in problem


def test_only_the_first_differences_are_named() -> None:
    finding = Finding()
    for number in range(MOST_NAMED + 3):
        finding.add(f"problem {number}")
    assert finding.said()[-1] == "and 3 more differences"
    assert len(finding.said()) == MOST_NAMED + 1
