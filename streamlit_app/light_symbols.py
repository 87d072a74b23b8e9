"""A light for eyes of every kind: a shape and a letter beside a colour, in a light and a dark theme.

Colours are Okabe and Ito's ("Color Universal Design", 2008: told apart with every kind of colour blindness), vermilion
for red and bluish green for green, darkened or lightened until text on them has a contrast of 4.5 : 1 (WCAG 2.2 AA).
"""

from typing import Final

import msgspec

from schemas.lights import Light


class Symbol(msgspec.Struct, frozen=True):
    """How a light is drawn: `shape` by name, fill and ink per theme."""

    letter: str
    letter_es: str
    shape: str
    fill: str
    ink: str
    fill_dark: str
    ink_dark: str


SYMBOLS: Final[dict[Light, Symbol]] = {
    Light.RED: Symbol("R", "R", "octagon", "#a83c00", "#ffffff", "#ff8b5c", "#1a0a00"),
    Light.AMBER: Symbol("A", "Á", "triangle", "#c08200", "#140d00", "#ffc14d", "#1a1200"),
    Light.GREEN: Symbol("G", "V", "circle", "#00694e", "#ffffff", "#45c9a0", "#00140e"),
    Light.GREY: Symbol("?", "?", "square", "#5b6068", "#ffffff", "#a3a9b3", "#101216"),
}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours "#rrggbb", by WCAG 2: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
