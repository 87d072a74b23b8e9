"""A table as HTML: text is escaped, numbers stand to the right."""

from collections.abc import Iterable, Sequence

from streamlit_app.inert import Markup, element, together


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = (), unbroken: Sequence[int] = ()
) -> Markup:
    """Cells are text, or Markup that was made by `element`; `numbers` are the columns of figures, `unbroken` those that
    keep to one line."""
    kinds = ["sem-number" if at in numbers else "sem-unbroken" if at in unbroken else None for at in range(len(header))]
    head = together(element("th", cell, scope="col", class_=kind) for cell, kind in zip(header, kinds, strict=True))
    body = (
        element("tr", together(element("td", _text(cell), class_=kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in rows
    )
    parts = [element("thead", element("tr", head)), element("tbody", together(body))]
    return element("div", element("table", together(parts), class_="sem-table"), class_="sem-table-box", tabindex=0)


def _text(cell: str) -> Markup:
    return cell if isinstance(cell, Markup) else element("bdi", cell)
