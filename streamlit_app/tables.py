"""A table as HTML: text is escaped, numbers stand to the right. On a phone a row of many cells is a card."""

from collections.abc import Iterable, Sequence
from typing import Final

from streamlit_app.inert import Markup, element, together

FITS_A_PHONE: Final = 4
"""Columns; with more, each cell of a narrow window's row stands below the other, with its column's name."""


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = (), unbroken: Sequence[int] = ()
) -> Markup:
    """Cells are text, or Markup that was made by `element`; `numbers` are the columns of figures, `unbroken` those that
    keep to one line."""
    kinds = ["sem-number" if at in numbers else "sem-unbroken" if at in unbroken else None for at in range(len(header))]
    head = together(element("th", cell, scope="col", class_=kind) for cell, kind in zip(header, kinds, strict=True))
    body = (
        element(
            "tr",
            together(
                element("td", _text(cell), class_=kind, data_label=name)
                for cell, kind, name in zip(row, kinds, header, strict=True)
            ),
        )
        for row in rows
    )
    wide = "sem-table sem-wide" if len(header) > FITS_A_PHONE else "sem-table"
    parts = [element("thead", element("tr", head)), element("tbody", together(body))]
    return element("div", element("table", together(parts), class_=wide), class_="sem-table-box", tabindex=0)


def _text(cell: str) -> Markup:
    return cell if isinstance(cell, Markup) else element("bdi", cell)
