"""The page of a backtest: what it says, and that it needs nothing but itself."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from rules.backtest import Score, backtest
from rules.load import Catalog
from rules.page import RuleSet, page, sentence
from rules.plots import by_day, times
from tests.rules.making import rule
from tests.rules.test_backtest import DAY, NOON, call, ten_flights

ONE = rule(hold=timedelta(), dwell=timedelta(seconds=1))


def made(folder: Path, *names: str) -> str:
    catalogs = [Catalog([ONE]) for _ in names]
    until = NOON + 4 * DAY
    results = backtest(ten_flights(folder, range(30, 70)), catalogs, NOON, until)
    sets = [RuleSet(name, catalog, result) for name, catalog, result in zip(names, catalogs, results, strict=True)]
    return page(sets, "rows <of> a test", NOON, until)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page that compares two catalogues."""
    return made(tmp_path_factory.mktemp("page"), "a<b>", "other")


def test_nothing_is_fetched_and_the_plots_are_sound(text: str) -> None:
    found: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attrs if name in ("src", "href", "xlink:href") and value)
            assert tag not in ("script", "link", "img", "iframe", "object")

    Links().feed(text)
    assert [link for link in found if not link.startswith("#")] == []
    assert "@import" not in text
    assert not re.search(r"url\((?!['\"]?#)", text)
    svgs = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(svgs) == 3 + 2 * 2, "days and routes of each, the rest together"
    for svg in svgs:
        ElementTree.fromstring(svg)  # noqa: S314 - our own


def test_the_figures_are_those_of_the_backtest_and_names_are_escaped(text: str) -> None:
    """28 of 40 red hours are right, the episode is found 12 hours late: `test_scores_by_hand` says why."""
    assert "70 % of the red hours were bad; 100 % of 1 firm episodes found, 12.0 h after they began" in text
    assert "a&lt;b&gt;" in text
    assert "a<b>" not in text
    assert "rows &lt;of&gt; a test" in text
    assert ONE.version in text
    assert "8 February 2013 to 12 February 2013" in text


def test_a_rule_in_words_says_only_what_is_known() -> None:
    score = Score("on_time_arrival", 2, 4.0, 1.2, 3.0, 0.01)
    assert sentence(score, "route") == "red 1.2 times and told 3.0 times per route and month"
    known = score._replace(right=0.77, found=0.97, delay_hours=5.0, episodes=264, missed_hours=9.96, false_hours=2.0)
    assert sentence(known, "route") == (
        "red 1.2 times and told 3.0 times per route and month; 77 % of the red hours were bad;"
        " 97 % of 264 firm episodes found, 5.0 h after they began (median);"
        " 10.0 bad hours missed and 2.0 red for nothing"
    )


def test_what_is_drawn() -> None:
    hours = np.zeros((2, 50), np.bool_)
    hours[0, [0, 1, 23, 24, 30]] = True
    hours[1, [0, 49]] = True
    assert by_day(hours).tolist() == [4, 2, 1]
    assert times(hours).tolist() == [3, 2], "from the first hour on; 23 and 24 are one"
    assert by_day(hours[:, :0]).tolist() == []


def test_the_command_writes_it_also_where_no_rule_has_data(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    options = ("--from", "2013-02-08", "--to", "2013-02-12", "--rows", ten_flights(tmp_path, range(30, 70)))
    code, said = call(*options, "--rules", Path("rules/catalog/completion.toml"), "--html", out)
    assert code == 0, said
    assert "completion" in out.read_text(encoding="utf-8")
