"""The console's page of rules: how judges are asked and how answers become ranks (`rules_view`)."""

from types import ModuleType

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("rules", __name__, url_prefix="/rules")


@blueprint.get("")
def page() -> str:
    """Show what study.yaml says."""
    return _view().page()


@blueprint.post("")
def save() -> Response | str | tuple[str, int]:
    """Change study.yaml, as an amendment where judges are invited."""
    return _view().save()


@blueprint.post("/example")
def example() -> str:
    """Show what the formulas typed so far make of a made-up table; a script puts it into the page."""
    return _view().example()


@blueprint.post("/record")
def record() -> Response | tuple[str, int]:
    """Record as an amendment what was changed in study.yaml by hand."""
    return _view().record()


def _view() -> ModuleType:
    from studyapp.web.console import rules_view

    return rules_view
