"""The rule of a composite alarm: CloudWatch's expressions over the states of other alarms.

rule  = term { "OR" term }
term  = factor { "AND" factor }
factor = "NOT" factor | "(" rule ")" | ("ALARM" | "OK" | "INSUFFICIENT_DATA") "(" name ")" | "TRUE" | "FALSE"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from deploy.watch.evaluate import State

_TOKEN: Final = re.compile(r'\s*(?:"([^"]*)"|([A-Z_]+)|([()]))')
_STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")


def holds(rule: str, states: Mapping[str, State]) -> bool:
    """Whether it is true. Raises ValueError for what is no rule, KeyError for an alarm that is not there."""
    reading = _Reading(rule, states)
    answer = reading.rule()
    reading.end()
    return answer


def alarms_of(rule: str) -> list[str]:
    """The alarms it names, in its order."""
    return re.findall(r'"([^"]*)"', rule)


class _Reading:
    def __init__(self, text: str, states: Mapping[str, State]) -> None:
        self._text = text
        self._states = states
        self._at = 0

    def rule(self) -> bool:
        answer = self._term()
        while self._take("OR"):
            answer = self._term() or answer
        return answer

    def end(self) -> None:
        if self._text[self._at :].strip():
            raise ValueError(f"not a rule from {self._text[self._at :]!r} on")

    def _term(self) -> bool:
        answer = self._factor()
        while self._take("AND"):
            answer = self._factor() and answer
        return answer

    def _factor(self) -> bool:
        if self._take("NOT"):
            return not self._factor()
        if self._take("("):
            answer = self.rule()
            self._expect(")")
            return answer
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self._take(word):
                return value
        for state in _STATES:
            if self._take(state):
                self._expect("(")
                name = self._name()
                self._expect(")")
                return self._states[name] == state
        raise ValueError(f"not a rule from {self._text[self._at :]!r} on")

    def _take(self, word: str) -> bool:
        found = _TOKEN.match(self._text, self._at)
        if found is None or word not in (found[2], found[3]):
            return False
        self._at = found.end()
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise ValueError(f"{word} is missing before {self._text[self._at :]!r}")

    def _name(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found[1] is None:
            raise ValueError(f"an alarm's name is missing before {self._text[self._at :]!r}")
        self._at = found.end()
        return found[1]
