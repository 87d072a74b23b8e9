"""What a page's pulses cost less by."""

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from streamlit_app import pulses, serving

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.fixture
def options() -> Iterator[None]:
    before = {name: config.get_option(name) for name in serving.OPTIONS}
    for name, value in serving.OPTIONS.items():
        config.set_option(name, value)
    yield
    for name, value in before.items():
        config.set_option(name, value)


@pytest.mark.usefixtures("options")
def test_the_theme_from_memory_is_the_one_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    work_out = app_session._populate_theme_msg
    asked: list[str] = []

    def counted(msg: CustomThemeConfig, section: str = "theme") -> None:
        asked.append(section)
        work_out(msg, section)

    monkeypatch.setattr(app_session, "_populate_theme_msg", counted)
    wanted = _theme()
    pulses.remember_theme()
    assert [_theme() for _ in range(3)] == [wanted] * 3
    assert wanted.light.primary_color == serving.OPTIONS["theme.light.primaryColor"]
    assert not wanted.HasField("sidebar"), "a part that says nothing is not there"
    assert len(asked) == 2 * len(SECTIONS), "once for the one wanted, once for all those from memory"


def _theme() -> CustomThemeConfig:
    """As a session puts it together."""
    theme = CustomThemeConfig()
    parts = (theme, theme.light, theme.dark, theme.sidebar, theme.light.sidebar, theme.dark.sidebar)
    for part, section in zip(parts, SECTIONS, strict=True):
        app_session._populate_theme_msg(part, section)
    return theme
