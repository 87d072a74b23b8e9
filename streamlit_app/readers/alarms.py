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

    def read(self, turned: Iterable[Key], *, others: bool) -> Mapping[LightKey, OpenLight]:
        """All that stand: those that `turned` as they are now, with `others` whatever else changed too. What is as it
        was is the same object."""
        moved = set(turned)
        if others:
            stored = dict(self._documents.open_versions(OPEN_KIND))
            moved |= {key for key, _ in stored.items() ^ self._versions.items()}
        news = [one for one in self._documents.get_all(moved).values() if self._versions.get(one.key) != _standing(one)]
        if news:
            self._standing = dict(self._standing)
        for document in news:
            self._keep(document)
        return self._standing

    def _keep(self, document: Document) -> None:
        light = (document.key.pk.partition("#")[2], document.key.sk)
        if (version := _standing(document)) is None:
            del self._versions[document.key], self._standing[light]
        else:
            self._versions[document.key] = version
            self._standing[light] = document.read(OpenLight, NOTHING)


def _standing(document: Document) -> int | None:
    """Its version; None if no alarm stands there."""
    return document.version if document.open_kind == OPEN_KIND else None


def turned(before: EntityLights | None, after: EntityLights | None) -> list[Key]:
    """Where the alarms of an entity are kept that began, ended or changed between two looks at its lights."""
    was, now, entity = _alarms(before), _alarms(after), after or before
    return [light_key(entity.scope, entity.name, rule) for rule, _ in was ^ now] if entity else []


def _alarms(one: EntityLights | None) -> set[tuple[str, tuple[Light, datetime | None]]]:
    lights = one.rules.items() if one else ()
    return {(rule, (light.state.light, light.state.since_at)) for rule, light in lights if light.state.light in ALARMS}
