"""Backups brought back: lights, log and outbox after somebody deleted them, a partner's deleted file, the bookings."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy.errors import DeployError
from deploy.local import template
from deploy.local.cloud import LocalCloud
from deploy.local.postgres import Postgres, program
from deploy.table_copy import Copied, copy_missing
from tests.alerts.samples import row
from tests.integration.alert_desk import HEARD, AlertDesk, new_route, trouble
from tests.integration.booking_system import BookingSystem, booking_system, contents, same

pytestmark = pytest.mark.faults


def backed_up(desk: AlertDesk, table: str) -> str:
    answer = desk.dynamodb.create_backup(TableName=table, BackupName=f"{table}-before")
    return str(answer["BackupDetails"]["BackupArn"])


def restored(desk: AlertDesk, backup: str, table: str) -> str:
    name = f"{table}-restored"
    desk.dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=backup)
    desk.dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


def items(desk: AlertDesk, table: str) -> list[dict[str, Any]]:
    return list(desk.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"])


def delete_all(desk: AlertDesk, table: str) -> None:
    described = desk.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    names = [key["AttributeName"] for key in described]
    for item in items(desk, table):
        desk.dynamodb.delete_item(TableName=table, Key={name: item[name] for name in names})


def test_deleted_lights_come_back_and_nobody_is_told_again(desk: AlertDesk) -> None:
    route, later = new_route(), new_route()
    desk.process(*trouble(route))
    assert desk.sent_to_subscriber(route) == HEARD
    tables = (desk.settings.lights_table, desk.settings.light_log_table, desk.settings.outbox_table)
    before, lights, log = {table: len(items(desk, table)) for table in tables}, desk.lights(route), desk.log(route)
    backups = {table: backed_up(desk, table) for table in tables}
    for table in tables:
        delete_all(desk, table)
        assert items(desk, table) == []
    desk.process(row(0, 9, entity=later))  # the stage goes on meanwhile

    for table, backup in backups.items():
        source = restored(desk, backup, table)
        assert copy_missing(desk.dynamodb, source, table) == Copied(before[table], 0)
        assert copy_missing(desk.dynamodb, source, table) == Copied(0, before[table])
    assert desk.lights(route) == lights
    assert desk.log(route) == log
    assert "GREEN" in desk.lights(later)

    desk.process(*trouble(route))  # what came since is read again
    desk.sweep()
    assert desk.sent_to_subscriber(route) == HEARD
    desk.process(row(60, 6, entity=route))
    assert desk.sent_to_subscriber(route) == HEARD + Counter({"RED 13:00": 1})


def test_what_the_stage_wrote_since_is_not_overwritten(desk: AlertDesk) -> None:
    route, table = new_route(), desk.settings.lights_table
    desk.process(row(0, 9, entity=route))
    source = restored(desk, backed_up(desk, table), f"{table}-older")
    desk.process(row(10, 6, entity=route))
    now = desk.lights(route)
    assert copy_missing(desk.dynamodb, source, table).copied == 0
    assert desk.lights(route) == now


def test_a_table_of_another_kind_is_refused(desk: AlertDesk) -> None:
    with pytest.raises(DeployError, match="has the keys"):
        copy_missing(desk.dynamodb, desk.settings.outbox_table, desk.settings.lights_table)


def test_a_partners_deleted_file_comes_back_by_its_version(desk: AlertDesk, cloud: LocalCloud) -> None:
    outputs = template.deploy(template.synthesise("test", feeds=True), "test", cloud, "feeds")
    s3, place = cloud.client("s3"), {"Bucket": outputs["PartnerBucket"], "Key": "received/acme/deleted.txt"}
    s3.put_object(**place, Body=b"first")
    s3.put_object(**place, Body=b"second")
    s3.delete_object(**place)
    versions = s3.list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"])
    (marker,) = versions["DeleteMarkers"]
    s3.delete_object(**place, VersionId=marker["VersionId"])
    assert s3.get_object(**place)["Body"].read() == b"second"
    older = next(one for one in versions["Versions"] if one["VersionId"] != s3.head_object(**place)["VersionId"])
    assert s3.get_object(**place, VersionId=older["VersionId"])["Body"].read() == b"first"


def test_bookings_come_back_from_a_dump_and_history_is_the_same(postgres: Postgres, tmp_path: Path) -> None:
    """What RDS's snapshots are for: another database with the same rows, and an ETL that reads all of it anew."""
    with booking_system(postgres, tmp_path / "stores", bookings=300) as lost:
        lost.etl()
        before, dump = contents(lost.clean), tmp_path / "bookings.dump"
        run("pg_dump", "--format=custom", "--file", str(dump), "--dbname", lost.dsn)
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            connection.execute("CREATE DATABASE restored")
        dsn = make_conninfo(postgres.dsn, dbname="restored")
        run("pg_restore", "--exit-on-error", "--dbname", dsn, str(dump))
        again = BookingSystem(dsn, lost.folder)
        for table in ("airlines", "airports", "routes", "pilots", "flights", "passengers", "bookings"):
            assert again.rows(f"TABLE {table}") == lost.rows(f"TABLE {table}")
        again.etl(full=True)
        assert same(contents(again.clean), before)


def run(name: str, *words: str) -> None:
    """One of PostgreSQL's own programs, which come beside its server."""
    done = subprocess.run([str(program(name)), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
