"""Every named question over the whole star, one after the other: `python -m bench.history.ask_all` prints JSON."""

import json
import time
from typing import Final

from warehouse.answer import Span, ask, open_star, rows, whole_span
from warehouse.questions import questions
from warehouse.settings import HistorySettings

COMPARES: Final = frozenset({"margin_bridge"})
"""Those that set a period beside the one before it: asked about the second half, they look at all of it."""


def main() -> None:
    """Wall seconds and rows of each, every one asked for the first time; and how many flights there are."""
    found = {}
    with open_star(HistorySettings.read().star_path) as star:
        span = whole_span(star)
        halves = Span(span.first + (span.until - span.first) / 2, span.until)
        for one in questions().values():
            began = time.perf_counter()
            answer = ask(star, one, halves if one.name in COMPARES else span)
            found[one.name] = [time.perf_counter() - began, answer.height]
        flights = rows(star, "select count(*) from star.fct_flight").item()
    print(json.dumps({"flights": flights, "questions": found}))


if __name__ == "__main__":
    main()
