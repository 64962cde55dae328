"""Reading a request's JSON by its model, so that every refusal of a body reads alike."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from analysis.texts import say
from studyapp.core.refused import in_words
from studyapp.errors import InvalidBallotError

Body = TypeVar("Body", bound=BaseModel)

DEEPEST = 16
"""Levels of lists and objects in each other: more than any body has, few enough for every reader of JSON."""


def json_body(model: type[Body]) -> Body:
    """Return the request's body.

    Raises
    ------
    InvalidBallotError
        Naming the first field that is wrong, also when the body is no JSON at all, is nested deeply or holds
        half a character.
    """
    body = request.get_json(silent=True)
    _check_storable(body)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or say("the body")
        raise InvalidBallotError(say("%(where)s: %(what)s", where=where, what=in_words(first))) from None


def _check_storable(body: Any) -> None:
    """Refuse what JSON may spell and no database can hold, whatever the model makes of it."""
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        for value in level:
            if isinstance(value, str) and not _is_text(value):
                raise InvalidBallotError(
                    say("the body contains an invalid character (half a surrogate pair)")
                )
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise InvalidBallotError(say("the body is nested more than %(most)s levels deep", most=DEEPEST))


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _is_text(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
