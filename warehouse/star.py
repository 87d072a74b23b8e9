"""The star schema, built by dbt from the clean tables into the DuckDB file that stands for Redshift on one machine.

Only what is new is read: the months whose files changed since the last build that came to its end. Each model is one
transaction and replaces by key, so a build that was killed is made good by the next, whatever it had reached.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from warehouse.settings import HISTORY, HistorySettings
from warehouse.star_seeds import DBT_FOLDER
from warehouse.star_sources import SOURCES, Prints, prints, register
from warehouse.storage import Store

WORK: Final = HISTORY / "dbt"
"""dbt's compiled models, its log, its docs, and what DuckDB spills."""

Touched = Mapping[str, list[str]]


class StarError(Exception):
    """The star was not built; the text says which models or tests failed, and why."""


class Node(NamedTuple):
    """A model, seed or test that dbt has run."""

    name: str
    kind: str
    status: str
    seconds: float


class Built(NamedTuple):
    """`touched`: the clean months that were read, by table; None if all were."""

    nodes: tuple[Node, ...]
    touched: Touched | None

    def said(self) -> str:
        """In words."""
        counts = {kind: sum(node.kind == kind for node in self.nodes) for kind in ("model", "test")}
        if self.touched is None:
            read = "all clean months read"
        elif self.touched:
            read = "; ".join(f"{table} {' '.join(months)}".strip() for table, months in self.touched.items())
        else:
            read = "nothing is new"
        return f"{counts['model']} models, {counts['test']} tests; {read}"


def build(
    settings: HistorySettings,
    *,
    full_refresh: bool = False,
    docs: bool = False,
    seen: Callable[[Node], None] = lambda _node: None,
) -> Built:
    """Bring the star up to what the clean tables say. `seen` is told of each model as it is done.

    `full_refresh` makes every table anew, as does a change of the models. Nothing is run where nothing is new. Raises
    StarError, with what failed.
    """
    if settings.star_path.stem in _SCHEMAS:
        raise StarError(
            f"{settings.star_path}: named like a schema in it, and `{settings.star_path.stem}.x` would be of both"
        )
    clean = Store(settings.clean_url)
    found = prints(clean)
    settings.star_path.parent.mkdir(parents=True, exist_ok=True)
    project = _project_print()
    try:
        with duckdb.connect(settings.star_path) as connection:
            register(connection, clean, found)
            before = _built(connection)
    except duckdb.Error as error:
        raise StarError(f"{settings.star_path}: {error}") from error
    anew = full_refresh or before is None or before.pop(_PROJECT, "") != project
    touched = None if anew or before is None else _touched(before, found)
    nodes: list[Node] = []

    def done(node: Node) -> None:
        nodes.append(node)
        seen(node)

    if touched is None or touched:
        arguments = ["build", *(["--full-refresh"] if anew else ["--exclude", "resource_type:seed"])]
        _dbt(settings, [*arguments, "--vars", json.dumps({"touched": touched})], done)
        with duckdb.connect(settings.star_path) as connection:
            _remember(connection, {**found, _PROJECT: project})
    if docs:
        _dbt(settings, ["docs", "generate", "--static"], seen)
    return Built(tuple(nodes), touched)


_PROJECT: Final = ("", "project")
_SCHEMAS: Final = ("clean", "meta", "seed", "staging", "star")


def _project_print() -> str:
    """Of the models: tables that others made are made anew."""
    files = sorted(path for path in DBT_FOLDER.rglob("*") if path.suffix in (".sql", ".yml", ".csv"))
    parts = [path.relative_to(DBT_FOLDER).as_posix().encode() + path.read_bytes() for path in files]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _built(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str] | None:
    """The prints of the last build that came to its end; None if there was none."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS meta")
    connection.execute("CREATE TABLE IF NOT EXISTS meta.built (table_name VARCHAR, month VARCHAR, print VARCHAR)")
    rows = connection.execute("SELECT table_name, month, print FROM meta.built").fetchall()
    return {(table, month): text for table, month, text in rows} or None


def _remember(connection: duckdb.DuckDBPyConnection, found: Prints) -> None:
    connection.begin()
    connection.execute("DELETE FROM meta.built")
    connection.executemany("INSERT INTO meta.built VALUES (?, ?, ?)", [(*key, text) for key, text in found.items()])
    connection.commit()


def _touched(before: Prints, found: Prints) -> dict[str, list[str]]:
    """Months whose files are new, changed or gone."""
    keys = sorted(key for key in {*before, *found} if before.get(key) != found.get(key))
    return {
        table: [month for name, month in keys if name == table] for table in SOURCES if table in {k[0] for k in keys}
    }


def _dbt(settings: HistorySettings, arguments: list[str], seen: Callable[[Node], Any]) -> None:
    """Run dbt in this process; StarError names what failed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner  # takes 2 s to import, which no other command of the warehouse pays

    def heard(event: Any) -> None:
        if event.info.name in _RESULTS:
            info = event.data.node_info
            seen(Node(info.node_name, info.resource_type, info.node_status, event.data.execution_time))

    folder, work = str(DBT_FOLDER), WORK.absolute()
    options = ["--quiet", "--no-send-anonymous-usage-stats", "--project-dir", folder, "--profiles-dir", folder]
    options += ["--target-path", str(work / "target"), "--log-path", str(work / "logs")]
    with _environment(settings):
        result = dbtRunner(callbacks=[heard]).invoke([*arguments, *options])
    # dbt keeps the file open behind its back; nobody else could read it for as long as this process lives.
    with suppress(Exception):
        DuckDBConnectionManager.env().close()  # type: ignore[no-untyped-call]
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if result.success:
        return
    runs = getattr(result.result, "results", None) or ()
    lines = [f"{run.node.name}: {run.message}" for run in runs if run.status in ("error", "fail")]
    raise StarError("\n".join(lines) or str(result.exception or f"dbt {arguments[0]} failed"))


_RESULTS: Final = ("LogModelResult", "LogTestResult", "LogSeedResult")


@contextmanager
def _environment(settings: HistorySettings) -> Iterator[None]:
    """What profiles.yml reads, for as long as dbt runs."""
    work = WORK.absolute()
    given = {
        "SEMAFORO_STAR_TARGET": "duckdb",
        "SEMAFORO_STAR_PATH": str(settings.star_path.absolute()),
        "SEMAFORO_DBT_WORK": str(work),
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    Path(work).mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
