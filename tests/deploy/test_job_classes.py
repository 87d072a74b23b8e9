"""The archive of the job's classes: made once for what it is made from, and done without where it cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import PartError
from deploy.local import job_classes
from deploy.local.job_classes import ARCHIVE, UNUSED, job_environment

OPTION = "-XX:ArchiveClassesAtExit="


class Trial:
    """Stands for a job that is tried: its JVM writes the archive, or half of it."""

    def __init__(self, *, whole: bool = True) -> None:
        self.whole, self.times = whole, 0

    def __call__(self, folder: Path, env: dict[str, str]) -> None:
        self.times += 1
        (option,) = (word for word in env["JDK_JAVA_OPTIONS"].split() if word.startswith(OPTION))
        assert Path(option.removeprefix(OPTION)).parent == folder
        (folder / ARCHIVE).touch()
        if not self.whole:
            raise PartError("kpi-job", "did not end")


@pytest.fixture
def jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The job's, which is what these tests change."""
    path = tmp_path / "job.jar"
    path.write_bytes(b"one")
    monkeypatch.setattr(job_classes, "BUILD", tmp_path / "build")
    monkeypatch.setattr(job_classes, "flink_jar", lambda: path)
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    return path


def archive(env: dict[str, str]) -> Path:
    own, option = env["JDK_JAVA_OPTIONS"].split()
    assert own == "-XX:TieredStopAtLevel=1", "what the shell says is kept"
    return Path(option.removeprefix("-XX:SharedArchiveFile="))


def test_a_job_is_tried_once_for_each_jar(jar: Path) -> None:
    trial = Trial()
    first, again = job_environment(trial), job_environment(trial)
    assert archive(first).exists()
    assert (again, trial.times) == (first, 1)
    jar.write_bytes(b"two")
    assert archive(job_environment(trial)) != archive(first)
    assert trial.times == 2


def test_where_none_could_be_made_the_job_does_without(jar: Path) -> None:
    trial = Trial(whole=False)
    for _ in range(2):
        assert job_environment(trial)["JDK_JAVA_OPTIONS"] == "-XX:TieredStopAtLevel=1"
    assert trial.times == 1
    assert not list(jar.parent.rglob(ARCHIVE)), "half a one is gone"


def test_nothing_on_the_class_path_is_a_folder_that_holds_something(jar: Path) -> None:
    env = job_environment(Trial())
    assert [list(Path(env[name]).iterdir()) for name in UNUSED] == [[]] * len(UNUSED)
