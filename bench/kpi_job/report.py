"""From CPU of whole runs to microseconds an event, against the bars."""

import math
import statistics
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bench.kpi_job.engines import Run
from bench.kpi_job.shape import Shape

READ_ONLY: Final = "read-only"
JOB: Final = "job"
JOB_WITHOUT_DEDUP: Final = "job-without-dedup"

BARS: Final = {JOB_WITHOUT_DEDUP: 3.5, JOB: 6.0}
"""At most so many times what Flink's own read-only costs an event."""

FLATNESS: Final = 0.15
"""From few routes to many an event's cost stays within so much of the middle."""

US_PER_SECOND: Final = 1e6
WIDTH: Final = 40


class Measured(NamedTuple):
    """One run of one engine."""

    engine: str
    shape: Shape
    run: Run


def us_per_event(one: Measured) -> float:
    """CPU of an event in microseconds, from the end of the warm-up to the end of the load: start-up drops out."""
    cost = one.run.cost
    return (cost.cpu_seconds - cost.warm_cpu_seconds) * US_PER_SECOND / (one.shape.events - cost.warm_events)


class Rounds(NamedTuple):
    """An engine's runs on one load."""

    runs: list[Measured]

    @property
    def us_of_rounds(self) -> list[float]:
        """Of each: how far one figure is to be trusted."""
        return [us_per_event(one) for one in self.runs]

    @property
    def us_per_event(self) -> float:
        """Their median."""
        return statistics.median(self.us_of_rounds)

    @property
    def shape(self) -> Shape:
        """The load."""
        return self.runs[0].shape


def by_engine(measured: list[Measured], routes: int) -> dict[str, Rounds]:
    """The engines that ran on that many routes, in the order in which they did."""
    found: dict[str, Rounds] = {}
    for one in measured:
        if one.shape.routes == routes:
            found.setdefault(one.engine, Rounds([])).runs.append(one)
    return found


def flatness(measured: list[Measured]) -> dict[int, Rounds]:
    """The job by number of routes."""
    counts = sorted({m.shape.routes for m in measured})
    return {routes: found[JOB] for routes in counts if JOB in (found := by_engine(measured, routes))}


def deviation(figures: list[float]) -> float:
    """How far the outermost figures lie from their middle, as a share of it; inf if one measures nothing."""
    low, high = min(figures), max(figures)
    return (high - low) / (high + low) if low > 0 else math.inf


def missed_bars(measured: list[Measured], routes: int) -> list[str]:
    """The bars that were measured and missed."""
    found = by_engine(measured, routes)
    missed = []
    for engine, bar in BARS.items():
        if engine in found and READ_ONLY in found:
            times = found[engine].us_per_event / found[READ_ONLY].us_per_event
            if not 0 < times <= bar:
                missed.append(f"{engine} costs {times:.2f} x read-only, the bar is {bar:g} x")
    by_routes = {routes: rounds.us_per_event for routes, rounds in flatness(measured).items()}
    if len(by_routes) > 1 and (off := deviation(list(by_routes.values()))) > FLATNESS:
        said = ", ".join(f"{us:.2f} us on {routes:,}" for routes, us in by_routes.items())
        missed.append(f"{JOB} is not flat: {said} routes, ±{off:.0%} around the middle, the bar is ±{FLATNESS:.0%}")
    return missed


def table(measured: list[Measured], routes: int, does: Mapping[str, str]) -> str:
    """For people: a bar per engine, then the job by number of routes."""
    found = by_engine(measured, routes)
    lines = []
    if found:
        one = next(iter(found.values())).runs
        lines.append(
            f"CPU of an event between {min(m.run.cost.warm_events for m in one):,} and {one[0].shape.events:,} events,"
            f" {routes:,} routes, one core (user and system, all processes of the engine, outputs equal;"
            f" medians, in brackets the lowest and the highest of so many runs):"
        )
        floor = found[READ_ONLY].us_per_event if READ_ONLY in found else None
        widest = max(rounds.us_per_event for rounds in found.values())
        for engine, rounds in found.items():
            lines.append(_line(engine, rounds, floor, widest))
        lines += [f"  {engine}: {does[engine]}" for engine in found]
    by_routes = flatness(measured)
    if len(by_routes) > 1:
        figures = [rounds.us_per_event for rounds in by_routes.values()]
        lines.append(f"{JOB} by number of routes (bar ±{FLATNESS:.0%} around the middle; ±{deviation(figures):.0%}):")
        for count, rounds in by_routes.items():
            shape = rounds.shape
            rows_per_event = rounds.runs[0].run.finding.compared / shape.events
            lines.append(
                f"  {count:>6,} routes {rounds.us_per_event:6.2f} us {_rounds(rounds)},"
                f" {rows_per_event:.3f} rows an event, {shape.minutes:,} panes"
            )
    return "\n".join(lines)


def _line(engine: str, rounds: Rounds, floor: float | None, widest: float) -> str:
    us = rounds.us_per_event
    times = f"{us / floor:5.2f} x" if floor and floor > 0 else " " * 7
    bar = f"bar {BARS[engine]:g} x" if engine in BARS and floor else ""
    drawn = "█" * round(WIDTH * max(us, 0) / widest) if widest > 0 else ""
    return f"  {engine:<18} {us:6.2f} us {times}  {drawn:<{WIDTH}} {_rounds(rounds)} {bar}".rstrip()


def _rounds(rounds: Rounds) -> str:
    """The lowest, the highest, how many."""
    figures = rounds.us_of_rounds
    return f"({min(figures):.2f} to {max(figures):.2f}, {len(figures)})"


def as_json(measured: list[Measured], routes: int, does: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """For programs: every run, every figure, what was wrong."""
    found = by_engine(measured, routes)
    floor = found[READ_ONLY].us_per_event if READ_ONLY in found else None
    return {
        "routes": routes,
        "engines": {
            engine: {
                "does": does[engine],
                "us_per_event": round(rounds.us_per_event, 3),
                "us_per_event_of_rounds": [round(us, 3) for us in rounds.us_of_rounds],
                "times_read_only": round(rounds.us_per_event / floor, 3) if floor else None,
                "bar_times_read_only": BARS.get(engine),
            }
            for engine, rounds in found.items()
        },
        "flatness": {
            "bar": FLATNESS,
            "us_per_event": {str(count): round(rounds.us_per_event, 3) for count, rounds in flatness(measured).items()},
        },
        "runs": [
            {
                "engine": one.engine,
                "events": one.shape.events,
                "routes": one.shape.routes,
                "us_per_event": round(us_per_event(one), 3),
                "cpu_seconds": round(one.run.cost.cpu_seconds, 2),
                "wall_seconds": round(one.run.cost.wall_seconds, 1),
                "warm_cpu_seconds": round(one.run.cost.warm_cpu_seconds, 2),
                "warm_events": one.run.cost.warm_events,
                "rows_compared": one.run.finding.compared,
            }
            for one in measured
        ],
        "problems": problems,
    }
