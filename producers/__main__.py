"""`python -m producers`: put flights, real, simulated or from files, on the topics."""

import typer

from producers.heartbeat_command import heartbeat
from producers.sources.aviationstack.command import aviationstack
from producers.sources.files.command import files
from producers.sources.nycflights13.command import replay
from producers.sources.simulator.command import simulate

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(replay)
app.command()(simulate)
app.command()(files)
app.command()(aviationstack)
app.command()(heartbeat)

if __name__ == "__main__":
    app()
