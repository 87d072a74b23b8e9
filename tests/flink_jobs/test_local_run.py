"""Where a local job resumes, and what its command line refuses."""

import json
import os
from pathlib import Path

from typer.testing import CliRunner

from flink_jobs.__main__ import app
from flink_jobs.local_run import newest_checkpoint


def checkpoint(folder: Path, name: str, at: int, *, complete: bool = True) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    if complete:
        (path / "_metadata").touch()
        os.utime(path / "_metadata", (at, at))
    return path


def test_resumes_from_the_newest_complete_checkpoint_of_any_job(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    checkpoint(tmp_path, "aaa/chk-90", 100)
    newest = checkpoint(tmp_path, "bbb/chk-2", 200)
    checkpoint(tmp_path, "bbb/chk-3", 300, complete=False)
    assert newest_checkpoint(tmp_path) == newest
    savepoint = checkpoint(tmp_path, "savepoint-bbb-1", 250)
    assert newest_checkpoint(tmp_path) == savepoint


def test_wrong_properties_are_named_and_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps([{"PropertyGroupId": "kpi-job", "PropertyMap": {"stage": "demo", "stream": "s"}}]))
    result = CliRunner().invoke(app, ["--properties", str(path), "--set", "bootstrap=h:1", "--set", "pane_ms=7"])
    assert result.exit_code == 2
    assert "pane_ms" in result.output
    missing = CliRunner().invoke(app, ["--properties", str(tmp_path / "none.json")])
    assert missing.exit_code == 2
