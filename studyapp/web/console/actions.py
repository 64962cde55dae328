"""The console's page of what the ledger keeps for good (withdrawing, unsealing, ...), and of backups."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, send_from_directory, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from analysis.texts import say
from studyapp.core.ledger import judge_label
from studyapp.db.tables import Judge, Team
from studyapp.errors import StudyError
from studyapp.services.ground import second_record, studies
from studyapp.services.ground.ledger import standing
from studyapp.services.voting import lifecycle
from studyapp.web.console.asking import ask_for_job, last_job
from studyapp.web.state import app_state, now

blueprint = Blueprint("actions", __name__, url_prefix="/actions")


@dataclass(frozen=True)
class Choice:
    """A judge or a team to choose: what the form sends, what people call it, and whether it is out."""

    key: str
    words: str
    out: bool


@blueprint.get("")
def page() -> str:
    """Show what can be done, and what was."""
    return _page()


@blueprint.post("/withdraw")
def withdraw() -> Response | tuple[str, int]:
    """Take a judge's ballots out of the results, or count them again."""
    email, undo = request.form.get("who", ""), "undo" in request.form

    def act(session: Session) -> None:
        lifecycle.withdraw_judge(session, email, _reason(), now=now(), undo=undo)

    return _done(act)


@blueprint.post("/disqualify")
def disqualify() -> Response | tuple[str, int]:
    """Take a team out of the results, or back in."""
    team, undo = request.form.get("who", ""), "undo" in request.form

    def act(session: Session) -> None:
        lifecycle.disqualify_team(session, team, _reason(), now=now(), undo=undo)

    return _done(act)


@blueprint.post("/unseal")
def unseal() -> Response | tuple[str, int]:
    """Show organisers results before closing."""

    def act(session: Session) -> None:
        if "understood" not in request.form:
            raise StudyError(say("Nothing was unsealed: tick the box to say that you know what follows."))
        lifecycle.unseal_study(session, _reason(), now=now())

    return _done(act)


@blueprint.post("/backup")
def backup() -> Response:
    """Ask for a backup in var/backups."""
    ask_for_job("backup")
    return redirect(url_for("console.actions.page") + "#backups")


@blueprint.get("/backups/<name>")
def backup_file(name: str) -> Response:
    """Send a backup, which tells who made what: of an unsealed study alone."""
    with app_state().workspace.database.reading() as session:
        studies.require_unsealed(session)
    if name not in [path.name for path in _made_backups()]:
        abort(404)
    return send_from_directory(_backups().resolve(), name, as_attachment=True)


@blueprint.post("/records")
def records() -> str:
    """Compare the records with the database, and complete them."""
    return _page(compared=second_record.mend_record(app_state().workspace))


@blueprint.post("/loss")
def loss() -> Response | tuple[str, int]:
    """Go on with a database that lost events; the ledger says which."""
    if "understood" not in request.form:
        return _page(
            failed=StudyError(say("Nothing was accepted: tick the box to say that you know what follows."))
        ), 409
    second_record.accept_loss(app_state().workspace, now=now())
    return redirect(url_for("console.actions.page"))


def _reason() -> str:
    return request.form.get("reason", "")


def _done(act: Callable[[Session], None]) -> Response | tuple[str, int]:
    """Do it and show the page; refused, show it with the reason and what was typed."""
    try:
        with _writing() as session:
            act(session)
    except StudyError as error:
        return _page(failed=error), 409
    return redirect(url_for("console.actions.page"))


@contextmanager
def _writing() -> Iterator[Session]:
    """As every command that adds to the ledger does: only with a database that has everything."""
    workspace = app_state().workspace
    second_record.refuse_loss(workspace)
    with workspace.database.writing() as session:
        yield session


def _page(*, failed: StudyError | None = None, compared: second_record.Comparison | None = None) -> str:
    from studyapp.services.results.ledger_notes import study_notes  # with pandas, which judges need not have

    with app_state().workspace.database.reading() as session:
        if not studies.is_registered(session):
            return render_template("console/no_actions.html")
        study, out = studies.the_study(session), standing(session)
        teams = session.exec(select(Team).where(~col(Team.control)).order_by(col(Team.position))).all()
        judges = session.exec(select(Judge).order_by(col(Judge.position))).all()
        return render_template(
            "console/actions.html",
            state=study.state,
            unsealed=out.unsealed,
            teams=[
                Choice(team.key, f"{team.name} ({team.key})", team.position + 1 in out.disqualified)
                for team in teams
            ],
            judges=[
                Choice(
                    judge.email, f"{judge.name} ({judge.email})", judge_label(judge.position) in out.withdrawn
                )
                for judge in judges
            ],
            notes=study_notes(session),
            backups=[(path.name, path.stat().st_size, _moment(path)) for path in _made_backups()],
            job=last_job("backup"),
            failed=failed and (failed.args[0] if failed.args else str(failed)),
            typed=request.form if failed else {},
            compared=compared,
        )


def _backups() -> Path:
    return app_state().workspace.folders.backups


def _made_backups() -> list[Path]:
    """What backups there are, the newest first."""
    folder = _backups()
    return sorted(folder.glob("*.zip"), key=lambda path: -path.stat().st_mtime) if folder.is_dir() else []


def _moment(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=now().tzinfo).isoformat()
