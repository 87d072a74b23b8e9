"""`python -m bench`: what the README claims, measured on this machine."""

import typer

from bench.actions import actions
from bench.advice_delay import advice
from bench.app_cost import app as app_cost
from bench.day_simulation import simulation
from bench.history.command import history
from bench.kpi_job.command import kpi_job
from bench.latency import latency
from bench.lights.command import lights
from bench.partition import partition
from bench.rules_cost import rules
from bench.semaforo_cost import semaforo
from bench.tune_rules import tune_rules
from bench.unusual import unusual

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(latency)
app.command()(kpi_job)
app.command()(rules)
app.command()(semaforo)
app.command()(lights)
app.command()(history)
app.command()(simulation)
app.command()(actions)
app.command()(advice)
app.command()(partition)
app.command()(unusual)
app.command()(tune_rules)
app.command(name="app")(app_cost)


@app.callback()
def main() -> None:
    """Each command prints what it measured and exits 1 if outputs differ or a bar is missed."""


if __name__ == "__main__":
    app()
