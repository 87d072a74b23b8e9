"""A pytest plugin for mutmut's runs: the quickest tests first, so that a mutant falls to the cheapest that sees it.

mutmut names the tests that reach a mutant in no order. All that reach `evaluate` take 30 s, nearly all of it in ten
properties; a mutant that a test of milliseconds kills should not pay for them.
"""

import json
from pathlib import Path

import pytest

# Written by mutmut when it tries the unchanged code; tests run beside it.
TIMES = Path("mutmut-stats.json")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if TIMES.exists():
        seconds: dict[str, float] = json.loads(TIMES.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: (seconds.get(item.nodeid, 0.0), item.nodeid))
