"""Which transitions people hear of. Routing, grouping and silences come after this, in `alerts`."""

from typing import Final, NamedTuple

from schemas.lights import Light, Transition


class Notice(NamedTuple):
    """Whether a transition is news to people, and why (not)."""

    send: bool
    reason: str


_ALARMS: Final = frozenset({Light.AMBER, Light.RED})


def notice(transition: Transition) -> Notice:
    """Entering and leaving AMBER or RED is news, so that every alarm is followed by how it ended, if only that its
    evidence was lost. Between GREEN and GREY nothing asks for anyone."""
    before, after = transition.from_light, transition.to_light
    if after in _ALARMS:
        if before is Light.RED:
            return Notice(True, "easing from RED to AMBER")
        return Notice(True, f"worsening to {after}" if before in _ALARMS else f"alarm: {after}")
    if before in _ALARMS:
        return Notice(True, f"recovery from {before}" if after is Light.GREEN else f"evidence lost while {before}")
    return Notice(False, f"{before} to {after} asks for no one")


def is_notifiable(transition: Transition) -> bool:
    """Whether people hear of it at all."""
    return notice(transition).send
