"""Lights as a table: what a star behind an amount means is said below it."""

from rich.console import Console

from alerts.entity import EntityLights
from alerts.tables import lights_rows, lights_table
from schemas.rows import KpiRow
from tests.alerts.samples import folded, row


def printed(*rows: KpiRow) -> str:
    lights: EntityLights = folded(*rows).after
    console = Console(width=160, record=True)
    with console.capture() as captured:
        console.print(lights_table(lights_rows([lights])))
    return captured.get()


def test_modelled_money_has_a_star_and_the_star_a_legend() -> None:
    text = printed(row(0, 6, compensation_exposure=240_000, modelled_money=1))
    assert "100*" in text
    assert "* money that is modelled, in whole or in part" in text


def test_observed_money_has_neither() -> None:
    text = printed(row(0, 6, compensation_exposure=240_000))
    assert "100" in text
    assert "*" not in text
