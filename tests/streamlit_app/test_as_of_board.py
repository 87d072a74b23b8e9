"""A board of the past is made of the changes that put its lights there."""

import msgspec

from rules.evaluate import evaluate
from schemas.lights import Light, LightState, Transition
from streamlit_app.as_of_board import snapshot_of
from streamlit_app.board import Filters, headline, tile_of
from streamlit_app.words import speech
from tests.alerts.samples import row, rule


def red(route: str) -> Transition:
    """Six of ten on time."""
    late = row(10, 6, entity=route)
    _, change = evaluate(rule(), late, {}, LightState(), late.ingested_at)
    assert change is not None
    return change


def test_each_light_stands_as_its_change_put_it() -> None:
    changes = [red("JFK-LAX"), red("JFK-SFO")]
    snapshot = snapshot_of((msgspec.json.encode(one).decode() for one in changes), {"late": rule()})
    assert set(snapshot.entities) == {"route#JFK-LAX", "route#JFK-SFO"}
    found = headline(snapshot.entities["route#JFK-LAX"], Filters(), snapshot.rules)
    assert found is not None
    assert (found[0], found[1].state.light, found[1].state.since_at) == ("late", Light.RED, changes[0].at)
    tile = tile_of(snapshot.entities["route#JFK-SFO"], Filters(), snapshot, speech("en"))
    assert (tile.light, tile.value, tile.entity) == (Light.RED, "60.0 %", "JFK-SFO")


def test_a_route_without_a_change_is_grey_and_says_why() -> None:
    snapshot = snapshot_of([msgspec.json.encode(red("JFK-LAX")).decode()], {}, ["JFK-BOS"], "nothing yet")
    assert set(snapshot.entities) == {"route#JFK-LAX", "route#JFK-BOS"}
    tile = tile_of(snapshot.entities["route#JFK-BOS"], Filters(), snapshot, speech("en"))
    assert (tile.light, tile.reason, tile.value, tile.usd_per_hour) == (Light.GREY, "nothing yet", "–", 0)


def test_a_rule_that_is_gone_keeps_its_id() -> None:
    snapshot = snapshot_of([msgspec.json.encode(red("JFK-LAX")).decode()], {})
    assert tile_of(snapshot.entities["route#JFK-LAX"], Filters(), snapshot, speech("en")).title == "late"
