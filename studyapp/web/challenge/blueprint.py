"""All pages of the challenge below one address of the site."""

from flask import Blueprint

from studyapp.services.challenge.phases import challenge_of
from studyapp.web.challenge import (
    api,
    board,
    entering,
    factsheet,
    feedback,
    models,
    pages,
    ranking,
    registrations,
    submissions,
    team,
    tokens,
    uploads,
)
from studyapp.web.challenge.shown import has_challenge, is_simulated, track_title, tracks, waiting_teams
from studyapp.web.state import the_site

blueprint = Blueprint("challenge", __name__, url_prefix="/challenge")
MODULES = (
    pages,
    entering,
    team,
    tokens,
    registrations,
    uploads,
    submissions,
    board,
    api,
    factsheet,
    models,
    feedback,
    ranking,
)
for module in MODULES:
    blueprint.register_blueprint(module.blueprint)


@blueprint.before_request
def _is_there() -> None:
    challenge_of(the_site())


blueprint.add_app_template_global(feedback.is_there, "has_feedback")
blueprint.add_app_template_global(ranking.is_there, "has_ranking")
for shown in (has_challenge, is_simulated, track_title, tracks, waiting_teams):
    blueprint.add_app_template_global(shown)
