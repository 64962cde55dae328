"""Tables that are sorted and cut into pages by links, on the server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
Value = Callable[[Any], Any]


@dataclass(frozen=True)
class Order:
    """By which column a table is sorted, as the query `sort` says it; a minus before it turns it round."""

    key: str
    descending: bool

    def link(self, key: str) -> str:
        """Return the address that sorts by a column; by the same one again, the other way round."""
        turned = "-" if key == self.key and not self.descending else ""
        return _here(sort=turned + key, page=None)


@dataclass(frozen=True)
class Pages:
    """Which part of a long list is shown."""

    number: int
    count: int

    def link(self, number: int) -> str:
        """Return the address of another part."""
        return _here(page=number)


def sorted_rows(rows: Sequence[Row], columns: Mapping[str, Value]) -> tuple[list[Row], Order]:
    """Sort rows as the request asks; what has no value comes last either way.

    Parameters
    ----------
    rows
        In their own order, which equal values keep.
    columns
        The value of a row by each sortable column.
    """
    asked = request.args.get("sort", "")
    if asked.removeprefix("-") not in columns:
        asked = ""
    order = Order(asked.removeprefix("-"), asked.startswith("-"))
    value = columns.get(order.key)
    if value is None:
        return list(rows), order
    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    return [*sorted(known, key=lambda row: _folded(value(row)), reverse=order.descending), *unknown], order


def one_page(rows: Sequence[Row], *, most: int = 100) -> tuple[Sequence[Row], Pages]:
    """Return the part of a long list that the request asks for."""
    count = max(1, -(-len(rows) // most))
    number = min(max(1, request.args.get("page", 1, type=int)), count)
    return rows[(number - 1) * most : number * most], Pages(number, count)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _here(**changed: Any) -> str:
    view: dict[str, Any] = request.view_args or {}
    asked = {key: value for key, value in request.args.items() if key not in view} | changed
    # What begins with _ would be Flask's own, such as _scheme; no page has such a key.
    query: dict[str, Any] = {key: value for key, value in asked.items() if value and key[:1] != "_"}
    return url_for(request.endpoint or "", **view, **query)
