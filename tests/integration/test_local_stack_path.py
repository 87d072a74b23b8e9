"""What the deployed template does on the local cloud: rows become lights and messages, roles are enforced."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local import placing, tail
from deploy.local.stack import Stack
from deploy.paths import ROOT
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, pack_rows

pytestmark = pytest.mark.integration

BEGIN = datetime(2013, 2, 8, tzinfo=UTC)
BAD_DAY = {"flights": 40, "operated": 40, "arrivals": 40, "arrivals_on_time": 4, "arrivals_within_1h": 40}


def put_bad_day(stack: Stack, route: str) -> None:
    """Six hours of rows of a route on which one flight in ten is on time."""
    measures = tuple(BAD_DAY.get(name, 0) for name in MEASURE_NAMES)
    rows = [
        KpiRow("route", route, "24h", BEGIN + timedelta(minutes=30 * step), 0, datetime.now(UTC), 40, measures)
        for step in range(12)
    ]
    kinesis = stack.cloud.client("kinesis")
    kinesis.put_record(StreamName=stack.outputs["KpiStream"], Data=pack_rows(rows), PartitionKey=route)


def lights_of(stack: Stack, route: str) -> dict[str, Any]:
    key = {"entity": {"S": f"route#{route}"}}
    item: dict[str, Any] = (
        stack.cloud.client("dynamodb").get_item(TableName=stack.outputs["LightsTable"], Key=key).get("Item", {})
    )
    return item


def wait_for_lights(stack: Stack, route: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not (item := lights_of(stack, route)):
        assert time.monotonic() < deadline, f"no light for {route}"
        time.sleep(0.05)
    return item


def test_rows_become_a_red_light_and_a_message(stack: Stack) -> None:
    listener = tail.alerts(stack)
    assert next(listener) is None, "subscribed, and nothing yet"
    put_bad_day(stack, "JFK-LAX")
    wait_for_lights(stack, "JFK-LAX")
    deadline = time.monotonic() + 60
    while (alert := next(listener)) is None:
        assert time.monotonic() < deadline, "no message"
    listener.close()
    assert alert["stage"] == "test"
    assert "JFK-LAX" in tail.alert_line(alert)


def test_tail_kpis_shows_the_rows_on_the_stream(stack: Stack) -> None:
    put_bad_day(stack, "EWR-SFO")
    words = [sys.executable, "-m", "deploy", "local", "tail", "kpis", "--state-dir", str(stack.state_dir)]
    words += ["--from-start", "--idle", "2"]
    shown = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "route EWR-SFO  24h" in shown
    assert "on_time_arrival 10.0 %" in shown
    as_json = subprocess.run([*words, "--json"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert {row["measures"]["arrivals_on_time"] for row in rows if row["entity"] == "EWR-SFO"} == {4}


def test_a_template_is_placed_on_a_cloud_that_is_named(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stack.env().items():
        monkeypatch.setenv(name, value)
    assert placing.place("test").items() <= stack.outputs.items()


def test_without_a_right_in_its_role_the_semaforo_is_refused(stack: Stack) -> None:
    """The control of least privilege: the local cloud enforces the template's policies, so they are wide enough."""
    iam = stack.cloud.client("iam")
    (role,) = (r["RoleName"] for r in iam.list_roles()["Roles"] if "semafororole" in r["RoleName"])
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    narrow = {**policy, "Statement": [s for s in policy["Statement"] if "dynamodb:PutItem" not in s["Action"]]}
    assert len(narrow["Statement"]) < len(policy["Statement"])
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(narrow))
    try:
        put_bad_day(stack, "LGA-ORD")
        log = stack.cloud.client("logs")
        deadline = time.monotonic() + 60
        refused = False
        while not refused and time.monotonic() < deadline:
            found = log.filter_log_events(logGroupName="/aws/lambda/semaforo-test-semaforo")["events"]
            cloud_log = (stack.state_dir / "logs" / "cloud.log").read_text()
            refused = any("AccessDenied" in e["message"] for e in found) or "AccessDenied" in cloud_log
            time.sleep(0.1)
        assert refused
        assert not lights_of(stack, "LGA-ORD")
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    assert wait_for_lights(stack, "LGA-ORD"), "delivered again once the right is back"
