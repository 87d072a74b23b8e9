"""How far a Flink job has come, as its REST API says."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any


class SourceRecords:
    """The messages that the sources of a job have read. `job_url` is None while there is no job."""

    def __init__(self, job_url: Callable[[], str | None]) -> None:
        self._job_url = job_url

    def read(self) -> int:
        """So far; 0 before the job runs."""
        url = self._job_url()
        vertices = _get(url).get("vertices", []) if url else []
        return sum(int(one["metrics"]["read-records"]) for one in vertices if one["name"].startswith("Source:"))


def only_job(port: int) -> str | None:
    """The address of the one job of a cluster; None while there is none."""
    root = f"http://127.0.0.1:{port}/jobs"
    jobs = _get(root).get("jobs", [])
    return f"{root}/{jobs[0]['id']}" if jobs else None


def _get(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # nosec B310 # noqa: S310 - our own http address
            found: dict[str, Any] = json.load(answer)
            return found
    except (urllib.error.URLError, ConnectionError, TimeoutError):  # not up yet, or on its way down
        return {}
