"""What a value from outside should have been, in words: of study.yaml, of an answer, of a message."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from analysis.texts import Text, plural, say

LONGEST = 80
"""Characters of a value that are repeated."""

_KEYS = say("must have keys of its own, such as `key: value`")
_WORDS = {
    "missing": say("is missing"),
    "extra_forbidden": say("is not known here"),
    "string_type": say("must be text (in quotes, if it looks like a number)"),
    "string_too_short": say("must not be empty"),
    "string_pattern_mismatch": say(
        "must be 1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a digit"
    ),
    "int_type": say("must be a whole number"),
    "int_parsing": say("must be a whole number"),
    "int_from_float": say("must be a whole number"),
    "float_type": say("must be a number"),
    "float_parsing": say("must be a number"),
    "finite_number": say("must be a finite number"),
    "bool_type": say("must be true or false"),
    "bool_parsing": say("must be true or false"),
    "union_tag_not_found": _KEYS,
    "tuple_type": say("must be a list, such as [a, b]"),
    "list_type": say("must be a list, such as [a, b]"),
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
}
_OF_LIMITS: dict[str, Callable[[Mapping[str, Any]], Text]] = {
    "string_too_long": lambda limits: plural(
        "must have at most %(count)s character",
        "must have at most %(count)s characters",
        limits["max_length"],
    ),
    "greater_than_equal": lambda limits: say("must be %(least)s or more", least=limits["ge"]),
    "greater_than": lambda limits: say("must be more than %(limit)s", limit=limits["gt"]),
    "less_than_equal": lambda limits: say("must be %(most)s or less", most=limits["le"]),
    "less_than": lambda limits: say("must be less than %(limit)s", limit=limits["lt"]),
    "literal_error": lambda limits: say("must be %(expected)s", expected=limits["expected"]),
    "union_tag_invalid": lambda limits: say("must be %(expected)s", expected=limits["expected_tags"]),
    "too_short": lambda limits: plural(
        "must have at least %(count)s entry", "must have at least %(count)s entries", limits["min_length"]
    ),
    "too_long": lambda limits: plural(
        "must have at most %(count)s entry", "must have at most %(count)s entries", limits["max_length"]
    ),
}


def in_words(item: Any) -> str:
    """Say what is expected, and what was given, without the words of the library that found it.

    Parameters
    ----------
    item
        One of the errors of a pydantic `ValidationError`.

    Examples
    --------
    >>> in_words({"type": "less_than_equal", "ctx": {"le": 5}, "input": 6, "msg": ""})
    'must be 5 or less (it is 6)'
    """
    message, value = _message(item), item.get("input")
    if not (isinstance(value, str | int | float | bool) or value is None):
        return message
    return say("%(message)s (it is %(value)s)", message=message, value=_short(value))


def _message(item: Any) -> str:
    kind, limits = item["type"], item.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _OF_LIMITS:
        whole = {
            name: int(limit)
            for name, limit in limits.items()
            if isinstance(limit, float) and limit.is_integer()
        }
        return _OF_LIMITS[kind]({**limits, **whole})
    # Raised by a validator of ours; pydantic's own message of it is English alone.
    said = getattr(limits.get("error"), "args", ())
    return said[0] if said else re.sub(r"^Value error, ", "", item["msg"])


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "…"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
