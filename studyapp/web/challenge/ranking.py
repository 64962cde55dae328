"""A track's final ranking, for everybody where site.yaml says that results are public; else there is none."""

import codecs
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template

from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge.phases import track_of
from studyapp.services.ground import second_record
from studyapp.services.ground.workspace import Workspace
from studyapp.web.attachments import attachment
from studyapp.web.challenge.shown import NO_RESULTS, closed_study
from studyapp.web.state import the_site

if TYPE_CHECKING:
    from studyapp.services.results.ranking import StudyRanking

blueprint = Blueprint("ranking", __name__, url_prefix="/tracks/<track>")


def is_there(track: str) -> bool:
    """Tell whether a track's ranking is public; what a link to it asks."""
    try:
        _found(track)
    except StudyError:
        return False
    return True


@blueprint.get("/ranking")
def page(track: str) -> str:
    """Show what organisers see of the ranking, without the numbers of judges."""
    from studyapp.web.ranking_table import shown_ranking  # it computes

    return render_template(
        "challenge/ranking.html", track=track, shown=shown_ranking(_ranking(track), for_strangers=True)
    )


@blueprint.get("/ranking.csv")
def as_csv(track: str) -> Response:
    """Send the ranking as CSV."""
    from studyapp.services.results.ranking_text import format_ranking

    text = format_ranking(_ranking(track), "csv") + "\n"
    return attachment(codecs.BOM_UTF8 + text.encode(), f"{track}-ranking.csv", "text/csv")


def _ranking(track: str) -> "StudyRanking":
    from studyapp.services.results.kept import kept
    from studyapp.services.results.ranking import rank_study

    try:
        workspace = _found(track)
        second_record.refuse_loss(workspace)
        with workspace.database.reading() as session:
            return kept(session, workspace, rank_study)
    except NotFoundError:
        raise
    except StudyError:  # what is wrong is told to organisers alone
        raise NotFoundError(NO_RESULTS) from None


def _found(track: str) -> Workspace:
    if track_of(the_site(), track).results != "public":
        raise NotFoundError(NO_RESULTS)
    return closed_study(track)
