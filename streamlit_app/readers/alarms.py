"""The alarms that stand, read anew only where they changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.documents import Document, Documents, Key
from alerts.entity import ALARMS, EntityLights
from alerts.open_lights import NOTHING, OPEN_KIND, OpenLight, light_key
from schemas.lights import Light
from streamlit_app.readers.snapshot import LightKey


class AlarmsReader:
    """The alarms of the `delivery` table. Raises Transient when DynamoDB is away, busy or refuses.

    Which stand, and their versions, comes off an index (100 bytes an alarm on the wire instead of 5 KB); what moved is
    read from the table itself, for an index may be a moment behind.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._versions: dict[Key, int] = {}
        self._standing: dict[LightKey, OpenLight] = {}

    def read(
        self, turned: Iterable[Key], *, others: bool, known: Iterable[Document] = ()
    ) -> Mapping[LightKey, OpenLight]:
        """All that stand: those that `turned` as they are now, with `others` whatever else changed too. What is as it
        was is the same object. `known` need not be read again, if they are news."""
        taken = self._keep(known)
        moved = set(turned) - taken
        if others:
            stored = dict(self._documents.open_versions(OPEN_KIND))
            moved |= {key for key, _ in stored.items() ^ self._versions.items()}
        self._keep(self._documents.get_all(moved).values())
        return self._standing

    def _keep(self, documents: Iterable[Document]) -> set[Key]:
        news = [one for one in documents if self._versions.get(one.key) != _standing(one)]
        if news:
            self._standing = dict(self._standing)
        for document in news:
            light = (document.key.pk.partition("#")[2], document.key.sk)
            if (version := _standing(document)) is None:
                del self._versions[document.key], self._standing[light]
            else:
                self._versions[document.key] = version
                self._standing[light] = document.read(OpenLight, NOTHING)
        return {one.key for one in news}


def _standing(document: Document) -> int | None:
    """Its version; None if no alarm stands there."""
    return document.version if document.open_kind == OPEN_KIND else None


def about_to_turn(one: EntityLights) -> list[Key]:
    """Where the alarms of an entity are kept that will begin, end or change if what its last row said lasts."""
    states = ((rule, light.state) for rule, light in one.rules.items())
    return [
        light_key(one.scope, one.name, rule)
        for rule, state in states
        if state.pending is not None and (state.light in ALARMS or state.pending in ALARMS)
    ]


def turned(before: EntityLights | None, after: EntityLights | None) -> list[Key]:
    """Where the alarms of an entity are kept that began, ended or changed between two looks at its lights."""
    was, now, entity = _alarms(before), _alarms(after), after or before
    return [light_key(entity.scope, entity.name, rule) for rule, _ in was ^ now] if entity else []


def _alarms(one: EntityLights | None) -> set[tuple[str, tuple[Light, datetime | None]]]:
    lights = one.rules.items() if one else ()
    return {(rule, (light.state.light, light.state.since_at)) for rule, light in lights if light.state.light in ALARMS}
