"""Long lists a page at a time: what comes behind the last item that was read, so nothing is shown twice or left out
where only older items stand still."""

from collections.abc import Callable, Iterable
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

MOST: Final = 500
T = TypeVar("T")


class Paged(BaseModel):
    """Parameters of every list; one that is not known is a fault, as it would be a filter that does not filter."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST, description="at most so many items")] = 100
    cursor: Annotated[
        str, Field(max_length=200, description="`next_cursor` of the page before; empty is the beginning")
    ] = ""


class Page(BaseModel, Generic[T]):
    """Some items, and where to go on; `next_cursor` is null at the end."""

    model_config = ConfigDict(extra="forbid")

    items: list[T]
    next_cursor: str | None


def page(items: Iterable[T], key: Callable[[T], str], asked: Paged, *, falling: bool = False) -> Page[T]:
    """By `key`, rising or falling. Any text is a place between two items."""
    ordered = sorted(items, key=key, reverse=falling)
    if asked.cursor:
        ordered = [one for one in ordered if (key(one) < asked.cursor if falling else key(one) > asked.cursor)]
    shown = ordered[: asked.limit]
    return Page(items=shown, next_cursor=key(shown[-1]) if len(ordered) > asked.limit else None)
