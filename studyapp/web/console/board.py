"""The console's leaderboard of a track: as it stands now, frozen or hidden too; files of it, and the cut."""

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from analysis.files import file_sha256
from analysis.texts import Text
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.services.challenge.phases import last_feedback, phase_of, stage, track_of
from studyapp.services.folder.frozen import refuse_frozen
from studyapp.study.challenge_file import Phase
from studyapp.study.site_file import SITE_FILE
from studyapp.web.challenge.board import codabench_of, csv_of
from studyapp.web.challenge.shown import shown_phase
from studyapp.web.entrance.people import the_organiser, who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now, the_site

if TYPE_CHECKING:
    from studyapp.services.challenge.leaderboard import Board

blueprint = Blueprint("board", __name__, url_prefix="/board")


@blueprint.get("")
def page() -> str:
    """Show the leaderboard of a phase, by default of the one that is on, and who goes to the final phase."""
    return _page()


@blueprint.get("/<phase>/leaderboard.csv")
def as_csv(phase: str) -> Response:
    """Send the leaderboard as CSV, with everything that is known of the teams."""
    return csv_of(_board(phase))


@blueprint.get("/<phase>/leaderboard.json")
def as_codabench(phase: str) -> Response:
    """Send the leaderboard in Codabench's form."""
    return codabench_of(_board(phase))


@blueprint.post("/cut")
def cut() -> Redirect | tuple[str, int]:
    """Decide who goes to the final phase."""
    from studyapp.services.challenge import cut as cuts  # it needs numpy

    site, track = the_site(), app_state().study
    teams = request.form.getlist("team", type=int)
    try:
        with site.database.writing() as session:
            made = cuts.make(
                session,
                site,
                track=track,
                teams=teams,
                by=str(the_organiser().name),
                now=now(),
                why=request.form.get("why", ""),
            )
            number = made.id
    except ProblemsFoundError as error:
        return _page(problem="; ".join(map(str, error.problems))), 422
    except StudyError as error:
        return _page(problem=error.args[0]), 422
    note("cut made", cut=number, teams=len(teams), **who())
    return redirect(url_for("console.board.page"))


def _page(*, problem: Text | str | None = None) -> str:
    from studyapp.services.challenge import cut as cuts
    from studyapp.services.challenge.leaderboard import leaderboard, outdated

    site, track, at = the_site(), app_state().study, now()
    phases = {name: found for name, found in track_of(site, track).phases.items() if found.kind == "feedback"}
    if not phases:
        return render_template("console/board_none.html")
    phase = request.args.get("phase", "")
    phase = phase if phase in phases else _on(phases)
    rules = phases[phase]
    with site.database.reading() as session:
        board = leaderboard(session, site, track, phase, at, sees_all=True)
        stale = len(outdated(session, site, track))
        proposal, refused, stands = None, None, None
        if phase == last_feedback(site, track):
            proposal = cuts.proposed(board, phase, track_of(site, track).top, stale)
            refused = cuts.refusal(site, track, at) or _frozen()
            stands = cuts.latest(session, track)
    return render_template(
        "console/board.html",
        track=track,
        board=board,
        phases=phases,
        phase=phase,
        rules=rules,
        shown=shown_phase(phase, rules),
        revision=file_sha256(site.root / SITE_FILE),
        stale=stale,
        proposal=proposal,
        refused=refused,
        stands=stands,
        decided=json.loads(stands.body) if stands else None,
        rows={row.team: row for row in board.rows},
        problem=problem,
    )


def _frozen() -> Text | str | None:
    """Why the study's teams stay as they are, once judges are invited."""
    with app_state().workspace.database.reading() as session:
        try:
            refuse_frozen(session)
        except StudyError as error:
            return error.args[0]
    return None


def _on(phases: dict[str, Phase]) -> str:
    """The phase to show first: the one that is open, or the last that was."""
    begun = [name for name, found in phases.items() if stage(found, now()) != "before"]
    return begun[-1] if begun else next(iter(phases))


def _board(phase: str) -> "Board":
    from studyapp.services.challenge.leaderboard import leaderboard

    site, track = the_site(), app_state().study
    phase_of(site, track, phase)
    with site.database.reading() as session:
        return leaderboard(session, site, track, phase, now(), sees_all=True)
