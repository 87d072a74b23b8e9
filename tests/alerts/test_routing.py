"""The routing tree: who gets what, and what is wrong with a file, by its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.routing import ROUTING_FILE, Routing, load_routing
from alerts.selectors import Subject
from rules.load import load_catalog
from rules.problems import CatalogError
from schemas.lights import Light

TREE = """\
[receivers.default]
[receivers.duty]
topic = "duty"
language = "es"
format = "slack"
attributes = { desk = "night" }
[[routes]]
match = { severity = ["very-high"] }
receivers = ["duty"]
continue = true
[[routes]]
match = { light = ["RED"], airport = ["MEX"] }
receivers = ["duty", "default"]
repeat = "30m"
escalate = [{ after = "15m", audience = "duty-manager", receivers = ["duty"] }]
[[routes]]
match = { scope = ["carrier"] }
receivers = ["duty"]
"""


ALL = 'receivers = ["duty"]'


def subject(entity: str = "MEX-JFK", scope: str = "route", severity: str = "low", light: Light = Light.RED) -> Subject:
    return Subject(scope=scope, entity=entity, rule="late", light=light, severity=severity)


@pytest.fixture
def tree(tmp_path: Path) -> Routing:
    path = tmp_path / "routing.toml"
    path.write_text(TREE)
    return load_routing(path)


def test_the_first_route_that_matches_decides_unless_it_continues(tree: Routing) -> None:
    assert tree.receivers_of(subject()) == ("duty", "default")
    assert tree.receivers_of(subject("JFK-LAX", severity="very-high")) == ("duty",)
    assert tree.receivers_of(subject(severity="very-high")) == ("duty", "default")
    assert tree.receivers_of(subject("AM", "carrier")) == ("duty",)


def test_what_no_route_matches_goes_to_the_default(tree: Routing) -> None:
    assert tree.receivers_of(subject("JFK-LAX")) == ("default",)
    assert Routing().receivers_of(subject()) == ("default",)


def test_the_schedule_is_that_of_the_first_route(tree: Routing) -> None:
    route = tree.route_of(subject())
    assert route.repeat == timedelta(minutes=30)
    assert [(one.after, one.audience) for one in route.escalate] == [(timedelta(minutes=15), "duty-manager")]
    assert tree.route_of(subject("JFK-LAX")).repeat is None


def test_a_receiver_that_was_taken_out_while_an_alert_waited_is_the_default(tree: Routing) -> None:
    assert tree.receiver("gone") == tree.receivers["default"]
    assert tree.receiver("duty").attributes == {"desk": "night"}


def test_the_tree_that_is_shipped_is_sound() -> None:
    routing = load_routing(ROUTING_FILE, frozenset(load_catalog().rules))
    red = routing.route_of(subject(severity="high"))
    assert red.repeat is not None
    assert red.escalate


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        (
            'receivers = ["duty", "default"]',
            'receivers = ["dutty"]',
            13,
            "unknown receiver 'dutty'; did you mean 'duty'",
        ),
        ('"RED"', '"PINK"', 12, "PINK"),
        ('repeat = "30m"', 'repeat = "half an hour"', 14, "is not a duration"),
        ('repeat = "30m"', 'repeat = "30s"', 14, "once a minute"),
        ('after = "15m", ', "", 15, "missing key 'after'"),
        ('audience = "duty-manager", ', "", 15, "audience"),
        ('receivers = ["duty"] }]', 'receivers = ["x"] }]', 15, "unknown receiver 'x'"),
        ('match = { scope = ["carrier"] }', 'match = { rule = ["latte"] }', 17, "unknown rule 'latte'"),
        ("[receivers.default]", "[receivers.other]", 3, "no receiver 'default'"),
        ('attributes = { desk = "night" }', 'attributes = { a = "1", b = "2" }', 6, "at most 1"),
        ('attributes = { desk = "night" }', 'attributes = { light = "1" }', 6, "attribute of every alert"),
        ('topic = "duty"', 'topic = "arn:aws:sns"', 2, "a-z, 0-9 and -"),
        (
            'match = { severity = ["very-high"] }\nreceivers = ["duty"]\ncontinue = true',
            'receivers = ["duty"]',
            9,
            "never",
        ),
        ("continue = true", "continues = true", 7, "continues"),
        ('language = "es"', 'language = "fr"', 4, "'fr'"),
        ("[[routes]]", "[[routes]", 7, "expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    path = tmp_path / "routing.toml"
    assert old in TREE
    path.write_text(TREE.replace(old, new, 1))
    with pytest.raises(CatalogError) as failed:
        load_routing(path, frozenset({"late"}))
    problem = failed.value.problems[0]
    assert says.lower() in problem.message.lower()
    assert problem.line == line
