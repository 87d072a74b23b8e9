"""What can go wrong with a message, as types: the type decides what happens next.

    SemaforoError
    ├── InvalidMessage     the bytes or their meaning are wrong: dead letter, go on with the neighbours
    │   ├── UnknownSchema  a fingerprint nobody registered: dead letter, may be replayed after a deploy
    │   └── InvalidRow     a KPI row on the stream that is not one: quarantine, go on
    ├── Transient          the other side is busy or away: retry the same message, in order
    └── ContractError      schemas, records, examples and catalogue disagree: stop before anything runs

Whatever is none of these is a defect and crashes, so that it is seen.
"""


class SemaforoError(Exception):
    """Root of the errors that Semaforo raises on purpose."""


class InvalidMessage(SemaforoError):
    """A message that can never be processed; `reason` goes into the dead letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownSchema(InvalidMessage):
    """The message names a writer schema that is not registered."""


class InvalidRow(InvalidMessage):
    """A record of the KPI stream that cannot be read as KPI rows."""


class Transient(SemaforoError):
    """Worth trying again unchanged: throttling, a broker away, a timeout."""


class ContractError(SemaforoError):
    """The contracts contradict each other; found by `python -m schemas check` or at import."""
