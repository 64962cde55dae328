"""The console's page for drawing regions of interest on an input. Candidates are not shown here."""

from typing import Annotated

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, url_for
from flask_wtf.csrf import generate_csrf
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wrappers import Response as Redirect

from studyapp.services.folder import regions
from studyapp.web.bodies import json_body
from studyapp.web.state import app_state

blueprint = Blueprint("regions", __name__, url_prefix="/regions")

Pixel = Annotated[int, Field(strict=True, ge=0, le=10**6)]
Length = Annotated[int, Field(strict=True, ge=1, le=10**6)]


class RegionsBody(BaseModel):
    """The rectangles of one image."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    regions: Annotated[list[tuple[Pixel, Pixel, Length, Length]], Field(max_length=50)]


@blueprint.get("")
def first() -> Redirect:
    """Go to the first image."""
    with app_state().workspace.database.reading() as session:
        image = regions.image_names(session)[0]
    return redirect(url_for("console.regions.page", image=image))


@blueprint.get("/<image>")
def page(image: str) -> str:
    """Show an input to draw on."""
    with app_state().workspace.database.reading() as session:
        view = regions.regions_view(session, image)
    data = {
        "image": {"width": view.width, "height": view.height, "tile": view.tile, "levels": view.levels},
        "tiles": url_for("console.regions.page", image=image) + "/t",
        "save": url_for("console.regions.save", image=image),
        "regions": view.regions,
        "editable": view.editable,
        "csrf": generate_csrf(),
    }
    return render_template("console/regions.html", view=view, data=data)


@blueprint.get("/<image>/t/<int:level>/<int:column>_<int:row>")
def tile(image: str, level: int, column: int, row: int) -> Response:
    """Send a tile of the input."""
    with app_state().workspace.database.reading() as session:
        pack = regions.input_pack(session, image)
    body = app_state().tiles.read(pack, level, column, row)
    if body is None:
        abort(404)
    return Response(body, mimetype="image/webp")


@blueprint.route("/<image>", methods=["POST", "PUT"])
def save(image: str) -> Response:
    """Replace the image's regions."""
    body = json_body(RegionsBody)
    workspace = app_state().workspace
    with workspace.database.writing() as session:
        regions.save_regions(session, workspace.folders.root, image, body.regions)
    return jsonify({"saved": len(body.regions)})
