"""Both dialects: every model compiles for Redshift without a connection, and a parser of Redshift's SQL reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from warehouse.star_seeds import DBT_FOLDER

pytestmark = pytest.mark.integration

# What the parser reads in any dialect, and Redshift does not have.
FOREIGN = (
    *(exp.Array, exp.Struct, exp.Columns, exp.Lambda, exp.Bracket, exp.IntDiv, exp.Pivot, exp.Command),
    exp.ReadParquet,
)
# Functions of Redshift that the parser does not know by name.
KNOWN_FUNCTIONS: frozenset[str] = frozenset({"json_extract_path_text"})


def breaches(sql: str) -> list[str]:
    """What Redshift would not read: a syntax error, a construct of another dialect, a function it does not have."""
    try:
        parsed = [one for one in sqlglot.parse(sql, read="redshift") if one is not None]
    except ParseError as error:
        return [str(error)]
    foreign = [one.sql() for tree in parsed for one in tree.find_all(*FOREIGN)]
    functions = [str(one.this).lower() for tree in parsed for one in tree.find_all(exp.Anonymous)]
    asof = [one.sql() for tree in parsed for one in tree.find_all(exp.Join) if one.method == "ASOF"]
    return foreign + asof + [name for name in functions if name not in KNOWN_FUNCTIONS]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every model and test for Redshift; with months touched, so that the incremental branches are in it."""
    return compile_for("redshift", tmp_path_factory.mktemp("redshift"))


def compile_for(target: str, work: Path) -> dict[str, str]:
    from dbt.cli.main import dbtRunner

    before = dict(os.environ)
    os.environ |= {"SEMAFORO_DBT_WORK": str(work), "SEMAFORO_STAR_TARGET": target, "DO_NOT_TRACK": "1"}
    try:
        result = dbtRunner().invoke(
            [
                *("--quiet", "--no-send-anonymous-usage-stats", "compile", "--no-introspect", "--no-populate-cache"),
                *("--vars", json.dumps({"touched": {"flight": ["2013-02"], "kpi_row": ["2013-02"]}})),
                *("--project-dir", str(DBT_FOLDER), "--profiles-dir", str(DBT_FOLDER)),
                *("--target-path", str(work / "target"), "--log-path", str(work / "logs")),
            ]
        )
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert result.success, result.exception
    return {path.stem: path.read_text() for path in (work / "target" / "compiled").rglob("*.sql")}


def test_every_model_is_read_by_a_parser_of_redshift(compiled: dict[str, str]) -> None:
    models = {path.stem for path in (DBT_FOLDER / "models").rglob("*.sql")}
    assert models <= compiled.keys()
    assert {name: found for name, sql in compiled.items() if (found := breaches(sql))} == {}


def test_new_months_are_chosen_by_their_partition(compiled: dict[str, str]) -> None:
    assert "month in ('2013-02')" in compiled["fct_route_kpi"]
    assert "touched_flight" in compiled["fct_flight"]


@pytest.mark.parametrize(
    "sql",
    [
        "select epoch_ms(at) from flight",
        "select a // b from flight",
        "select [1, 2, 3] as days from flight",
        "select list_transform(days, d -> d + 1) from flight",
        "select * from read_parquet('a.parquet')",
        "select {'a': 1} as pair from flight",
        "select days[1] from flight",
        "select * from flight asof join weather using (observed_at)",
    ],
)
def test_duckdb_alone_is_caught(sql: str) -> None:
    assert breaches(sql)


def test_the_dialects_differ_where_they_must(compiled: dict[str, str], tmp_path: Path) -> None:
    ours = compile_for("duckdb", tmp_path)
    assert breaches(ours["fct_flight"])
    assert "convert_timezone" in compiled["fct_flight"]
    assert "timezone('UTC'" in ours["fct_flight"]
