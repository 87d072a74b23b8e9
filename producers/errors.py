"""What can go wrong while publishing. All stop the publisher; none loses what was acknowledged.

SemaforoError
├── Transient ── BrokersAway    no broker answered in time: start the stack, try again
└── PublishFailed               a message was not acknowledged; what the topic holds is in the summary
ContractError ── UnknownTopic   the stage's topics do not exist
ValueError ── EventRefused      the source broke its promise of order, or an event is in the future
"""

from schemas.errors import ContractError, SemaforoError, Transient


class BrokersAway(Transient):
    """No broker answered in time."""


class UnknownTopic(ContractError):  # noqa: N818 - named like the rest of the error tree
    """A topic that the stage should have does not exist on the brokers."""


class PublishFailed(SemaforoError):  # noqa: N818 - named like the rest of the error tree
    """A message that the brokers did not acknowledge: `topic`, `partition` (-1 if none was chosen yet), `reason`."""

    def __init__(self, topic: str, partition: int, reason: str) -> None:
        super().__init__(f"{topic}[{partition}]: {reason}")
        self.topic = topic
        self.partition = partition
        self.reason = reason


class EventRefused(ValueError):  # noqa: N818 - named like the rest of the error tree
    """An event that would be late on arrival, or would push the stream's clock into the future."""
