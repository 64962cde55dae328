"""Reading a request's JSON by its model, so that every refusal of a body reads alike."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from studyapp.errors import InvalidBallotError

Body = TypeVar("Body", bound=BaseModel)


def json_body(model: type[Body]) -> Body:
    """Return the request's body.

    Raises
    ------
    InvalidBallotError
        Naming the first field that is wrong, also when the body is no JSON at all.
    """
    try:
        return model.model_validate(request.get_json(silent=True))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise InvalidBallotError(f"{where}: {first['msg']}") from None
