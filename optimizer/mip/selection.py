"""A choice among columns: each is taken or not, costs whole cents, and uses up of named rows, which have bounds.

A line of flying that an aircraft may take, or a route's timetable for a week, is a column; a flight that must be
flown or cancelled once, an airport's slots or a fleet's hours are rows. Set partitioning with side constraints, as
airlines' crews and aircraft have been planned since Hoffman and Padberg (1993).
"""

from typing import NamedTuple

import msgspec


class Column(msgspec.Struct, frozen=True):
    """What it uses of each row, by the row's place."""

    cost_cents: int
    uses: tuple[tuple[int, int], ...]


class Row(msgspec.Struct, frozen=True):
    """What all chosen columns use together is at least `least` and at most `most`. Its name tells people what
    fights."""

    name: str
    least: int | None
    most: int | None


class Selection(msgspec.Struct, frozen=True):
    """Choose of `columns` such that all `rows` hold and the sum of costs is smallest."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def cost_cents(self, chosen: tuple[int, ...]) -> int:
        """Of these columns."""
        return sum(self.columns[place].cost_cents for place in chosen)

    def broken(self, chosen: tuple[int, ...]) -> list[str]:
        """The rows that these columns do not keep."""
        used = [0] * len(self.rows)
        for place in chosen:
            for row, amount in self.columns[place].uses:
                used[row] += amount
        bounds = zip(self.rows, used, strict=True)
        return [
            row.name
            for row, amount in bounds
            if (row.least is not None and amount < row.least) or (row.most is not None and amount > row.most)
        ]


class Stop(msgspec.Struct, frozen=True):
    """When to answer with the best so far. The same `nodes` of the search tree give the same answer on any machine,
    `seconds` do not: whoever needs the same answer again gives it time enough."""

    seconds: float = 10.0
    nodes: int | None = None


class Choice(NamedTuple):
    """`chosen` is None if nothing was found; then `fighting` names rows that cannot all hold, or is empty if time was
    up before anybody knew. No choice costs less than `bound_cents`."""

    chosen: tuple[int, ...] | None
    cost_cents: int
    bound_cents: float
    fighting: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """How much of its cost the choice may be above the best one, at most."""
        return max(self.cost_cents - self.bound_cents, 0.0) / max(abs(self.cost_cents), 1)
