"""Tiles, as lossless WebP out of the packs. Nothing in an answer depends on anything but pixels."""

from flask import Blueprint, Response, abort

from studyapp.core.tile_check import tile_check
from studyapp.web.entrance.people import judge_id
from studyapp.web.state import app_state

blueprint = Blueprint("tiles", __name__)


@blueprint.get("/t/<token>/<int:level>/<int:column>_<int:row>")
def tile(token: str, level: int, column: int, row: int) -> Response:
    """Send one tile; an unknown token and a missing tile look the same."""
    body = app_state().tiles.tile(judge_id(), token, level, column, row)
    if body is None:
        abort(404)
    response = Response(body, mimetype="image/webp")
    # no-transform: what optimises pictures on the way (RFC 9111, 5.2.2.6) leaves these alone.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable, no-transform"
    response.headers["X-Tile-Check"] = tile_check(f"{token}/{level}/{column}_{row}", body)
    return response
