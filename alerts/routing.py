"""The routing tree: from what an alert is about to who gets it, how often again, and who next if nobody answers."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from alerts.selectors import Selector, Subject
from rules.durations import parse_duration
from rules.places import key_places, line_of
from rules.problems import CatalogError, Problem

ROUTING_FILE: Final = Path(__file__).parent / "routing.toml"
DEFAULT: Final = "default"
MOST_ATTRIBUTES: Final = 1
"""An alert carries nine message attributes of its own, and a raw delivery to SQS with more than ten is dropped by SNS
without a word ("Amazon SNS message attributes", AWS)."""
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")


class Receiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic and how it is spoken to. `topic` is the last part of its name; "" is the stage's own.

    Mail subscribers always get text and phones one line, in `language`; all others get `format`.
    """

    topic: str = ""
    language: Literal["en", "es"] = "en"
    format: Literal["json", "text", "slack"] = "json"
    attributes: dict[str, str] = {}


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who hears of a RED that nobody acknowledged so long; on the same receivers unless others are named."""

    after: timedelta
    audience: str
    receivers: tuple[str, ...] = ()


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"continues": "continue"}):
    """Receivers of what matches. `repeat`: how often a RED that nobody acknowledged is told again; None: never."""

    match: Selector = Selector()
    receivers: tuple[str, ...] = ()
    repeat: timedelta | None = None
    escalate: tuple[Escalation, ...] = ()
    continues: bool = False


_NOWHERE: Final = Route(receivers=(DEFAULT,))


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole tree, its routes in order."""

    receivers: dict[str, Receiver] = msgspec.field(default_factory=lambda: {DEFAULT: Receiver()})
    routes: tuple[Route, ...] = ()

    def receivers_of(self, subject: Subject) -> tuple[str, ...]:
        """Their names, each once, in order; never none."""
        names = [name for route in self._taken(subject) for name in route.receivers]
        return tuple(dict.fromkeys(names)) or (DEFAULT,)

    def route_of(self, subject: Subject) -> Route:
        """The first route that matches: its schedule of repeats and escalations counts."""
        return next(self._taken(subject), _NOWHERE)

    def receiver(self, name: str) -> Receiver:
        """By name; the default for one that was taken out while an alert waited."""
        return self.receivers.get(name, self.receivers[DEFAULT])

    def _taken(self, subject: Subject) -> Iterator[Route]:
        for route in self.routes:
            if route.match.matches(subject):
                yield route
                if not route.continues:
                    return


def load_routing(path: Path = ROUTING_FILE, rules: frozenset[str] = frozenset()) -> Routing:
    """Raises CatalogError with every problem, each with its line. Rules named are checked against `rules`, if given."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError([Problem(str(path), 1, f"cannot be read: {error}")]) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise CatalogError([Problem(str(path), int(line[1]) if line else 1, str(error))]) from error
    places = key_places(text)
    try:
        routing = msgspec.convert(_with_durations(data), Routing)
    except _WrittenError as error:
        raise CatalogError([Problem(str(path), line_of(places, error.place), str(error))]) from error
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise CatalogError([Problem(str(path), line_of(places, place.strip(".`")), message)]) from error
    if found := [Problem(str(path), line_of(places, at), said) for at, said in _problems(routing, rules)]:
        raise CatalogError(found)
    return routing


class _WrittenError(ValueError):
    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def _with_durations(data: dict[str, Any]) -> dict[str, Any]:
    """Receivers and routes one by one, so that what is wrong has a place; durations as rule files write them."""
    for name, receiver in data.get("receivers", {}).items():
        try:
            msgspec.convert(receiver, Receiver)
        except msgspec.ValidationError as error:
            message, _, inner = str(error).partition(" - at `$")
            raise _WrittenError(f"receivers.{name}{inner.rstrip('`')}", message) from error
    routes = data.get("routes", [])
    for number, route in enumerate(routes):
        place = f"routes[{number}]"
        try:
            if "repeat" in route:
                place += ".repeat"
                route["repeat"] = parse_duration(route["repeat"])
            place = f"routes[{number}]"
            for step in route.get("escalate", []):
                place = f"routes[{number}].escalate"
                step["after"] = parse_duration(step["after"])
            place = f"routes[{number}]"
            msgspec.convert(route, Route)
        except msgspec.ValidationError as error:
            message, _, inner = str(error).partition(" - at `$")
            raise _WrittenError(place + inner.rstrip("`"), message) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"missing key {error}" if isinstance(error, KeyError) else str(error)
            raise _WrittenError(place, message) from error
    return data


def _problems(routing: Routing, rules: frozenset[str]) -> Iterator[tuple[str, str]]:
    if DEFAULT not in routing.receivers:
        yield "receivers", f"no receiver {DEFAULT!r}: what matches nothing would reach nobody"
    for name, receiver in routing.receivers.items():
        place = f"receivers.{name}"
        if not _NAME.fullmatch(name) or (receiver.topic and not _NAME.fullmatch(receiver.topic)):
            yield place, "names of receivers and topics are a-z, 0-9 and -"
        if len(receiver.attributes) > MOST_ATTRIBUTES:
            yield f"{place}.attributes", f"at most {MOST_ATTRIBUTES}: with more than ten SNS drops a raw delivery"
        for attribute in sorted(receiver.attributes.keys() & OWN_ATTRIBUTES):
            yield f"{place}.attributes", f"{attribute!r} is an attribute of every alert"
    ended = ""
    for number, route in enumerate(routing.routes):
        place = f"routes[{number}]"
        if ended:
            yield place, f"is never reached: {ended} takes everything"
        if route.match.everything and not route.continues:
            ended = place
        if not route.receivers:
            yield place, "no receivers"
        for at, names in ((f"{place}.receivers", route.receivers), *_escalation_receivers(place, route)):
            strangers = [name for name in names if name not in routing.receivers]
            yield from ((at, _unknown("receiver", name, routing.receivers)) for name in strangers)
        if route.repeat is not None and route.repeat < timedelta(minutes=1):
            yield f"{place}.repeat", "the sweeper comes once a minute: less is not possible"
        afters = [step.after for step in route.escalate]
        if afters != sorted(set(afters)):
            yield f"{place}.escalate", "each step comes later than the one before"
        plain_rules = [name for name in route.match.rule if not re.search(r"[*?\[]", name)]
        if rules:
            yield from ((f"{place}.match", _unknown("rule", name, rules)) for name in plain_rules if name not in rules)


def _escalation_receivers(place: str, route: Route) -> list[tuple[str, tuple[str, ...]]]:
    return [(f"{place}.escalate", step.receivers) for step in route.escalate]


def _unknown(what: str, name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"unknown {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


OWN_ATTRIBUTES: Final = frozenset(
    {"alert_id", "kind", "scope", "light", "rule", "route", "airport", "carrier", "severity", "audience", "airports"}
)
