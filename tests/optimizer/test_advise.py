"""Recommend and plan through the door that people use, on made-up flights."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from optimizer.__main__ import app
from optimizer.actions.action import Action
from optimizer.actions.words import action_words
from tests.optimizer.data_folder import write
from tests.optimizer.made_up import season

pytestmark = pytest.mark.xdist_group("optimizer")
RUN = CliRunner()
ROUTE = ["recommend", "--route", "JFK-MIA", "--at", "2013-06-12T17:00"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("data")
    write(folder, *season(45, seed=3))
    return str(folder)


def test_advice_for_today_for_people_and_for_programs(data: str) -> None:
    people = RUN.invoke(app, [*ROUTE, "--data", data])
    assert people.exit_code == 0, people.output
    programs = RUN.invoke(app, [*ROUTE, "--data", data, "--json"])
    assert RUN.invoke(app, [*ROUTE, "--data", data, "--json"]).stdout == programs.stdout
    carriers = json.loads(programs.stdout)["carriers"]
    assert set(carriers) == {"AA", "B6", "UA"}
    for carrier, said in carriers.items():
        assert f"JFK-MIA, {carrier}, 2013-06-12T17:00 UTC" in people.stdout
        for one in said["advice"]:
            assert one["words"] in people.stdout
            mean, low, high = one["effect"]["margin_usd"]
            assert low <= mean <= high
            assert set(one["margin_if_moved_usd"]) == {"fuel_more", "fuel_less", "demand_more", "demand_less"}


def test_fuel_is_carried_where_it_is_dear_at_the_other_end(data: str) -> None:
    programs = RUN.invoke(app, [*ROUTE, "--data", data, "--json", "--fuel-there", "1.5"])
    fuel = json.loads(programs.stdout)["carriers"]["B6"]["tankering"]["A320"]
    assert fuel["saved_cents"] > 0
    people = RUN.invoke(app, [*ROUTE, "--data", data, "--fuel-there", "1.5"]).stdout
    assert f"carry {fuel['carried_kg']:,.0f} kg on each A320 for the way back" in people
    assert "carry" not in RUN.invoke(app, [*ROUTE, "--data", data]).stdout


def test_advice_for_the_timetable(data: str) -> None:
    found = RUN.invoke(app, [*ROUTE, "--horizon", "planning", "--data", data, "--json"])
    assert found.exit_code == 0, found.output
    changes = [one for said in json.loads(found.stdout)["carriers"].values() for one in said["changes"]]
    assert changes
    for one in changes:
        assert sum(one["saved_by_term_usd"].values()) == pytest.approx(one["worth_usd"], abs=0.01)
    people = RUN.invoke(app, [*ROUTE, "--horizon", "planning", "--data", data])
    assert "what binds: " in people.stdout


def test_a_week_is_planned_within_what_there_is(data: str) -> None:
    found = RUN.invoke(app, ["plan", "--week", "2013-W23", "--carrier", "AA", "--data", data, "--json"])
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    assert (said["status"], said["gap"]) == ("optimal", 0)
    assert len(said["changes"]) <= 10
    assert said["worth_usd"] == pytest.approx(sum(one["worth_usd"] for one in said["changes"]), abs=0.01)
    assert said["runner_up_usd"] <= said["worth_usd"]
    assert "AA, 2013-W23" in RUN.invoke(app, ["plan", "--week", "2013-W23", "--carrier", "AA", "--data", data]).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["recommend", "--route", "JFK-XXX", "--at", "2013-06-12T17:00"], "nobody flies JFK-XXX on 2013-06-12"),
        (
            ["recommend", "--route", "JFK-XXX", "--at", "2013-06-12T17:00", "--horizon", "planning"],
            "nobody flies JFK-XXX",
        ),
        (["recommend", "--route", "JFK-MIA", "--at", "2012-06-12T17:00"], "nobody flies JFK-MIA on 2012-06-12"),
        (
            ["recommend", "--route", "JFK-MIA", "--at", "2013-05-01T17:00"],
            "no flights in the 28 days before 2013-05-01",
        ),
        (["plan", "--week", "2013-W99"], "no such week: 2013-W99"),
        (["plan", "--week", "2013-W23", "--carrier", "ZZ"], "ZZ flies nothing from New York"),
    ],
)
def test_what_is_wrong_is_named_with_exit_code_2(data: str, arguments: list[str], says: str) -> None:
    refused = RUN.invoke(app, [*arguments, "--data", data])
    assert refused.exit_code == 2
    assert says in refused.stderr


def test_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flights.csv.zip").write_bytes(b"no archive")
    for command in (ROUTE, ["plan", "--week", "2013-W23"]):
        refused = RUN.invoke(app, [*command, "--data", str(tmp_path)])
        assert refused.exit_code == 2
        assert "does not hold flights and planes" in refused.stderr


def test_actions_in_words() -> None:
    swap = (("AA-1", "AA-2"), ("AA-2", "AA-1"))
    assert action_words(Action("hold", ("AA-1",), minutes=15)) == "hold AA-1 for 15 min"
    assert action_words(Action("cancel", ("AA-1",))) == "cancel AA-1"
    assert action_words(Action("suspend", ("AA-1", "AA-2"))) == "suspend AA-1 and AA-2"
    assert action_words(Action("swap_tails", aircraft_of=swap)) == "swap the tails of AA-1 and AA-2"
    assert "of different types, of AA-1 and AA-2" in action_words(Action("swap_gauge", aircraft_of=swap))
    lines = (("AA-1", ("AA-2", "AA-3")), ("AA-2", ()))
    said = "re-route: the aircraft of AA-1 flies AA-2 then AA-3; the aircraft of AA-2 flies nothing"
    assert action_words(Action("reroute", lines=lines)) == said
