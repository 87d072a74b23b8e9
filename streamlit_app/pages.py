"""The pages, in the order of the menu. A page is one line here and one module in `views/`."""

from collections.abc import Callable
from typing import Final

import msgspec

from streamlit_app.access import Permission
from streamlit_app.session import View
from streamlit_app.views import alerts_inbox, audit, board, catalog, history, operations, route, status, tableau


class AppPage(msgspec.Struct, frozen=True):
    """`path` is its address and, in `words.py`, its title; `icon` a Material symbol."""

    path: str
    icon: str
    draw: Callable[[View], None]
    permission: Permission = Permission.READ


PAGES: Final = (
    AppPage("board", ":material/traffic:", board.draw),
    AppPage("route", ":material/flight_takeoff:", route.draw),
    AppPage("alerts", ":material/notifications_active:", alerts_inbox.draw),
    AppPage("rules", ":material/rule:", catalog.draw),
    AppPage("history", ":material/history:", history.draw),
    AppPage("operations", ":material/monitor_heart:", operations.draw),
    AppPage("tableau", ":material/bar_chart:", tableau.draw),
    AppPage("status", ":material/print:", status.draw),
    AppPage("audit", ":material/history_edu:", audit.draw, Permission.AUDIT),
)
"""The first one is what opens without an address."""
