"""The locks held against the database of known holes, by pip-audit: `make audit`.

Exit code 0 nothing is known, 1 a hole is, 2 the database did not answer and nothing was looked up, which is no praise.
What ships comes first: where no answer comes for that, nobody is asked about the rest.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
LOCKS: Final = ("lambda", "feeds", "flink-zip", "glue", "setup", "build", "cloud", "dev")
"""Those of `requirements/`, but Airflow's, which is never installed beside ours and never shipped."""
Answer = dict[str, Any]
Ask = Callable[[Path], Answer | None]


def ask(lock: Path) -> Answer | None:
    """What pip-audit says of a lock; None where it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = subprocess.run([*command, "--format", "json", "-r", str(lock)], capture_output=True, text=True, check=False)
    try:
        answer: Answer = json.loads(done.stdout)
    except ValueError:
        print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    return answer


def audit(locks: Iterable[Path], asking: Ask = ask) -> int:
    """Print what is known of each lock; the exit code."""
    worst = 0
    for lock in locks:
        answer = asking(lock)
        asked = [one for one in answer["dependencies"] if "skip_reason" not in one] if answer else []
        if answer is None or not asked:
            print(f"{lock.name}: the database of known holes cannot be reached; nothing is known of it or the rest")
            return worst or 2
        unknown = [one["name"] for one in answer["dependencies"] if "skip_reason" in one]
        holes = list(_holes(asked))
        print(f"{lock.name}: {len(asked)} packages, {len(holes)} known holes", *holes, sep="\n  ")
        if unknown:
            print(f"  not in the database: {', '.join(unknown)}")
        worst = max(worst, 1 if holes else 0)
    return worst


def _holes(asked: Iterable[Answer]) -> Iterator[str]:
    for one in asked:
        for hole in one["vulns"]:
            yield f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none'}"


if __name__ == "__main__":
    raise SystemExit(audit(ROOT / "requirements" / f"{name}.txt" for name in LOCKS))
