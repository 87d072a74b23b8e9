"""`python -m bench kpi-job`: every engine on the same events, one after the other, outputs checked first."""

import json
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.kpi_job.cpu import stay_off_core
from bench.kpi_job.engines import Engine, Ground, Load, Run
from bench.kpi_job.engines.flink_sql import FlinkBuiltIn, FlinkReadOnly
from bench.kpi_job.engines.kafka_streams import KafkaStreams
from bench.kpi_job.engines.our_job import OurJob
from bench.kpi_job.engines.polars_loop import PolarsLoop
from bench.kpi_job.expected import route_panes
from bench.kpi_job.load import LoadError, published
from bench.kpi_job.made_up import MOST_ROUTES
from bench.kpi_job.report import BARS, JOB, READ_ONLY, Measured, as_json, missed_bars, table, us_per_event
from bench.kpi_job.shape import Shape, dense
from bench.kpi_job.templates import Encoding
from deploy.errors import PartError
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.paths import BUILD

ENGINES: Final[dict[str, Engine]] = {
    engine.name: engine
    for engine in (
        FlinkReadOnly(),
        OurJob(drop_duplicates=False),
        OurJob(drop_duplicates=True),
        FlinkBuiltIn(Encoding.PLAIN_AVRO),
        FlinkBuiltIn(Encoding.JSON),
        PolarsLoop(),
        KafkaStreams(),
    )
}
FLATNESS: Final = "flatness"
FEWER_ROUTES: Final = (10, 100)
RESULT: Final = BUILD / "bench" / "kpi_job.json"
KEPT_LOGS: Final = BUILD / "bench" / "logs"
"""Of runs that failed; what else a run leaves is gone with it."""

BYTES_PER_EVENT: Final = 350
"""On disk in one encoding with its key; about 720 in all three. The rest is for the engines' output."""


class Same(StrEnum):
    """What fewer routes have in common with all: events a minute, or events a minute and route.

    At the same rate only the number of routes differs. At the same density ten routes are a hundred times as many panes
    of a hundredth of the events, and so as many requests to the stream: that is what it then measures.
    """

    RATE = "rate"
    DENSITY = "density"


def kpi_job(
    warm_up: Annotated[
        int, typer.Option(min=1_000, help="so many events, with the start, are not counted")
    ] = 1_000_000,
    events: Annotated[int, typer.Option(min=2_000, help="events of the load")] = 6_000_000,
    routes: Annotated[int, typer.Option(min=1, max=MOST_ROUTES, help="routes of the comparison")] = 1_000,
    repeat: Annotated[int, typer.Option(min=1, help="runs of each engine, of reading alone more; medians count")] = 3,
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"only these, repeated: {', '.join(ENGINES)}, or {FLATNESS} (the job on fewer routes)"),
    ] = None,
    same: Annotated[
        Same, typer.Option(help=f"{FLATNESS}: fewer routes get the same events a minute, or a minute and route")
    ] = Same.RATE,
) -> None:
    """CPU of an event in the KPI job and in other engines, from event to event of one run; every output is checked.

    Exit codes: 0 all equal and within the bars, 1 an output differs or a bar is missed, 2 wrong options or no room.
    """
    chosen = list(dict.fromkeys(only or [*ENGINES, FLATNESS]))
    if unknown := set(chosen) - {*ENGINES, FLATNESS}:
        raise typer.BadParameter(f"no engine {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    if warm_up >= events:
        raise typer.BadParameter(f"--warm-up {warm_up} must be less than --events {events}")
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="semaforo-bench-") as folder:
        contests = _contests(chosen, events, routes, same)
        free, needed = shutil.disk_usage(folder).free, _bytes_needed(contests)
        if free < needed:
            raise typer.BadParameter(f"{free / 1e9:.0f} GB free at {folder}, needed {needed / 1e9:.0f}")
        try:
            problems = _measure(Path(folder), contests, warm_up, repeat, measured)
        except (PartError, LoadError) as error:
            problems = [str(error)]
    does = {name: engine.does for name, engine in ENGINES.items()}
    problems += missed_bars(measured, routes)
    print(table(measured, routes, does))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(as_json(measured, routes, does, problems), indent=1) + "\n")
    print(f"all figures: {RESULT}")
    for problem in problems:
        print(f"kpi-job: {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


class Contest(NamedTuple):
    """An engine and its load."""

    engine: Engine
    shape: Shape


def _contests(chosen: list[str], events: int, routes: int, same: Same) -> list[Contest]:
    """Who runs on what, in turn: everyone on all routes, and for flatness the job on fewer.

    Reading alone is run anew before each that is held against it: no figure moves the ratios more, and none is cheaper.
    """
    contests = []
    for name, engine in ENGINES.items():
        if name in chosen:
            beside = [ENGINES[READ_ONLY]] if name in BARS and READ_ONLY in chosen else []
            contests += [Contest(each, dense(events, routes)) for each in (*beside, engine)]
    if FLATNESS in chosen:
        counts = [*(count for count in FEWER_ROUTES if count < routes), *([] if JOB in chosen else [routes])]
        for count in counts:
            shape = dense(events, count) if same is Same.DENSITY else dense(events, routes)._replace(routes=count)
            contests.append(Contest(ENGINES[JOB], shape))
    return contests


def _loads(contests: list[Contest]) -> dict[Shape, set[Encoding]]:
    """What must be on the topics."""
    loads: dict[Shape, set[Encoding]] = {}
    for engine, shape in contests:
        loads.setdefault(shape, set()).add(engine.encoding)
    return loads


def _bytes_needed(contests: list[Contest]) -> int:
    return sum(shape.events * len(encodings) for shape, encodings in _loads(contests).items()) * BYTES_PER_EVENT


def _measure(folder: Path, contests: list[Contest], warm_up: int, repeat: int, measured: list[Measured]) -> list[str]:
    """Fills `measured` with the runs whose output was right; returns what was wrong with the others.

    All loads are on the topics at once, and the engines run in turn: the machine's speed moves by a third in an hour.
    """
    lifeline = Lifeline(folder)
    kafka, cloud = KafkaCluster(folder), LocalCloud(folder)
    problems: list[str] = []
    stay_off_core()
    try:
        kafka.start()
        cloud.start()
        with ExitStack() as topics:
            loads = _loads(contests)
            for shape, encodings in loads.items():
                _say(f"{shape.events:,} events on {shape.routes:,} routes in {shape.minutes:,} minutes")
                topics.enter_context(published(kafka, shape, encodings))
            panes = {shape: route_panes(shape) for shape in loads}
            for number in range(repeat):
                _say(f"round {number + 1} of {repeat}")
                for engine, shape in contests:
                    runs = folder / "runs" / f"{engine.name}-{shape.stage}"
                    run, wrong = _run(engine, Ground(kafka, cloud, runs), Load(shape, panes[shape], warm_up))
                    problems += [f"{engine.name}, {shape.routes:,} routes: {problem}" for problem in wrong]
                    if run and not wrong:
                        measured.append(Measured(engine.name, shape, run))
    finally:
        kafka.stop(grace_seconds=0)
        cloud.stop(grace_seconds=0)
        lifeline.release()
    return problems


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _run(engine: Engine, ground: Ground, load: Load) -> tuple[Run | None, list[str]]:
    """One run in a folder of its own, which is gone afterwards; what was wrong with it."""
    (ground.folder / "logs").mkdir(parents=True)
    lifeline = Lifeline(ground.folder)
    started = time.monotonic()
    what = f"{engine.name}, {load.shape.routes:,} routes"
    print(f"  {what:<32} ", end="", file=sys.stderr, flush=True)
    try:
        run = engine.run(ground, load)
    except PartError as error:
        print("FAILED", file=sys.stderr)
        kept = KEPT_LOGS / ground.folder.name
        shutil.copytree(ground.folder / "logs", kept, dirs_exist_ok=True)
        return None, [f"{error}\nkept in {kept}"]
    finally:
        lifeline.release()
        shutil.rmtree(ground.folder, ignore_errors=True)
    wrong = run.finding.said()
    verdict = "OUTPUT DIFFERS" if wrong else f"{run.finding.compared:,} rows right"
    seconds = time.monotonic() - started
    us = us_per_event(Measured(engine.name, load.shape, run))
    print(f"{us:6.2f} us, {run.cost.cpu_seconds:6.1f} s CPU, {verdict}, {seconds:.0f} s in all", file=sys.stderr)
    return run, wrong
