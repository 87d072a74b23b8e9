"""A request: by whom, of which stage, when. Every endpoint takes one, so none can forget to ask who it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request, Response

from alerts.entity import EntityLights, entity_key
from schemas.errors import Transient
from streamlit_app.access import Actor
from streamlit_app.api.problems import UnknownError
from streamlit_app.api.sign_in import ProviderKeys, who_asks
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.settings import AppSettings

OLDEST: Final = timedelta(seconds=2)
"""What was seen longer ago is looked at again first: the reader rests while no page is open."""


class Parts(NamedTuple):
    """What the API is put together of; the stage is opened by whoever needs it first, as the pages do."""

    settings: AppSettings
    stage: Callable[[], Stage]
    keys: ProviderKeys


class Asked(NamedTuple):
    """One request."""

    stage: Stage
    actor: Actor
    now: datetime

    def seen(self) -> Snapshot:
        """The lights as they are. Raises Transient while the stores do not answer."""
        seen = self.stage.snapshot(self.actor)
        if seen.problem or seen.read_at is None or self.now - seen.read_at > OLDEST:
            seen = self.stage.look_again(self.actor)
        if seen.problem:
            raise Transient(f"the stores do not answer: {seen.problem}")
        return seen

    def route(self, route: str) -> tuple[EntityLights, Snapshot]:
        """Raises UnknownError."""
        seen = self.seen()
        found = seen.entities.get(entity_key("route", route))
        if found is None:
            raise UnknownError(f"no rows of route {route} have come")
        return found, seen


def _asked(request: Request, response: Response) -> Asked:
    parts: Parts = request.app.state.parts
    now = now_utc()
    actor = who_asks(request, parts.settings, parts.keys, now)
    response.headers["Cache-Control"] = "no-store"
    return Asked(parts.stage(), actor, now)


By = Annotated[Asked, Depends(_asked)]
