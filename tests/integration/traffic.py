"""Events that never stop coming: what a drill is held under."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from schemas.events import PassengerFeedback
from tests.flink_jobs.made_up import MadeUp
from tests.integration.kpi_topics import Topics

GAP: Final = timedelta(hours=1)
BATCH: Final = 5
PAUSE_SECONDS: Final = 0.5
"""Ten events a second: each makes a dozen rows, which the local cloud's function has to judge beside all else."""


class Traffic(threading.Thread):
    """Publishes made-up events, an hour of event time apart, till it is stopped; a clock beat after each few.

    `feedback_version` is the version of the schema that answers are written in from now on.
    """

    def __init__(self, topics: Topics, seed: int, start: datetime) -> None:
        super().__init__(name="traffic", daemon=True)
        self.topics = topics
        self.feedback_version = 1
        self.newest_at = start
        self.sent = 0
        self._made_up = MadeUp(seed, start)
        self._over = threading.Event()
        self._failed: BaseException | None = None

    def run(self) -> None:
        """Batch after batch."""
        try:
            self.topics.beat(self.newest_at)
            while not self._over.wait(PAUSE_SECONDS):
                for event in self._made_up.events(BATCH, GAP):
                    self.topics.send(event, self.feedback_version if isinstance(event, PassengerFeedback) else None)
                    self.newest_at = event.event_at
                    self.sent += 1
                self.topics.flush()
                self.topics.beat(self.newest_at)
            self.topics.beat(self.newest_at + timedelta(minutes=1))
        except BaseException as error:
            self._failed = error
            raise

    def go_on_till(self, condition: Callable[[], bool], what: str, seconds: float = 240) -> None:
        """Till it is so, with the traffic going on; AssertionError after the deadline, or if the traffic broke off."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self._failed is None, self._failed
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
            time.sleep(0.1)

    def stop(self) -> None:
        """The last beat closes every pane."""
        self._over.set()
        self.join(120)
        assert self._failed is None, self._failed
