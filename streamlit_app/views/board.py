"""The board: every route as a light, worst first, and a map. A pulse sends what changed."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
import streamlit as st

from alerts.entity import EntityLights
from schemas.lights import WORST_FIRST, Light
from schemas.rows import to_ms
from streamlit_app import components, session
from streamlit_app.airports import airport
from streamlit_app.board import Choices, Filters, Group, Tile, choices_of, grouped, in_screens, shown, tile_of
from streamlit_app.freshness import beat_of
from streamlit_app.inert import bare, element, together
from streamlit_app.light_marks import light_mark
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.route_map import map_of
from streamlit_app.session import View
from streamlit_app.trouble import every, lights_or_why

PULSE_SECONDS: Final = 1.0
PULSES_AGAIN: Final = 3
"""Each pulse also carries what the two before it brought: a browser that dropped them is no worse off. One that missed
more says so and gets all of it."""


class _Drawn(msgspec.Struct):
    """What a session's page shows: the versions its last pulses went up to, and the order it was last told of.

    A page that was drawn before trends were read gets them with the next pulses, `without_trends` times.
    """

    filters: Filters
    tiles: dict[str, Tile]
    groups: list[Group]
    versions: deque[int]
    tiled_in: int = 0
    ordered_in: int = 0
    without_trends: int = 0
    kiosk: session.Kiosk = ""


def draw(view: View) -> None:
    """The page."""
    snapshot = lights_or_why(view)
    if snapshot is None:
        return
    kiosk = session.kiosk()
    filters = _fixed(snapshot) if kiosk or st.context.is_embedded else _filters(view, snapshot)
    tiles = _tiles(view, snapshot, filters)
    groups = _arranged(tiles, snapshot, view, kiosk)
    without = 0 if view.stage.trends_are_read(view.actor) else PULSES_AGAIN
    st.session_state["board"] = _Drawn(
        filters, {tile.key: tile for tile in tiles}, groups, deque([snapshot.version], maxlen=PULSES_AGAIN),
        snapshot.version, kiosk=kiosk, without_trends=without,
    )  # fmt: skip
    headline_of(view, tiles)
    if not tiles:
        st.info(view.say["no_match"])
    else:
        told = components.board(
            key="board",
            data=whole(view, snapshot, filters, tiles, groups, bool(kiosk)),
            on_open_change=components.nothing,
            on_lost_change=components.nothing,
        )
        if told.open:
            st.switch_page(
                st.session_state["pages"]["route"], query_params={"route": told.open, "lang": view.say.language}
            )
    _pulse()


@every(PULSE_SECONDS)
def _pulse(view: View) -> None:
    drawn: _Drawn | None = st.session_state.get("board")
    snapshot = view.stage.snapshot(view.actor)
    if drawn is None or not snapshot.entities:
        st.rerun()
    since = drawn.versions[0]
    if drawn.without_trends and view.stage.trends_are_read(view.actor):
        drawn.without_trends -= 1
        drawn.tiled_in = since = -1
    _keep_up(view, snapshot, drawn)
    sent = [drawn.tiles[key] for key, at in snapshot.changed_in.items() if at > since and key in drawn.tiles]
    components.pulse(
        key="pulse",
        data={
            "from": max(since, drawn.versions[0]),
            "to": snapshot.version,
            "tiles": sent,
            "groups": drawn.groups if drawn.ordered_in > since else None,
            "newestMs": _newest(snapshot),
            "beat": beat_of(view, snapshot),
        },
    )
    drawn.versions.append(snapshot.version)


def _keep_up(view: View, snapshot: Snapshot, drawn: _Drawn) -> None:
    """Make anew the tiles of what changed since the last pulse, and the order if one did: a pulse that only says again
    what the ones before it brought makes nothing, and of 225 tiles one that changes costs one."""
    moved = [key for key, at in snapshot.changed_in.items() if at > drawn.tiled_in]
    drawn.tiled_in = snapshot.version
    if not moved:
        return
    still = shown((snapshot.entities[key] for key in moved if key in snapshot.entities), drawn.filters, snapshot.rules)
    for key in moved:
        drawn.tiles.pop(key, None)
    drawn.tiles |= {one.key: _tile(view, one, snapshot, drawn.filters) for one in still}
    groups = _arranged(drawn.tiles.values(), snapshot, view, drawn.kiosk)
    if groups != drawn.groups:
        drawn.groups, drawn.ordered_in = groups, snapshot.version


def _tiles(view: View, snapshot: Snapshot, filters: Filters) -> list[Tile]:
    routes = shown(snapshot.entities.values(), filters, snapshot.rules)
    return [_tile(view, one, snapshot, filters) for one in routes]


def _arranged(tiles: Iterable[Tile], snapshot: Snapshot, view: View, kiosk: session.Kiosk) -> list[Group]:
    """As a wall turns through them; where nothing is in alarm airport by airport, as it is for a desk."""
    worst = in_screens(tiles) if kiosk == "worst" else []
    return worst or grouped(tiles, snapshot, view.say)


def _tile(view: View, one: EntityLights, snapshot: Snapshot, filters: Filters) -> Tile:
    return tile_of(one, filters, snapshot, view.say, view.stage.trend(view.actor, one.key, "24h"))


def whole(
    view: View, snapshot: Snapshot, filters: Filters, tiles: list[Tile], groups: list[Group], kiosk: bool
) -> dict[str, Any]:
    """All that the board's component draws."""
    say = view.say
    return {
        "version": snapshot.version,
        "drawn": f"{hash((filters, say.language))}",
        "kioskSeconds": view.settings.kiosk_seconds if kiosk else 0,
        "href": session.address("route", route=""),
        "tiles": _plain(tiles),
        "groups": _plain(groups),
        "map": _plain(map_of(tuple(sorted(tile.entity for tile in tiles)))),
        "newestMs": _newest(snapshot),
        "symbols": components.symbols(say),
        "words": {
            "lights": {light: say.light(light) for light in Light},
            "moments": say["moments"], "since": say["since"], "dataOf": say["data_of"], "map": say["map"],
        },
    }  # fmt: skip


def _plain(record: Any) -> Any:
    return msgspec.to_builtins(record, str_keys=True)


def _newest(snapshot: Snapshot) -> int:
    return to_ms(newest) if (newest := snapshot.newest_row_at) else 0


def headline_of(view: View, tiles: Sequence[Tile]) -> None:
    """How many are in trouble, and what is at stake."""
    say = view.say
    counts = {light: sum(tile.light is light for tile in tiles) for light in Light}
    alarms = counts[Light.RED] + counts[Light.AMBER]
    text = say("need_you", red=counts[Light.RED], amber=counts[Light.AMBER], routes=sum(counts.values()))
    usd = sum(tile.usd_per_hour for tile in tiles)
    worst = Light.RED if counts[Light.RED] else Light.AMBER if alarms else Light.GREEN
    stake = f" · {say.usd_per_hour(usd)} {say['at_stake']}" if usd else ""
    line = element("span", text if alarms else say["nobody_needs"])
    st.html(element("h1", together([light_mark(worst, say), line]), stake, class_="sem-headline"))


def _filters(view: View, snapshot: Snapshot) -> Filters:
    """What they are set to stands in the address, so they are drawn only where somebody opens them: five widgets take
    the browser a third of a second of the first sight."""
    say, found = view.say, choices_of(snapshot)
    # As at the first sight: with another default it would be another expander, which opens again behind who closed it.
    at_first: bool = st.session_state.setdefault("filters at first", bool(_asked()))
    opened = st.expander(
        say["filters"], icon=":material/filter_alt:", expanded=at_first, key="filters", on_change="rerun"
    )
    if not opened.open:
        return _fixed(snapshot)
    with opened:
        worst_first = sorted(Light, key=WORST_FIRST.__getitem__)
        lights = st.pills(
            say["light"],
            worst_first,
            selection_mode="multi",
            format_func=say.light,
            default=_given("light", worst_first),
        )
        return _chosen(view, snapshot, found, [Light(light) for light in lights or ()])


def _chosen(view: View, snapshot: Snapshot, found: Choices, lights: list[Light]) -> Filters:
    say = view.say

    def several(column: Any, name: str, known: tuple[str, ...], words: Callable[[str], str] = str) -> list[str]:
        chosen: list[str] = column.multiselect(
            say[name], known, _given(name, known), format_func=words, placeholder=say["all"]
        )
        return chosen

    columns = st.columns(4)
    airports = several(columns[0], "airport", found.airports, _city)
    carriers = several(columns[1], "carrier", found.carriers)
    rules = several(columns[2], "rule", found.rules, lambda rule: bare(say.rule(snapshot.rules.get(rule), rule)))
    audiences = several(columns[3], "audience", found.audiences)
    given = {"airport": airports, "carrier": carriers, "rule": rules, "audience": audiences}
    chosen: dict[str, list[Any]] = {**given, "light": lights}
    for name, values in chosen.items():
        if values:
            st.query_params[name] = [str(value) for value in values]
        elif name in st.query_params:
            del st.query_params[name]
    return _filters_of(chosen)


def _fixed(snapshot: Snapshot) -> Filters:
    """As the address says, without anything to change it by."""
    found = choices_of(snapshot)
    return _filters_of(
        {
            "airport": _given("airport", found.airports), "carrier": _given("carrier", found.carriers),
            "light": _given("light", list(Light)), "rule": _given("rule", found.rules),
            "audience": _given("audience", found.audiences),
        }
    )  # fmt: skip


def _filters_of(chosen: dict[str, list[Any]]) -> Filters:
    return Filters(
        airports=frozenset(chosen["airport"]), carriers=frozenset(chosen["carrier"]), lights=frozenset(chosen["light"]),
        rules=frozenset(chosen["rule"]), audiences=frozenset(chosen["audience"]),
    )  # fmt: skip


def _asked() -> list[str]:
    return [name for name in ("airport", "carrier", "light", "rule", "audience") if name in st.query_params]


def _given(name: str, known: Any) -> list[Any]:
    """What the address asks for, as far as there is such a thing."""
    asked = st.query_params.get_all(name)
    return [one for one in known if str(one) in asked]


def _city(code: str) -> str:
    found = airport(code)
    return f"{code} {found.city}" if found else code
