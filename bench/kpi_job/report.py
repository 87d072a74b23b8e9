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


class Slope(NamedTuple):
    """An engine between two sizes of a load, each run as often: start-up and warm-up are in both and drop out."""

    small: list[Measured]
    large: list[Measured]

    @property
    def us_per_event(self) -> float:
        """CPU of one more event in microseconds: the median of the rounds."""
        return statistics.median(self.us_of_rounds)

    @property
    def us_of_rounds(self) -> list[float]:
        """Of each round, whose two runs followed each other: how far one figure is to be trusted."""
        more_events = self.large[0].shape.events - self.small[0].shape.events
        return [
            (large.run.cpu_seconds - small.run.cpu_seconds) * US_PER_SECOND / more_events
            for small, large in zip(self.small, self.large, strict=False)  # a run that failed is in neither
        ]


def slopes(measured: list[Measured], routes: int) -> dict[str, Slope]:
    """By engine, on that many routes, of the engines that ran on two sizes, in the order in which they ran."""
    runs: dict[str, dict[int, list[Measured]]] = {}
    for one in measured:
        if one.shape.routes == routes:
            runs.setdefault(one.engine, {}).setdefault(one.shape.events, []).append(one)
    return {
        engine: Slope(of_size[min(of_size)], of_size[max(of_size)])
        for engine, of_size in runs.items()
        if len(of_size) > 1
    }


def flatness(measured: list[Measured]) -> dict[int, Slope]:
    """The job by number of routes."""
    counts = sorted({m.shape.routes for m in measured})
    return {routes: slope[JOB] for routes in counts if JOB in (slope := slopes(measured, routes))}


def deviation(figures: list[float]) -> float:
    """How far the outermost figures lie from their middle, as a share of it; inf if one measures nothing."""
    low, high = min(figures), max(figures)
    return (high - low) / (high + low) if low > 0 else math.inf


def missed_bars(measured: list[Measured], routes: int) -> list[str]:
    """The bars that were measured and missed."""
    found = slopes(measured, routes)
    missed = []
    for engine, bar in BARS.items():
        if engine in found and READ_ONLY in found:
            times = found[engine].us_per_event / found[READ_ONLY].us_per_event
            if not 0 < times <= bar:
                missed.append(f"{engine} costs {times:.2f} x read-only, the bar is {bar:g} x")
    by_routes = {routes: slope.us_per_event for routes, slope in flatness(measured).items()}
    if len(by_routes) > 1 and (off := deviation(list(by_routes.values()))) > FLATNESS:
        said = ", ".join(f"{us:.2f} us on {routes:,}" for routes, us in by_routes.items())
        missed.append(f"{JOB} is not flat: {said} routes, ±{off:.0%} around the middle, the bar is ±{FLATNESS:.0%}")
    return missed


def table(measured: list[Measured], routes: int, does: Mapping[str, str]) -> str:
    """For people: a bar per engine, then the job by number of routes."""
    found = slopes(measured, routes)
    lines = []
    if found:
        one = next(iter(found.values()))
        lines.append(
            f"CPU of an event between {one.small[0].shape.events:,} and {one.large[0].shape.events:,} events,"
            f" {routes:,} routes, one core (user and system, all processes of the engine, outputs equal;"
            f" medians of {len(one.large)}, in brackets the single rounds):"
        )
        floor = found[READ_ONLY].us_per_event if READ_ONLY in found else None
        widest = max(slope.us_per_event for slope in found.values())
        for engine, slope in found.items():
            lines.append(_line(engine, slope, floor, widest))
        lines += [f"  {engine}: {does[engine]}" for engine in found]
    by_routes = flatness(measured)
    if len(by_routes) > 1:
        figures = [slope.us_per_event for slope in by_routes.values()]
        lines.append(f"{JOB} by number of routes (bar ±{FLATNESS:.0%} around the middle; ±{deviation(figures):.0%}):")
        for count, slope in by_routes.items():
            run, shape = slope.large[0].run, slope.large[0].shape
            rows_per_event = run.finding.compared / shape.events
            lines.append(
                f"  {count:>6,} routes {slope.us_per_event:6.2f} us {_rounds(slope)},"
                f" {rows_per_event:.3f} rows an event, {shape.minutes:,} panes"
            )
    return "\n".join(lines)


def _line(engine: str, slope: Slope, floor: float | None, widest: float) -> str:
    us = slope.us_per_event
    times = f"{us / floor:5.2f} x" if floor and floor > 0 else " " * 7
    bar = f"bar {BARS[engine]:g} x" if engine in BARS and floor else ""
    drawn = "█" * round(WIDTH * max(us, 0) / widest) if widest > 0 else ""
    return f"  {engine:<18} {us:6.2f} us {times}  {drawn:<{WIDTH}} {_rounds(slope)} {bar}".rstrip()


def _rounds(slope: Slope) -> str:
    """The lowest and the highest."""
    rounds = slope.us_of_rounds
    return f"({min(rounds):.2f} to {max(rounds):.2f})"


def as_json(measured: list[Measured], routes: int, does: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """For programs: every run, every slope, what was wrong."""
    found = slopes(measured, routes)
    floor = found[READ_ONLY].us_per_event if READ_ONLY in found else None
    return {
        "routes": routes,
        "engines": {
            engine: {
                "does": does[engine],
                "us_per_event": round(slope.us_per_event, 3),
                "us_per_event_of_rounds": [round(us, 3) for us in slope.us_of_rounds],
                "times_read_only": round(slope.us_per_event / floor, 3) if floor else None,
                "bar_times_read_only": BARS.get(engine),
            }
            for engine, slope in found.items()
        },
        "flatness": {
            "bar": FLATNESS,
            "us_per_event": {str(count): round(slope.us_per_event, 3) for count, slope in flatness(measured).items()},
        },
        "runs": [
            {
                "engine": one.engine,
                "events": one.shape.events,
                "routes": one.shape.routes,
                "cpu_seconds": round(one.run.cpu_seconds, 2),
                "wall_seconds": round(one.run.wall_seconds, 1),
                "rows_compared": one.run.finding.compared,
            }
            for one in measured
        ],
        "problems": problems,
    }
