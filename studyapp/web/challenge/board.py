"""The leaderboard of a phase, for whoever may read it; for others there is none."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, render_template

from studyapp.db.tables import utc_text
from studyapp.services.challenge.phases import is_readable, phase_of
from studyapp.services.people.accounts import ORGANISER
from studyapp.study.challenge_file import Phase
from studyapp.web.attachments import attachment
from studyapp.web.challenge.acting import acting
from studyapp.web.entrance.people import organiser
from studyapp.web.state import now, the_site

if TYPE_CHECKING:
    from studyapp.services.challenge.leaderboard import Board

blueprint = Blueprint("board", __name__, url_prefix="/tracks/<track>/<phase>")


def has_board(track: str, phase: Phase) -> bool:
    """Tell whether a phase has a leaderboard for whoever asks; the address names the track."""
    if phase.kind == "final":
        return False
    takes_part = acting() is not None
    return is_readable(phase, now(), takes_part=takes_part, organises=_organises(track))


@blueprint.get("/board")
def page(track: str, phase: str) -> str:
    """Show the leaderboard, to organisers too as others see it."""
    board, mine = _board(track, phase), acting()
    return render_template(
        "challenge/board.html",
        board=board,
        frozen_at=utc_text(board.frozen_at) if board.frozen_at else None,
        mine=mine.team if mine else None,
        is_organiser=_organises(track),
        hidden=not is_readable(phase_of(the_site(), track, phase), now(), takes_part=True, organises=False),
    )


@blueprint.get("/leaderboard.csv")
def as_csv(track: str, phase: str) -> Response:
    """Send the leaderboard as CSV."""
    return csv_of(_board(track, phase))


@blueprint.get("/leaderboard.json")
def as_codabench(track: str, phase: str) -> Response:
    """Send the leaderboard in Codabench's form."""
    return codabench_of(_board(track, phase))


def csv_of(board: "Board") -> Response:
    """Send a leaderboard as CSV."""
    from studyapp.services.challenge.board_files import as_csv

    return attachment(as_csv(board), f"{board.track}-{board.phase}.csv", "text/csv")


def codabench_of(board: "Board") -> Response:
    """Send a leaderboard in Codabench's form."""
    from studyapp.services.challenge.board_files import as_codabench

    return jsonify(as_codabench(board))


def _board(track: str, phase: str) -> "Board":
    from studyapp.services.challenge.leaderboard import leaderboard  # it needs numpy

    site = the_site()
    if not has_board(track, phase_of(site, track, phase)):
        abort(404)
    with site.database.reading() as session:
        return leaderboard(session, site, track, phase, now())


def _organises(track: str) -> bool:
    mine = organiser()
    return mine is not None and (mine.is_owner or mine.role_in(track) == ORGANISER)
