"""Killed wherever it may be, the next ETL leaves what one that was never killed would have left."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import Postgres
from deploy.paths import ROOT
from tests.integration.booking_system import BookingSystem, booking_system, contents, same

BOOKINGS = 3_000
SEED = 20_260_304


@pytest.fixture
def system(postgres: Postgres, tmp_path: Path) -> Iterator[BookingSystem]:
    with booking_system(postgres, tmp_path, bookings=BOOKINGS) as filled:
        yield filled


def start(system: BookingSystem, *words: str) -> subprocess.Popen[bytes]:
    """The process, about to begin."""
    command = [sys.executable, "-m", "tests.integration.booking_etl_process", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, env=system.environment(), cwd=ROOT, **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == b"ready\n"
    return process  # type: ignore[no-any-return]


def end(process: subprocess.Popen[bytes]) -> int:
    process.kill()
    process.communicate()
    return process.returncode


def change(system: BookingSystem, luck: random.Random) -> None:
    """Some of everything, in all months."""
    first = luck.randrange(1, BOOKINGS - 400)
    system.run(
        f"UPDATE bookings SET fare_minor = fare_minor + 1 WHERE booking_id BETWEEN {first} AND {first + 300}",
        f"DELETE FROM bookings WHERE booking_id BETWEEN {first + 310} AND {first + 330}",
        f"UPDATE passengers SET country = 'NZ' WHERE passenger_id % 97 = {luck.randrange(97)}",
        f"UPDATE pilots SET flight_hours = {luck.randrange(20000)} WHERE pilot_id % 5 = {luck.randrange(5)}",
    )


def kill_in_rounds(system: BookingSystem, rounds: int) -> None:
    luck = random.Random(SEED)
    change(system, luck)
    process = start(system)
    began = time.monotonic()
    process.communicate()
    lasts_s = time.monotonic() - began
    killed, number = 0, 0
    while killed < rounds:
        number += 1
        assert number <= 10 * rounds, f"only {killed} of {number} runs were alive when they were to be killed"
        change(system, luck)
        process = start(system)
        began = time.monotonic()
        try:
            process.wait(timeout=luck.uniform(0, lasts_s))
        except subprocess.TimeoutExpired:
            killed += 1
        else:  # another machine than it was a minute ago
            lasts_s = min(lasts_s, time.monotonic() - began)
        end(process)
        system.etl()
        assert same(contents(system.clean), system.reference()), f"round {number} of seed {SEED}"
        assert system.etl().months_written == 0


@pytest.mark.integration
def test_killed_five_times_nothing_is_lost(system: BookingSystem) -> None:
    kill_in_rounds(system, 5)


@pytest.mark.faults
def test_killed_twenty_times_nothing_is_lost(system: BookingSystem) -> None:
    kill_in_rounds(system, 20)


@pytest.mark.integration
def test_with_the_watermark_first_rows_are_lost(system: BookingSystem) -> None:
    """The control: the same kill, the same comparison, the wrong order."""
    system.etl()
    change(system, random.Random(SEED))
    process = start(system, "--watermark-first")
    assert process.stdout is not None
    assert process.stdout.readline() == b"watermark written\n"
    end(process)
    system.etl()
    assert not same(contents(system.clean), system.reference())
