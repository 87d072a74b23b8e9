"""What the optimiser advises about a route, and what an operator says to it; by the desk of `python -m alerts advice`,
`accept` and `reject`."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from alerts.advice import Advice, AdviceDesk, Answer
from streamlit_app.access import Actor, Permission, require

T = TypeVar("T")


class Act(Protocol):
    """Does something for an actor who may, and writes down who and what before it does, and what came of it after."""

    def __call__(self, actor: Actor, action: str, about: str, comment: str, do: Callable[[datetime], T], /) -> T: ...


class Advised:
    """Raises Transient when DynamoDB is away."""

    def __init__(self, desk: AdviceDesk, act: Act) -> None:
        self._desk = desk
        self._act = act

    def of_route(self, actor: Actor, route: str) -> list[Advice]:
        """All that is kept, the newest event first."""
        require(actor, Permission.READ)
        return self._desk.of_route(route)

    def answer(self, actor: Actor, route: str, alert_id: str, answer: Answer, comment: str) -> Advice:
        """Raises NotAllowedError, NoAdviceError; ConflictError where somebody else answers at the same moment."""
        return self._act(
            actor, answer, f"advice {route} {alert_id}", comment,
            lambda now: self._desk.answer(route, alert_id, answer, actor.name, comment, now),
        )  # fmt: skip
