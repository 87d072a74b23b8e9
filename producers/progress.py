"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import Final, Self

from tqdm import tqdm

from schemas.events import Event, RouteHeartbeat

LINE_SECONDS: Final = 10.0


class Bar:
    """Facts sent out of `total` (None if unknown), with the stream's time. Heartbeats are not counted."""

    def __init__(self, label: str, total: int | None, terminal: bool | None = None) -> None:
        self._label = label
        self._total = total
        self._sent = 0
        self._line_due = time.monotonic() + LINE_SECONDS
        shown = sys.stderr.isatty() if terminal is None else terminal
        self._bar = (
            tqdm(total=total, desc=label, unit=" events", dynamic_ncols=True, mininterval=0.2) if shown else None
        )

    def sent(self, event: Event) -> None:
        """One more event; cheap, the screen is refreshed a few times a second."""
        if isinstance(event, RouteHeartbeat):
            return
        self._sent += 1
        if self._bar is not None:
            if self._sent % 64 == 0:
                self._bar.set_postfix_str(f"{event.event_at:%Y-%m-%d %H:%M} UTC", refresh=False)
            self._bar.update()
        elif time.monotonic() >= self._line_due:
            of = f" of {self._total}" if self._total is not None else ""
            print(f"{self._label}: {self._sent}{of} events, {event.event_at:%Y-%m-%d %H:%M} UTC", file=sys.stderr)
            self._line_due = time.monotonic() + LINE_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._bar is not None:
            self._bar.close()
