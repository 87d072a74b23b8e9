"""What became of the mutants: killed by a test, or not, or no test could tell them from the code."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Set
from itertools import groupby
from math import sqrt
from pathlib import Path
from typing import Final, NamedTuple

Z95: Final = 1.959964
"""The normal quantile of a two-sided interval at 95 %."""

# mutmut's exit codes: pytest's, its own, and those of signals. Out of memory, or crashed, is killed.
_KILLED: Final = (1, 3, -11, -9)
_TIMED_OUT: Final = (36, -24, 24, 152, 255)
_SURVIVED: Final = (0, 5, 33)


class Change(NamedTuple):
    """What a mutant makes of the lines of a module, the blanks around them aside."""

    module: str
    old: str
    new: str


class Mutant(NamedTuple):
    """One mutant by mutmut's name ("rules.evaluate.x__wait__mutmut_3") and exit code; survivors with their diff."""

    name: str
    exit_code: int | None
    diff: str = ""

    @property
    def module(self) -> str:
        return self.name.split(".")[1]

    @property
    def survives(self) -> bool:
        """Also if no test reaches it."""
        return self.exit_code in _SURVIVED

    @property
    def change(self) -> Change:
        return Change(self.module, self._side("-"), self._side("+"))

    def _side(self, sign: str) -> str:
        lines = [line for line in self.diff.splitlines() if line.startswith(sign) and not line.startswith(sign * 3)]
        return " ".join(line[1:].strip() for line in lines)


def equivalents(path: Path) -> frozenset[Change]:
    """Changes after which the code behaves as before: the tables `[[equivalent]]` of a file, each with its reason."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]
    return frozenset(Change(one["module"], one["old"], one["new"]) for one in tables if one["why"])


class Score(NamedTuple):
    """How many mutants were tried, and what became of them."""

    killed: int
    timed_out: int
    survived: int
    equivalent: int

    @property
    def counted(self) -> int:
        return self.killed + self.timed_out + self.survived

    @property
    def share(self) -> float:
        """Of 1, of all that are not equivalent; what never ends is as good as killed."""
        return (self.killed + self.timed_out) / self.counted if self.counted else 1.0

    def interval(self, of: int) -> tuple[float, float]:
        """Where the share of all mutants lies at 95 %, if these were drawn from so many: Wilson's, for a finite
        population."""
        z = Z95 * sqrt(max(of - self.counted, 0) / max(of - 1, 1))
        widening = z * z / self.counted
        centre = self.share + widening / 2
        reach = z * sqrt(self.share * (1 - self.share) / self.counted + widening / (4 * self.counted))
        return (centre - reach) / (1 + widening), (centre + reach) / (1 + widening)


def score(mutants: Iterable[Mutant], equivalent: Set[Change]) -> Score:
    """Raises ValueError for a mutant without a verdict, as after an interruption."""
    found: Counter[str] = Counter()
    for one in mutants:
        if one.survives:
            found["equivalent" if one.change in equivalent else "survived"] += 1
        elif one.exit_code in _KILLED:
            found["killed"] += 1
        elif one.exit_code in _TIMED_OUT:
            found["timed_out"] += 1
        else:
            raise ValueError(f"{one.name}: no verdict, exit code {one.exit_code}")
    return Score(found["killed"], found["timed_out"], found["survived"], found["equivalent"])


def report(mutants: Iterable[Mutant], equivalent: Set[Change], of: int) -> str:
    """For people: a line per module and one for all; with an interval if these are a sample."""
    ordered = sorted(mutants, key=lambda one: one.module)
    lines = [f"{'module':<16} killed  timeout  survived  equivalent   score"]
    lines += [_line(name, score(group, equivalent)) for name, group in groupby(ordered, key=lambda one: one.module)]
    total = score(ordered, equivalent)
    lines.append(_line("all", total))
    if len(ordered) < of:
        low, high = total.interval(of)
        lines[-1] += f"  ({len(ordered)} drawn of {of}: {low:.1%} to {high:.1%} at 95 %)"
    return "\n".join(lines)


def _line(name: str, found: Score) -> str:
    counts = f"{found.killed:7} {found.timed_out:8} {found.survived:9} {found.equivalent:11}"
    return f"{name:<16}{counts} {found.share:7.1%}"
