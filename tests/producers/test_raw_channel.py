"""Events as raw lines: where each would have stood on its topic, and nothing but facts."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from producers.__main__ import app
from schemas.codec import decode
from schemas.raw import RawMessage, read_lines
from schemas.rows import to_ms
from schemas.topics import TOPICS

WEEKEND = ("replay", "--from", "2013-01-05", "--to", "2013-01-06")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    done = CliRunner().invoke(
        app, [*WEEKEND, "--raw", str(folder / "raw"), "--summary-file", str(folder / "summary.json")]
    )
    assert done.exit_code == 0, done.output
    return folder


def messages(raw: Path) -> list[RawMessage]:
    found = []
    for path in sorted((raw / "raw").rglob("*.jsonl")):
        topic = path.relative_to(raw / "raw").parts[0].removeprefix("topic=")
        found += list(read_lines(topic, path.read_bytes()))
    return found


def test_every_event_is_there_and_no_clock_beat(raw: Path) -> None:
    summary = json.loads((raw / "summary.json").read_text())
    lines = messages(raw)
    assert len(lines) == summary["acked"] == summary["events_total"] + summary["route_heartbeats"]
    assert summary["flights_closed"] == 720


def test_offsets_rise_by_one_and_a_key_stays_on_its_partition(raw: Path) -> None:
    by_place: dict[tuple[str, int], list[int]] = {}
    partitions: dict[tuple[str, bytes], set[int]] = {}
    for line in messages(raw):
        by_place.setdefault((line.topic, line.partition), []).append(line.offset)
        partitions.setdefault((line.topic, line.key or b""), set()).add(line.partition)
        assert 0 <= line.partition < TOPICS[line.topic].partitions
    assert all(offsets == list(range(len(offsets))) for place in by_place for offsets in [sorted(by_place[place])])
    assert all(len(of_key) == 1 for of_key in partitions.values())


def test_a_line_is_known_when_its_event_was_and_lies_in_that_day(raw: Path) -> None:
    for path in sorted((raw / "raw").rglob("*.jsonl")):
        topic, day = (part.partition("=")[2] for part in path.relative_to(raw / "raw").parts[:2])
        for line in read_lines(topic, path.read_bytes()):
            event = decode(line.value)
            assert line.appended_at_ms == to_ms(event.event_at)
            assert line.key == event.key.encode()
            assert day == event.event_at.date().isoformat()


def test_the_same_replay_makes_the_same_objects(raw: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, [*WEEKEND, "--raw", str(tmp_path / "raw")]).exit_code == 0
    first = {p.relative_to(raw): p.read_bytes() for p in (raw / "raw").rglob("*.jsonl")}
    assert {p.relative_to(tmp_path): p.read_bytes() for p in (tmp_path / "raw").rglob("*.jsonl")} == first


def test_brokers_and_files_do_not_go_together(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [*WEEKEND, "--raw", str(tmp_path), "--bootstrap", "localhost:1"])
    assert (done.exit_code, "leave --bootstrap out" in done.output) == (2, True)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(app, [*WEEKEND, "--raw", str(tmp_path / "file")])
    assert (done.exit_code, "NotADirectoryError" in done.output or "FileExistsError" in done.output) == (1, True)
