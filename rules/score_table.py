"""Scores of a backtest as a table of text."""

from collections.abc import Sequence

from rules.backtest import Score


def table(found: Sequence[Score], title: str) -> str:
    """For people: a line per rule."""
    head = f"{'per entity and month':<25} changes  reds  told  red %   right  found     of  delay  missed h  false h"
    return "\n".join([title, head, *map(_line, found)])


def _line(score: Score) -> str:
    words = f"  {score.rule:<23} "
    if not score.measured:
        return f"{words}no data: the rows count none of what it is made of"
    words += f"{score.changes:7.2f} {score.reds:5.2f} {score.told:5.2f} {100 * score.red_share:6.2f}"
    words += f" {_percent(score.right)} {_percent(score.found)} {score.episodes:6} {_hours(score.delay_hours)}"
    words += f" {_count(score.missed_hours)} {_count(score.false_hours)}"
    if score.usd is not None:
        words += (
            f"\n    US$ {score.usd:.2f}: {score.missed_usd:.2f} missed, {score.false_usd:.2f} false red hours,"
            f" {score.messages_usd:.2f} messages"
        )
    return words


def _percent(share: float | None) -> str:
    return "     –" if share is None else f"{100 * share:5.1f}%"


def _hours(hours: float | None) -> str:
    return "    –" if hours is None else f"{hours:4.1f}h"


def _count(hours: float | None) -> str:
    return "       –" if hours is None else f"{hours:8.2f}"
