"""The search for settings of shipped rules: what it may change, and that it finds what is better."""

from datetime import timedelta
from pathlib import Path

import pytest

from bench.tune_rules import TRIES, Setting, Stretch, Tries, search, setting_of, with_setting
from rules.load import load_catalog
from rules.rule import Override
from rules.selector import Selector
from tests.rules.making import HOUR, rule
from tests.rules.test_backtest import NOON, flat, written

SHIPPED = load_catalog().rules
COMPLETION = rule(id="completion", kpi_name="completion", hold=HOUR, dwell=6 * HOUR)


@pytest.mark.parametrize("name", TRIES)
def test_what_is_shipped_was_tried(name: str) -> None:
    assert setting_of(SHIPPED[name]) in set(TRIES[name].settings())
    assert TRIES[name].untuned in set(TRIES[name].settings())


@pytest.mark.parametrize("name", TRIES)
def test_a_rule_in_its_own_setting_is_itself(name: str) -> None:
    assert with_setting(SHIPPED[name], setting_of(SHIPPED[name])) == SHIPPED[name]


def test_an_override_moves_in_proportion_and_what_the_rule_means_stays() -> None:
    """Amber from 80 to 75, halfway to red; in summer from 70 to 65."""
    summer = rule(COMPLETION, amber=70, red=60, recover_amber=73, recover_red=63, where="summer")
    one = rule(COMPLETION, overrides=(Override(Selector(seasons=("summer",)), summer),))
    found = with_setting(one, Setting(75, 0.8, 2, 3))
    (override,) = found.overrides
    assert found.thresholds == rule(COMPLETION, amber=75, recover_amber=78).thresholds
    assert override.rule.thresholds == rule(summer, amber=65, recover_amber=68).thresholds
    assert (found.confidence, found.hold, found.dwell) == (0.8, 2 * HOUR, 3 * HOUR)
    assert (override.rule.confidence, override.rule.dwell) == (0.8, 3 * HOUR)


def test_a_dwell_that_holds_red_up_is_found_and_a_change_for_nothing_is_not_made(tmp_path: Path) -> None:
    """Of 30 flights 18 flew in hours 60 and 61, which is amber, and 3 in the thirty after: red, but for the dwell."""
    flown = {60: 18, 61: 18, **dict.fromkeys(range(62, 92), 3)}
    rows = [
        flat("JFK-LAX", NOON + hour * HOUR, 30, 30) | {"operated": flown.get(hour, 30), "arrivals": flown.get(hour, 30)}
        for hour in range(-48, 200)
    ]
    stretch = Stretch.of(written(tmp_path, rows), COMPLETION, NOON, NOON + timedelta(days=7))
    slow, quick = Setting(80, 0.9, 1, 24), Setting(80, 0.9, 1, 2)
    assert search(COMPLETION, Tries(slow, (80,), (1,), (2, 24), (0.9,)), stretch) == quick
    assert search(COMPLETION, Tries(quick, (80,), (1,), (2, 1), (0.9,)), stretch) == quick
