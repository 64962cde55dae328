"""What a value from outside should have been, in words: of study.yaml, of an answer, of a message."""

import re
from typing import Any

LONGEST = 80
"""Characters of a value that are repeated."""

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text (in quotes, if it looks like a number)",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length} or fewer characters",
    "string_pattern_mismatch": "must be 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or a digit",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "union_tag_invalid": "must be {expected_tags}",
    "union_tag_not_found": "must have keys of its own, such as `key: value`",
    "too_short": "must have {min_length} or more entries",
    "too_long": "must have {max_length} or fewer entries",
    "tuple_type": "must be a list, such as [a, b]",
    "list_type": "must be a list, such as [a, b]",
    "model_type": "must have keys of its own, such as `key: value`",
    "model_attributes_type": "must have keys of its own, such as `key: value`",
    "dict_type": "must have keys of its own, such as `key: value`",
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
    words = _WORDS.get(item["type"])
    limits = {
        name: int(limit) if isinstance(limit, float) and limit.is_integer() else limit
        for name, limit in item.get("ctx", {}).items()
    }
    message = words.format(**limits) if words else re.sub(r"^Value error, ", "", item["msg"])
    value = item.get("input")
    shown = isinstance(value, str | int | float | bool) or value is None
    return f"{message} (it is {_short(value)})" if shown else message


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
