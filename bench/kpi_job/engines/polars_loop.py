"""A Polars batch loop: what a Python program without a streaming engine costs at its best."""

import csv
import sys
from pathlib import Path

from bench.kpi_job.compare import MEASURES_OF_ALL, Pane, compare_panes
from bench.kpi_job.contestant import done_file, run_to_end, taken_file
from bench.kpi_job.engines import Ground, Load, Run
from bench.kpi_job.load import FACT_TOPICS
from bench.kpi_job.templates import Encoding
from schemas.topics import topic_name


class PolarsLoop:
    """Batches of messages joined into Avro container blocks, decoded and grouped by Polars, sums merged at the end."""

    name = "polars"
    encoding = Encoding.SINGLE_OBJECT
    does = f"librdkafka and Polars on batches: {len(MEASURES_OF_ALL)} measures, panes of routes to a CSV file"

    def run(self, ground: Ground, load: Load) -> Run:
        """The panes are read back from the file."""
        output = ground.folder / "panes.csv"
        topics = [topic_name(load.shape.stage, topic) for topic in FACT_TOPICS]
        loop = [sys.executable, "-m", "bench.kpi_job.engines.run_polars"]
        arguments: list[str | Path] = [
            ground.kafka.bootstrap,
            output,
            taken_file(ground.folder),
            str(load.warm_up),
            done_file(ground.folder),
            *topics,
        ]
        # One thread for one core: more would only take turns.
        cost = run_to_end(self.name, ground.folder, [*loop, *arguments], load.warm_up, env={"POLARS_MAX_THREADS": "1"})
        with output.open(newline="") as file:
            panes = [
                Pane(f"{origin}-{destination}", int(at_ms), int(events), tuple(map(int, sums)))
                for origin, destination, at_ms, events, *sums in csv.reader(file)
            ]
        return Run(cost, compare_panes(load.shape, load.panes, panes))
