"""Every named question over the whole star, one after the other: `python -m bench.history.ask_all` prints JSON."""

import json
import time

from warehouse.answer import ask, open_star, rows, whole_span
from warehouse.questions import questions
from warehouse.settings import HistorySettings


def main() -> None:
    """Wall seconds and rows of each, every one asked for the first time; and how many flights there are."""
    found = {}
    with open_star(HistorySettings.read().star_path) as star:
        span = whole_span(star)
        for one in questions().values():
            began = time.perf_counter()
            answer = ask(star, one, span)
            found[one.name] = [time.perf_counter() - began, answer.height]
        flights = rows(star, "select count(*) from star.fct_flight").item()
    print(json.dumps({"flights": flights, "questions": found}))


if __name__ == "__main__":
    main()
