"""All pages of the console below one address, and what stands in its navigation."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, request

from analysis.texts import Text, say
from studyapp.web.console import (
    actions,
    board,
    factsheets,
    handed_links,
    images,
    inviting,
    jobs,
    judges,
    live,
    mail,
    models,
    overview,
    phases,
    publishing,
    regions,
    rehearsal,
    results,
    rules,
    submissions,
    teams,
    uploads,
)
from studyapp.web.permissions import may
from studyapp.web.state import app_state

blueprint = Blueprint("console", __name__, url_prefix="/console")
MODULES = (
    overview,
    images,
    teams,
    phases,
    factsheets,
    models,
    submissions,
    board,
    judges,
    results,
    publishing,
    regions,
    actions,
    jobs,
    rules,
    uploads,
    inviting,
    handed_links,
    mail,
    rehearsal,
    live,
)
for module in MODULES:
    blueprint.register_blueprint(module.blueprint)


@dataclass(frozen=True)
class Entry:
    """An entry of the navigation: the page it leads to, and the pages (by blueprint) that belong to it."""

    title: Text
    endpoint: str
    blueprints: tuple[str, ...]
    is_there: Callable[[], bool] = lambda: True

    @property
    def is_here(self) -> bool:
        """Whether the page that is asked for belongs to this entry."""
        return any(f"console.{name}" in request.blueprints for name in self.blueprints)


NAVIGATION = (
    Entry(say("Overview"), "console.overview.page", ("overview",)),
    Entry(say("Images"), "console.images.page", ("images",)),
    Entry(say("Teams"), "console.teams.page", ("teams",)),
    Entry(say("Phases"), "console.phases.page", ("phases",), phases.is_track),
    Entry(say("Submissions"), "console.submissions.page", ("submissions",), phases.is_track),
    Entry(say("Factsheets"), "console.factsheets.page", ("factsheets", "models"), phases.is_track),
    Entry(say("Leaderboard"), "console.board.page", ("board",), phases.is_track),
    Entry(say("Judges"), "console.judges.page", ("judges", "inviting", "links", "mail", "rehearsal")),
    Entry(say("Live"), "console.live.page", ("live",)),
    Entry(say("Rules"), "console.rules.page", ("rules",)),
    Entry(say("Regions"), "console.regions.first", ("regions",)),
    Entry(say("Results"), "console.results.ranking_page", ("results",)),
    Entry(say("Publish"), "console.publishing.page", ("publishing",)),
    Entry(say("Actions"), "console.actions.page", ("actions",)),
    Entry(say("Jobs"), "console.jobs.page", ("jobs",)),
)


@blueprint.app_template_global()
def navigation() -> tuple[Entry, ...]:
    """Return the entries of the console's navigation that whoever asks may open."""
    return tuple(entry for entry in NAVIGATION if entry.is_there() and may(entry.endpoint))


@blueprint.app_template_global()
def study_title() -> str:
    """Return the study's title as study.yaml has it; error pages need it when the database is away."""
    return app_state().workspace.file.title


@blueprint.app_template_global()
def study_is_simulated() -> bool:
    """Tell whether no people are behind the study's answers: every page says so."""
    return app_state().workspace.file.simulated
