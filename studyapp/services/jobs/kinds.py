"""The kinds of job: what each runs, which is what the command of the same name runs.

A job may be begun several times: a kind saves what it finished and goes on from there. What it needs is
imported within its function, so that asking for one costs nothing.
"""

import dataclasses
import importlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from analysis.texts import Text, say
from studyapp.batch.pool import Progress
from studyapp.errors import Problem, StudyError, StudyStateError, errors_of
from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from studyapp.services.paired.scoring import ScoringChoice

Arguments = dict[str, Any]

MOST_ROWS = 500
"""Of a list in a result; the rest is counted."""


class NoSenseError(StudyError):
    """There is nothing left to do the job for: it ends without having failed."""


@dataclass(frozen=True)
class Context:
    """What a job is run with.

    Attributes
    ----------
    job
        Its number.
    progress
        Called as ``progress(stage, done, total)``, as often as one likes.
    processes, scheduler
        Where batch work goes: processes of this machine, or the Dask scheduler at an address.
    """

    site: Site
    study: str
    job: int
    now: datetime
    progress: Progress
    processes: int | None = None
    scheduler: str | None = None

    @cached_property
    def root(self) -> Path:
        """The study's folder."""
        return self.site.study_root(self.study)

    @cached_property
    def workspace(self) -> Workspace:
        """The study's workspace; of one that has been tiled."""
        return open_workspace(self.root)


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes
    ----------
    title
        What it does, for people.
    run
        Does it, and returns what came of it, ready for JSON and small: counts, file names, problems as rows.
    lane
        Kinds that write the same files have the same lane: of a study's jobs in a lane one runs at a time.
        What is in braces comes from the arguments.
    after_closing
        Whether it makes sense for a study that is closed.
    follow
        Called whenever such a job's state changes, in the same transaction, with the session, its number, the
        arguments, the state, what came of it and the time: what others wait for is written exactly once.
    """

    title: Text
    run: Callable[[Context, Arguments], dict[str, Any]]
    lane: str
    after_closing: bool = True
    follow: Callable[[Session, int, Arguments, str, dict[str, Any], datetime], None] | None = None


def refuse_senseless(kind: Kind, context: Context) -> None:
    """Make sure that the study is there, and in a state for which such a job makes sense.

    Raises
    ------
    NoSenseError
        Saying why not.
    """
    if not context.site.has(context.study):
        raise NoSenseError(f"there is no study {context.study!r} any more")
    if not kind.after_closing and _is_closed(context):
        raise NoSenseError("the study is closed, and nothing can be added to it")


def rows_of(problems: Iterable[Problem]) -> dict[str, Any]:
    """Return problems as rows, and how many there are."""
    found = list(problems)
    errors = len(errors_of(found))
    rows = [dataclasses.asdict(problem) for problem in found[:MOST_ROWS]]
    return {"problems": rows, "errors": errors, "warnings": len(found) - errors}


def _is_closed(context: Context) -> bool:
    from studyapp.services.ground.studies import the_study

    try:
        with context.workspace.database.reading() as session:
            return the_study(session).state == "closed"
    except StudyError:  # not tiled yet
        return False


def _check(context: Context, _arguments: Arguments) -> dict[str, Any]:
    from studyapp.errors import ProblemsFoundError
    from studyapp.services.folder.checking import check_study

    try:
        problems = check_study(context.root, progress=context.progress, jobs=context.processes)
    except ProblemsFoundError as error:
        problems = error.problems
    return rows_of(problems)


def _tile(context: Context, _arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.folder.preparing import prepare_study

    prepared = prepare_study(
        context.root,
        workers=context.processes,
        progress=context.progress,
        now=context.now,
        scheduler=context.scheduler,
    )
    return dataclasses.asdict(prepared)


def _score(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.paired.scoring import score_study

    found, paths = score_study(context.root, _choice(context, arguments), progress=context.progress)
    about = found.about
    return {
        **_measured(about),
        "folder": list(about["folder"]),
        "lacking": list(found.lacking),
        "files": _names(context, paths),
    }


def _unpaired(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.paired.unpaired import score_unpaired

    found, paths = score_unpaired(context.root, _choice(context, arguments), progress=context.progress)
    return {**_measured(found.about), "files": _names(context, paths)}


def _choice(context: Context, arguments: Arguments) -> "ScoringChoice":
    from analysis.paired.backends import Tools
    from studyapp.services.paired.scoring import ScoringChoice

    return ScoringChoice(
        tuple(arguments.get("teams", ())),
        tuple(arguments.get("metrics", ())),
        tuple(arguments.get("extra", ())),
        Tools(device=arguments.get("device", "cpu")),
        context.processes,
        context.scheduler,
    )


def _measured(about: Any) -> dict[str, Any]:
    said = {name: list(about[name]) for name in ("problems", "notes")}
    counts = {f"{name}_in_all": len(rows) for name, rows in said.items()}
    return {
        "missing": list(about["missing"]),
        **{name: rows[:MOST_ROWS] for name, rows in said.items()},
        **counts,
    }


def _measure(context: Context, arguments: Arguments) -> dict[str, Any]:
    from analysis.efficiency.command import usual_plan
    from studyapp.services.challenge.models import costs_of, note_replaced_models, put_in
    from studyapp.services.paired.measuring import measure_study

    plan = usual_plan(arguments.get("plan", {}))
    teams = tuple(arguments.get("teams", ()))
    handed_in = put_in(context.site, context.study)
    found = measure_study(context.root, plan, teams=teams, progress=context.progress)
    if handed_in:
        done = {one.team for one in found.measured}
        of_those = {team: number for team, number in handed_in.items() if team in done}
        note_replaced_models(context.site, context.study, of_those)
    failed = [{"team": one.team, "problem": one.problem} for one in found.measured if one.problem]
    return {
        "failed": failed,
        "remarks": list(found.remarks),
        "files": _names(context, found.paths),
        "models": costs_of(context.root, handed_in, found),
    }


def _follow_measure(
    session: Session, job: int, arguments: Arguments, state: str, result: dict[str, Any], _now: datetime
) -> None:
    asked, costs = arguments.get("submissions", ()), result.get("models", ())
    if asked or costs:
        from studyapp.services.challenge.models import follow_measuring

        follow_measuring(session, asked, costs, job, state, str(result.get("error", "")))


def _import(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.folder.frozen import refuse_frozen_folder
    from studyapp.services.folder.importing import propose, take_in
    from studyapp.services.folder.sources import taken_apart
    from studyapp.services.uploads.contents import sources_for

    refuse_frozen_folder(context.root)
    with tempfile.TemporaryDirectory(prefix="import-") as scratch:
        # What an earlier attempt copied is in the study already, and kept.
        sources = taken_apart(sources_for(context.site, context.study, arguments), Path(scratch))
        proposal = propose(context.root, sources)
        copied = take_in(proposal, progress=context.progress)
    return {
        "copied": copied,
        "there": proposal.there,
        "teams": [team.name for team in proposal.new_teams],
        "lines": proposal.lines()[:MOST_ROWS],
    }


def _export(context: Context, arguments: Arguments) -> dict[str, Any]:
    from analysis.files import file_sha256
    from studyapp.services.ground.second_record import refuse_loss
    from studyapp.services.results.exports import export_study, lacking
    from studyapp.services.results.ranking import rank_study

    refuse_loss(context.workspace)
    context.progress("rank", 0, 0)
    with context.workspace.database.reading() as session:
        ranking = rank_study(session, context.workspace)
        context.progress("export", 0, 0)
        paths = export_study(
            session,
            context.workspace,
            ranking,
            crops=bool(arguments.get("crops")),
            progress=context.progress,
        )
    return {
        "files": _names(context, paths),
        "manifest": file_sha256(paths[-1]),
        "lacking": lacking(context.workspace.folders.exports),
    }


def _anonymous(context: Context, _arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.ground.ledger import digest_now
    from studyapp.services.results.anonymous_export import anonymous_copy

    with context.workspace.database.reading() as session:
        paths = anonymous_copy(session, context.workspace)
        return {"files": _names(context, paths), "digest": digest_now(session)}


def _forms(context: Context, _arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.ground.ledger import digest_now
    from studyapp.services.ground.second_record import refuse_loss
    from studyapp.services.results.other_forms import write_forms

    refuse_loss(context.workspace)
    with context.workspace.database.reading() as session:
        written = write_forms(session, context.workspace)
        rows = [{"form": one.form, "files": list(one.files), "notes": list(one.notes)} for one in written]
        return {"forms": rows, "digest": digest_now(session)}


def _publish(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.ground.second_record import refuse_loss
    from studyapp.services.publishing.settings import Choice

    # Its pages are made with the templates of the application, which is above this room.
    publish = importlib.import_module("studyapp.web.published.publish")
    refuse_loss(context.workspace)
    choice = Choice(**{**arguments, "evidence": tuple(arguments.get("evidence", ()))})
    out = context.workspace.folders.published
    with context.workspace.database.reading() as session:
        written = publish.publish_study(session, context.workspace, out, choice, progress=context.progress)
    return {"written": written}


def _team_sheets(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.challenge.known_teams import known_teams, names_are_public
    from studyapp.services.ground.second_record import refuse_loss
    from studyapp.services.results.team_sheets import write_team_sheets

    refuse_loss(context.workspace)
    public = names_are_public(context.site, context.study)
    with context.workspace.database.reading() as session:
        written = write_team_sheets(
            session,
            context.workspace,
            context.workspace.folders.team_sheets,
            names=public or bool(arguments.get("names")),
            about=known_teams(context.site, context.study),
            progress=context.progress,
        )
    return {
        "files": _names(context, written.files),
        "problems": list(written.problems[:MOST_ROWS]),
        "digest": written.digest,
    }


def _verify(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.folder.pack_checks import check_packs
    from studyapp.services.results.verifying import verify_study

    with context.workspace.database.reading() as session:
        findings = verify_study(session, context.workspace)
        if arguments.get("packs"):
            findings.append(
                check_packs(session, context.workspace, workers=context.processes, progress=context.progress)
            )
    rows = [{"check": item.check, "verdict": item.verdict, "message": item.message} for item in findings]
    return {"findings": rows, "wrong": sum(row["verdict"] == "wrong" for row in rows)}


def _backup(context: Context, _arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.care.backups import back_up, describe

    folder = context.workspace.folders.backups
    folder.mkdir(mode=0o700, exist_ok=True)
    # No other backup of this study runs: these are of attempts that were killed.
    for scratch in folder.glob(".*"):
        shutil.rmtree(scratch, ignore_errors=True) if scratch.is_dir() else scratch.unlink(missing_ok=True)
    path = folder / f"backup-{context.job}.zip"
    # A killed attempt may have written it already.
    made = describe(path) if path.exists() else back_up(context.workspace, path, now=context.now)
    return {"files": _names(context, [path]), "digest": made.digest, "events": made.events}


def _blind_audit(context: Context, arguments: Arguments) -> dict[str, Any]:
    # The audit acts as judges against the whole application, which is above this room.
    audit = importlib.import_module("studyapp.blind_audit.run").blind_audit
    report = importlib.import_module("studyapp.blind_audit.report")
    found = audit(
        context.root,
        tiles=arguments.get("tiles", 1),
        seed=arguments.get("seed", 0),
        progress=context.progress,
    )
    return {"passed": found.passed, "findings": report.rows(found)[:MOST_ROWS]}


def _mail(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.people.mailing import send_mails
    from studyapp.settings import mail_server

    server, file = mail_server(), context.workspace.file
    if server is None:
        raise StudyError("no mail is sent from here: set STUDYAPP_SMTP_URL where the worker runs")
    sent, failed = send_mails(
        context.workspace.database,
        server,
        arguments["mail"],
        arguments["judges"],
        base=arguments["base"],
        study=str(file.title),
        contact=file.contact or "",
        now=lambda: datetime.now(UTC),
        since=arguments["asked"],
        progress=lambda done, total: context.progress("mail", done, total),
    )
    return {"sent": sent, "failed": failed}


def _submission(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.challenge.scoring import Work, score_submission
    from studyapp.services.challenge.submissions import the_submission

    number = arguments["submission"]
    with context.site.database.reading() as session:
        submission = the_submission(session, number)
        if submission.state == "withdrawn":
            raise NoSenseError("the submission was withdrawn")
        name = submission.name
    work = Work(context.progress, context.processes, context.scheduler)
    return score_submission(context.site, context.study, number, name, work)


def _final(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.challenge.finals import take
    from studyapp.services.challenge.scoring import Work
    from studyapp.services.challenge.submissions import the_submission

    number = arguments["submission"]
    with context.site.database.reading() as session:
        if the_submission(session, number).state == "withdrawn":
            raise NoSenseError("the submission was withdrawn")
    return take(context.site, number, Work(context.progress, context.processes, context.scheduler))


def _follow_submission(
    session: Session, job: int, arguments: Arguments, state: str, result: dict[str, Any], now: datetime
) -> None:
    from studyapp.services.challenge.submissions import follow

    follow(session, arguments["submission"], job, state, result, now)


def _model(context: Context, arguments: Arguments) -> dict[str, Any]:
    from studyapp.services.challenge.models import take
    from studyapp.services.challenge.scoring import Work

    return take(context.site, arguments["submission"], Work(context.progress))


def _follow_model(
    session: Session, job: int, arguments: Arguments, state: str, result: dict[str, Any], now: datetime
) -> None:
    _follow_submission(session, job, arguments, state, result, now)
    if state == "done" and result["at_once"]:
        from studyapp.services.challenge.models import begin_measuring
        from studyapp.services.challenge.submissions import the_submission
        from studyapp.services.jobs import queue  # which knows the kinds

        submission = the_submission(session, arguments["submission"])
        session.refresh(submission)
        with suppress(StudyStateError):  # a later one was accepted before
            asked = begin_measuring(session, submission)
            queue.ask(session, submission.track, "measure", asked, by="", now=now)


def _names(context: Context, paths: Iterable[Path]) -> list[str]:
    root = context.root.resolve()
    return [path.resolve().relative_to(root).as_posix() for path in paths]


KINDS: dict[str, Kind] = {
    "check": Kind(say("Check the folder"), _check, "folder"),
    "import": Kind(say("Import"), _import, "folder", after_closing=False),
    "tile": Kind(say("Build the tiles"), _tile, "folder"),
    "score": Kind(say("Score the images"), _score, "scores"),
    "unpaired": Kind(say("Score without ground truth"), _unpaired, "scores"),
    "measure": Kind(say("Measure the models"), _measure, "measures", follow=_follow_measure),
    "export": Kind(say("Export"), _export, "export"),
    # It reads what an export writes.
    "anonymous": Kind(say("Write an anonymous copy"), _anonymous, "export"),
    "forms": Kind(say("Write other tools' formats"), _forms, "forms"),
    "publish": Kind(say("Publish"), _publish, "publish"),
    "team_sheets": Kind(say("Write team sheets"), _team_sheets, "team_sheets"),
    "verify": Kind(say("Verify"), _verify, "verify"),
    "backup": Kind(say("Back up"), _backup, "backup"),
    "mail": Kind(say("Send mail to judges"), _mail, "mail", after_closing=False),
    "blind_audit": Kind(say("Blind audit"), _blind_audit, "audit"),
    "submission": Kind(
        say("Score a submission"), _submission, "submission {submission}", follow=_follow_submission
    ),
    # It writes where `check` and `tile` read.
    "final": Kind(say("Take in final results"), _final, "folder", follow=_follow_submission),
    "model": Kind(say("Check a model"), _model, "submission {submission}", follow=_follow_model),
}
