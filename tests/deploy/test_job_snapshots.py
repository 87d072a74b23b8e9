"""What Managed Flink is asked, in botocore's own words for it, and what comes of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deploy.errors import DeployError, NoAccountError
from deploy.job_snapshots import ASK_EVERY_SECONDS, MOST_SECONDS, JobSnapshots

JOB = "semaforo-prod-kpi-job"
SNAPSHOT = {"ApplicationName": JOB, "SnapshotName": "before-2"}


@pytest.fixture
def client() -> Any:
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("kinesisanalyticsv2")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Every request is held against the service's description; nothing else may be asked, and all of it must be."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def status(stub: Stubber, *statuses: str) -> None:
    for one in statuses:
        detail = {
            "ApplicationARN": "arn:aws:kinesisanalytics:us-east-1:111122223333:application/job",
            "ApplicationName": JOB,
            "RuntimeEnvironment": "FLINK-1_20",
            "ApplicationStatus": one,
            "ApplicationVersionId": 3,
        }
        stub.add_response("describe_application", {"ApplicationDetail": detail}, {"ApplicationName": JOB})


def snapshot(stub: Stubber, *statuses: str) -> None:
    for one in statuses:
        detail = {"SnapshotName": "before-2", "SnapshotStatus": one, "ApplicationVersionId": 3}
        stub.add_response("describe_application_snapshot", {"SnapshotDetails": detail}, SNAPSHOT)


def start(stub: Stubber) -> None:
    restore = {"ApplicationRestoreType": "RESTORE_FROM_CUSTOM_SNAPSHOT", "SnapshotName": "before-2"}
    request = {"ApplicationName": JOB, "RunConfiguration": {"ApplicationRestoreConfiguration": restore}}
    stub.add_response("start_application", {}, request)


def test_a_snapshot_is_taken_and_waited_for(client: Any, stub: Stubber) -> None:
    stub.add_response("create_application_snapshot", {}, SNAPSHOT)
    snapshot(stub, "CREATING", "CREATING", "READY")
    waits: list[float] = []
    JobSnapshots(client, "prod", waits.append).take("before-2")
    assert waits == [ASK_EVERY_SECONDS] * 2


def test_a_snapshot_that_fails_is_said(client: Any, stub: Stubber) -> None:
    stub.add_response("create_application_snapshot", {}, SNAPSHOT)
    snapshot(stub, "CREATING", "FAILED")
    with pytest.raises(DeployError, match="FAILED after 5 s, not READY"):
        JobSnapshots(client, "prod", lambda _seconds: None).take("before-2")


def test_a_running_job_is_stopped_with_a_snapshot_and_started_from_the_named_one(client: Any, stub: Stubber) -> None:
    snapshot(stub, "READY")
    status(stub, "RUNNING")
    stub.add_response("stop_application", {}, {"ApplicationName": JOB, "Force": False})
    status(stub, "STOPPING", "READY")
    start(stub)
    status(stub, "STARTING", "RUNNING")
    JobSnapshots(client, "prod", lambda _seconds: None).start_from("before-2")


def test_a_stopped_job_is_only_started(client: Any, stub: Stubber) -> None:
    snapshot(stub, "READY")
    status(stub, "READY")
    start(stub)
    status(stub, "STARTING", "RUNNING")
    JobSnapshots(client, "prod", lambda _seconds: None).start_from("before-2")


def test_a_job_that_falls_back_is_said(client: Any, stub: Stubber) -> None:
    """A state that does not fit: the application is READY again, which is not running."""
    snapshot(stub, "READY")
    status(stub, "READY")
    start(stub)
    status(stub, "STARTING", "READY")
    with pytest.raises(DeployError, match="READY after 5 s, not RUNNING"):
        JobSnapshots(client, "prod", lambda _seconds: None).start_from("before-2")


def test_a_job_is_left_alone_for_a_snapshot_that_is_not_whole(client: Any, stub: Stubber) -> None:
    snapshot(stub, "CREATING")
    with pytest.raises(DeployError, match="before-2 is not whole"):
        JobSnapshots(client, "prod", lambda _seconds: None).start_from("before-2")


def test_nobody_waits_for_ever(client: Any, stub: Stubber) -> None:
    stub.add_response("create_application_snapshot", {}, SNAPSHOT)
    snapshot(stub, *["CREATING"] * (int(MOST_SECONDS / ASK_EVERY_SECONDS) + 1))
    with pytest.raises(DeployError, match="CREATING after 900 s"):
        JobSnapshots(client, "prod", lambda _seconds: None).take("before-2")


def test_what_aws_refuses_is_said_in_its_words(client: Any, stub: Stubber) -> None:
    stub.add_client_error("create_application_snapshot", "ResourceInUseException", "a snapshot is being taken")
    with pytest.raises(NoAccountError, match="a snapshot is being taken"):
        JobSnapshots(client, "prod").take("before-2")
