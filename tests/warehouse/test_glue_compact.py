"""The compaction as its Glue job starts it: settings in the environment, no arguments."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from schemas.events import utc
from schemas.raw import RawMessage, prefix, raw_line
from schemas.rows import to_ms
from warehouse.storage import Store


def test_it_takes_its_places_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = Store(str(tmp_path / "raw"))
    line = RawMessage(topic="flight-status", partition=0, offset=7, appended_at_ms=to_ms(utc(2026, 3, 2)), value=b"?")
    raw.write(f"{prefix('flight-status', '2026-03-02')}a", raw_line(line))
    monkeypatch.setenv("SEMAFORO_RAW_URL", raw.url)
    monkeypatch.setenv("SEMAFORO_CLEAN_URL", str(tmp_path / "clean"))
    monkeypatch.setattr(sys, "argv", ["job"])
    runpy.run_module("warehouse.glue.compact", run_name="__main__")
    assert "1 undecodable" in capsys.readouterr().out
    assert (tmp_path / "clean" / "raw_range").exists()


def test_an_object_that_cannot_be_read_fails_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Store(str(tmp_path / "raw"))
    raw.write(f"{prefix('flight-status', '2026-03-02')}a", b"{half a li")
    monkeypatch.setenv("SEMAFORO_RAW_URL", raw.url)
    monkeypatch.setenv("SEMAFORO_CLEAN_URL", str(tmp_path / "clean"))
    monkeypatch.setattr(sys, "argv", ["job"])
    with pytest.raises(ValueError, match="cannot be read: topic=flight-status"):
        runpy.run_module("warehouse.glue.compact", run_name="__main__")
