"""The bill: worked out by hand where it can be, and what must hold of every load."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.cost import parts
from deploy.cost.bill import bill, read_prices, table
from deploy.cost.load import ROWS_PER_EVENT, Load
from deploy.cost.parts import monthly

PRICES = read_prices()
README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
AIRLINE = Load(events_per_day=100_000, routes=300, production=True)


def test_the_prices_are_dated_and_each_is_used() -> None:
    assert date.fromisoformat(PRICES["as_of"]) < date(2100, 1, 1)
    assert PRICES["source"]
    assert {name for names in PRICES["seen_elsewhere"].values() for name in names} <= PRICES["prices"].keys()
    assert all(month > PRICES["as_of"][:7] for month in PRICES["seen_elsewhere"])
    for name in PRICES["prices"]:
        for load in (AIRLINE, Load(100_000, 300, production=False)):
            dearer = {**PRICES["prices"], name: 2 * PRICES["prices"][name] + 1}
            if sum(monthly(load, dearer).values()) > sum(monthly(load, PRICES["prices"]).values()):
                break
        else:
            pytest.fail(f"{name} is in no part")


def test_brokers_by_hand() -> None:
    """3 x 730.5 h x 0.204 + 300 GB x 0.10: 7 days of 100,000 events are 0.3 GB."""
    found = monthly(AIRLINE, PRICES["prices"])["brokers (MSK)"]
    assert found == pytest.approx(3 * 730.5 * 0.204 + 30, abs=0.01)


def test_the_stream_by_hand() -> None:
    """190 bytes a row, every window of a route, two airports and a carrier; 3 of each hour's heartbeat of a route."""
    events, beats = 100_000 * 30.4375, 300 * 730.5
    gb = (events * ROWS_PER_EVENT + beats * 3) * 190 / 1e9
    found = monthly(AIRLINE, PRICES["prices"])["KPI stream (Kinesis)"]
    assert found == pytest.approx(730.5 * 0.04 + gb * 0.13, rel=1e-6)


def test_the_table_of_the_readme_is_what_the_command_says() -> None:
    found = bill(AIRLINE, PRICES)
    assert table(found) in README, f"it should read:\n{table(found)}"
    assert PRICES["as_of"] in README
    assert f"dearest: {', '.join(found.largest)}" in re.sub(r"\s+", " ", README), found.largest


@given(st.floats(0, 1e8), st.integers(0, 100_000), st.booleans())
def test_more_costs_more_and_nothing_costs_less_than_its_floor(events: float, routes: int, production: bool) -> None:
    less, more = (bill(Load(e, routes, production), PRICES) for e in (events, 2 * events + 1_000))
    assert more.month > less.month
    for part in less.parts:
        assert part.month >= part.floor - 1e-9
        assert part.per_million >= -1e-6
    assert len(less.largest) == 3
    assert less.as_json()["month_usd"] == pytest.approx(sum(part.month for part in less.parts), abs=0.01)


def test_a_small_stage_is_cheaper() -> None:
    assert bill(Load(1_000, 10, production=False), PRICES).month < bill(Load(1_000, 10, production=True), PRICES).month


def test_what_is_counted_is_what_is_deployed() -> None:
    """The templates' own figures, read where they are named."""
    stacks = Path(__file__).parents[3] / "deploy" / "stacks"
    brokers = (stacks / "kafka_cluster.py").read_text()
    assert f"VOLUME_GB = {parts.VOLUME_GB}\n" in brokers
    assert 'INSTANCE_TYPE = "kafka.m7g.large"' in brokers
    assert f"ZONES = {parts.BROKERS}\n" in (stacks / "network.py").read_text()
    assert f"CAPACITY_RPU: Final = {parts.REDSHIFT_RPUS}\n" in (stacks / "star_store.py").read_text()
    assert "ec2.InstanceClass.M7G, ec2.InstanceSize.LARGE" in (stacks / "booking_database.py").read_text()
    assert f"allocated_storage={parts.RDS_GB}," in (stacks / "booking_database.py").read_text()
    network = (stacks / "network.py").read_text()
    assert len(re.findall(r"InterfaceVpcEndpointAwsService\.\w+,", network)) == parts.ENDPOINTS["network"]
