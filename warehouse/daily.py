"""The chain of a day: each step after the one before, tried again where that may help, told as it goes."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

import msgspec

from schemas.errors import Transient
from warehouse.daily_steps import Step
from warehouse.settings import HistorySettings

ATTEMPTS: Final = 3
FIRST_WAIT_SECONDS: Final = 2.0

_BUSY: Final = frozenset(
    {
        *("Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown", "RequestLimitExceeded"),
        *("ProvisionedThroughputExceededException", "ServiceUnavailable", "InternalError", "RequestTimeout"),
    }
)
# By name, so that a step that needs no AWS and no PostgreSQL loads neither. `OperationalError` is psycopg's.
_AWAY: Final = frozenset(
    {
        *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"),
        *("OperationalError", "IncompleteReadError", "ResponseStreamingError"),
    }
)


class Outcome(msgspec.Struct, frozen=True):
    """What became of a step."""

    step: str
    status: Literal["done", "skipped", "failed", "not reached"]
    seconds: float = 0.0
    attempts: int = 0
    note: str = ""

    def __str__(self) -> str:
        tries = f", attempt {self.attempts}" if self.attempts > 1 else ""
        took = f" in {self.seconds:.1f} s{tries}" if self.attempts else ""
        return f"{self.step}: {self.status}{took}" + (f": {self.note}" if self.note else "")


def is_transient(error: BaseException) -> bool:
    """Whether the same step may succeed in a moment: it is safe to run again, as every step leaves all or nothing."""
    seen: BaseException | None = error
    while seen is not None:
        code = getattr(seen, "response", None)
        known = {kind.__name__ for kind in type(seen).__mro__}
        if isinstance(seen, Transient | ConnectionError | TimeoutError) or known & _AWAY:
            return True
        if isinstance(code, dict) and _busy(code):
            return True
        seen = seen.__cause__
    return False


def run_chain(
    steps: Sequence[Step],
    settings: HistorySettings,
    dates: Sequence[date],
    environment: Mapping[str, str],
    *,
    tell: Callable[[str], None],
    wait: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> list[Outcome]:
    """One outcome a step, in order; what follows a failure is not reached. `tell` hears of each as it happens."""
    outcomes: list[Outcome] = []
    for step in steps:
        if any(outcome.status == "failed" for outcome in outcomes):
            outcomes.append(Outcome(step.name, "not reached"))
            continue
        if reason := step.skip(environment):
            outcomes.append(Outcome(step.name, "skipped", note=reason))
        else:
            tell(f"{step.name}: begins")
            outcomes.append(_run(step, settings, dates, tell, wait, chance))
        tell(str(outcomes[-1]))
    return outcomes


def _run(
    step: Step,
    settings: HistorySettings,
    dates: Sequence[date],
    tell: Callable[[str], None],
    wait: Callable[[float], None],
    chance: Callable[[], float],
) -> Outcome:
    started = time.monotonic()
    attempt = 1
    while True:
        try:
            note = step.run(settings, dates)
        except Exception as error:
            why = f"{type(error).__name__}: {error}".splitlines()[0]
            if attempt == ATTEMPTS or not is_transient(error):
                return Outcome(step.name, "failed", time.monotonic() - started, attempt, why)
            seconds = FIRST_WAIT_SECONDS * 2 ** (attempt - 1) * (0.5 + chance() / 2)
            tell(f"{step.name}: {why}; again in {seconds:.1f} s")
            wait(seconds)
            attempt += 1
        else:
            return Outcome(step.name, "done", time.monotonic() - started, attempt, note)


def _busy(response: dict[str, Any]) -> bool:
    """An answer of AWS that is about the moment, not about the question."""
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return response.get("Error", {}).get("Code") in _BUSY or status >= 500
