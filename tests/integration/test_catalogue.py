"""The catalogue on the local cloud: a clean table in S3, declared by our template, answers a question of Athena's."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import aws_cdk as cdk
import duckdb
import polars as pl
import pytest

from deploy.context import DeployContext
from deploy.local.cloud import LocalCloud
from deploy.stacks.catalogue import Catalogue
from schemas.events import utc
from warehouse.clean_tables import CLEAN_TABLES

pytestmark = pytest.mark.integration

ANSWER_SECONDS = 30.0
ROUTES = (("MEX", "CUN"), ("MEX", "GDL"), ("CUN", "MEX"))
QUESTION = """
SELECT origin, destination, count(*) AS flights, sum(passengers) AS passengers
FROM flight WHERE month = '2026-03' AND state = 'ARRIVED'
GROUP BY origin, destination ORDER BY origin, destination
"""


def flights(month: int, count: int) -> pl.DataFrame:
    """Flights of a month, every fifth cancelled; columns that no question here reads are null."""
    rows = []
    for number in range(count):
        origin, destination = ROUTES[number % len(ROUTES)]
        rows.append(
            {
                "flight_id": f"AM-{number}-2026-{month:02}-01-{origin}",
                "origin": origin,
                "destination": destination,
                "state": "CANCELLED" if number % 5 == 0 else "ARRIVED",
                "passengers": 100 + number,
                "scheduled_departure_at": utc(2026, month, 1 + number % 28, 12).replace(tzinfo=None),
            }
        )
    return pl.DataFrame(rows, schema_overrides=dict(CLEAN_TABLES["flight"].columns)).select(
        [pl.col(name) if name in rows[0] else pl.lit(None, dtype).alias(name) for name, dtype in _columns()]
    )


def _columns() -> list[tuple[str, Any]]:
    return list(CLEAN_TABLES["flight"].columns.items())


@pytest.fixture(scope="module")
def outputs(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed catalogue of stage `test`, beside a bucket with two months of flights."""
    out = tmp_path_factory.mktemp("synth") / "out"
    app = cdk.App(outdir=str(out), analytics_reporting=False)
    Catalogue(app, DeployContext.local("test"))
    app.synth()
    template = json.loads((out / "semaforo-test-catalogue.template.json").read_text())
    template.pop("Rules", None)
    template.get("Parameters", {}).pop("BootstrapVersion", None)
    account = cloud.client("sts").get_caller_identity()["Account"]
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=f"semaforo-test-sto-clean-{account}")
    for month, count in ((2, 40), (3, 90)):
        body = io.BytesIO()
        flights(month, count).write_parquet(body)
        key = f"flight/month=2026-{month:02}/part-0.parquet"
        s3.put_object(Bucket=f"semaforo-test-sto-clean-{account}", Key=key, Body=body.getvalue())
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName="catalogue", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="catalogue", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    (stack,) = cloudformation.describe_stacks(StackName="catalogue")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def ask(cloud: LocalCloud, outputs: dict[str, str], question: str) -> list[list[str]]:
    athena = cloud.client("athena")
    query = athena.start_query_execution(
        QueryString=question,
        QueryExecutionContext={"Database": outputs["Database"]},
        WorkGroup=outputs["AthenaWorkgroup"],
    )["QueryExecutionId"]
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            break
        assert status["State"] in ("QUEUED", "RUNNING"), status
        assert time.monotonic() < deadline, status
        time.sleep(0.05)
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows[1:]]


def test_a_question_is_answered_as_another_engine_answers_it(cloud: LocalCloud, outputs: dict[str, str]) -> None:
    month = flights(3, 90)
    expected = duckdb.execute(
        "SELECT origin, destination, count(*)::VARCHAR, sum(passengers)::VARCHAR FROM month "
        "WHERE state = 'ARRIVED' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert len(month) == 90
    assert ask(cloud, outputs, QUESTION) == [list(row) for row in expected]


def test_every_clean_table_is_declared_with_its_columns(cloud: LocalCloud, outputs: dict[str, str]) -> None:
    glue = cloud.client("glue")
    declared = {
        table["Name"]: [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
        for table in glue.get_tables(DatabaseName=outputs["Database"])["TableList"]
    }
    assert declared == {name: list(table.columns) for name, table in CLEAN_TABLES.items()}
