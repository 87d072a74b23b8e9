"""A pytest plugin for mutmut's runs: a mutant falls to the cheapest test that sees it, and as soon as one does.

The quickest tests come first: mutmut names those that reach a mutant in no order. All that reach `evaluate` take 30 s,
nearly all of it in ten properties; a mutant that a test of milliseconds kills should not pay for them. And a property
that fails has said enough: looking for the simplest example took most of a minute.
"""

import json
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# Written by mutmut when it tries the unchanged code; tests run beside it.
TIMES = Path("mutmut-stats.json")


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("quick_verdict", settings.get_profile("untimed"), phases=phases, database=None)
    settings.load_profile("quick_verdict")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if TIMES.exists():
        seconds: dict[str, float] = json.loads(TIMES.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: (seconds.get(item.nodeid, 0.0), item.nodeid))
