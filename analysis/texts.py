"""Texts that people read, kept so that a page can say them in another language.

A text is a string in English, and for commands, reports and the ledger it is nothing else. It also
remembers the message and the values that it was made of: the web layer looks the message up in the
catalogue (`studyapp/web/language.py`). Messages are written out where they are made, with `%(name)s` for
a value and `%%` for a percent sign, because `python docs/tools/texts.py` finds them there.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Catalogue(Protocol):
    """Messages of one language, as `gettext` has them."""

    def gettext(self, message: str, /) -> str:
        """Return a message in that language, or unchanged."""
        ...

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """Return the form of a message for so many."""
        ...


class Text(str):
    """A string in English that can be said in another language; made by the functions below."""

    message: str
    many: str | None
    values: Mapping[str, Any]

    def __new__(cls, message: str, many: str | None, values: Mapping[str, Any]) -> "Text":
        """Fill in the English."""
        form = message if many is None or values["count"] == 1 else many
        self = super().__new__(cls, form % values)
        self.message, self.many, self.values = message, many, dict(values)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Make copies and other processes keep all of it."""
        return Text, (self.message, self.many, dict(self.values))

    def said(self, catalogue: Catalogue) -> str:
        """Return it in a catalogue's language, and the texts among its values, too."""
        values = {name: said(value, catalogue) for name, value in self.values.items()}
        if self.many is None:
            return catalogue.gettext(self.message) % values
        return catalogue.ngettext(self.message, self.many, values["count"]) % values


def say(message: str, /, **values: Any) -> Text:
    """Return a text.

    Examples
    --------
    >>> say("%(slot)s was not shown", slot=9)
    '9 was not shown'
    """
    return Text(message, None, values)


def plural(one: str, many: str, /, count: int, **values: Any) -> Text:
    """Return the text for so many of something; `%(count)s` is how many.

    Examples
    --------
    >>> plural("%(count)s judge", "%(count)s judges", 1)
    '1 judge'
    >>> plural("%(count)s judge", "%(count)s judges", 0)
    '0 judges'
    """
    return Text(one, many, {"count": count, **values})


def joined(separator: str, parts: Iterable[object]) -> Text:
    """Return texts one after the other; each stays one that can be said in another language.

    Examples
    --------
    >>> joined("; ", [say("one"), say("two")])
    'one; two'
    """
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Text(separator.replace("%", "%%").join(f"%({name})s" for name in values), None, values)


def listed(parts: Iterable[object]) -> Text:
    """Return things as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = list(parts) or [""]
    if not first:
        return joined("", [last])
    return say("%(some)s and %(last)s", some=commas(first), last=last)


def commas(parts: Iterable[object]) -> Text:
    """Return things one after the other, with commas.

    Examples
    --------
    >>> commas(["a", "b", "c"])
    'a, b, c'
    """
    some, *rest = list(parts) or [""]
    for more in rest:
        some = say("%(some)s, %(more)s", some=some, more=more)
    return some if isinstance(some, Text) else joined("", [some])


def said(value: Any, catalogue: Catalogue) -> Any:
    """Return a text in a catalogue's language, and anything else unchanged."""
    return value.said(catalogue) if isinstance(value, Text) else value
