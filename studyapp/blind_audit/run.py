"""One blind audit: log in as every judge of a copy, walk, measure, and judge what came back."""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from wsgiref.types import WSGIApplication

import numpy as np
from flask import Flask
from sqlmodel import col, select

from studyapp.app import create_app
from studyapp.batch.pool import Progress
from studyapp.blind_audit.browser import Browser
from studyapp.blind_audit.channels import Channel
from studyapp.blind_audit.channels.listing import CHANNELS
from studyapp.blind_audit.copying import Copy, study_copy
from studyapp.blind_audit.evidence import Evidence, Timing, Trial, Truth
from studyapp.blind_audit.report import AuditReport, Outcome
from studyapp.blind_audit.stopwatch import TIMED_JUDGES, measure, measure_refusals
from studyapp.blind_audit.truth import gather_truth
from studyapp.blind_audit.walk import Gathered, act, crawl, err, fetch_tiles, kind_of, pry
from studyapp.db.tables import Judge, Study
from studyapp.errors import StudyStateError
from studyapp.resources import resource_folder
from studyapp.services.ground.workspace import Workspace
from studyapp.services.people.invitations import reissue_link
from studyapp.services.voting.drawing import Drawer
from studyapp.web.state import now
from studyapp.web.static_files import static_path

Wrap = Callable[[Flask, Truth], WSGIApplication]


def blind_audit(
    root: Path,
    *,
    tiles: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
    wrap: Wrap | None = None,
) -> AuditReport:
    """Try every way by which a judge could tell teams apart, on a copy of the study in `root`.

    Parameters
    ----------
    root
        The study folder; nothing in it is changed.
    tiles
        How many tiles of each candidate are fetched besides the coarsest level.
    seed
        For the choice of tiles and the order of timed requests.
    progress
        Called as ``progress(stage, done, total)``.
    wrap
        Puts something between the audit and the application: how the tests plant leaks.

    Raises
    ------
    StudyStateError
        When nobody is invited yet: there is nothing that a judge could see.
    """
    rng = np.random.default_rng(seed)
    with study_copy(root) as copy:
        workspace = copy.workspace
        _draw_all(workspace)
        with workspace.database.reading() as session:
            truth = gather_truth(session, workspace, root)
        if not truth.conflicts:
            raise StudyStateError(
                "no judges have been invited yet, so there is nothing to audit; run `studyapp invite` first"
            )
        application = create_app(copy.served, apart=True)
        try:
            app = application.wsgi_app if wrap is None else wrap(application, truth)
            evidence = _gather(app, copy, truth, tiles, rng, progress or (lambda *_: None))
        finally:
            application.extensions["studyapp"].close()
    return _report(evidence, seed)


def _draw_all(workspace: Workspace) -> None:
    """Draw, in the copy, what judges of an adaptive study would be shown: the truth is gathered before."""
    with workspace.database.reading() as session:
        state = session.exec(select(Study.state)).first()
    if state != "closed":
        Drawer(workspace).draw_all(now=now())


def _gather(
    app: WSGIApplication,
    copy: Copy,
    truth: Truth,
    count: int,
    rng: np.random.Generator,
    progress: Progress,
) -> Evidence:
    gathered = Gathered()
    timings: list[Timing] = []
    with _logs() as logs:
        total = len(truth.conflicts)
        stranger = Browser(app, None, gathered.exchanges.append, copy.address)
        other: Trial | None = None
        tried: set[tuple[bool, bool]] = set()
        for number, (position, link) in enumerate(_links(copy.workspace)):
            browser = Browser(app, position, gathered.exchanges.append, copy.address)
            browser.get(browser.at(link))
            trials = crawl(browser, gathered)
            for trial in trials:
                fetch_tiles(browser, trial, truth, gathered, count=count, rng=rng)
            if number < TIMED_JUDGES:
                timings += measure(browser, trials, truth, rng=rng)
            if number == 0:
                timings += measure_refusals(browser, truth, rng=rng)
            act(browser, trials)
            err(browser, trials[0] if trials else None, other)
            if (kind := kind_of(position, truth)) not in tried:
                tried.add(kind)
                pry(browser, truth, trials, other=copy.neighbour)
            other = trials[-1] if trials else other
            progress("judges", number + 1, total)
        err(stranger, other, None)
        pry(stranger, truth, [other] if other else [], other=copy.neighbour)
    return Evidence(
        truth=truth,
        exchanges=tuple(gathered.exchanges),
        trials=tuple(gathered.trials),
        tiles=tuple(gathered.tiles),
        timings=tuple(timings),
        logs=logs.getvalue(),
        own_files=_own_files(),
    )


def _links(workspace: Workspace) -> Iterator[tuple[int, str]]:
    """Make a fresh personal link for every judge of the copy; yield it with the judge's number."""
    with workspace.database.reading() as session:
        people = list(session.exec(select(Judge.position, Judge.email).order_by(col(Judge.position))))
    for position, email in people:
        with workspace.database.writing() as session:
            token = reissue_link(session, email, now=now()).token
        yield position, f"/j/{token}"


@contextlib.contextmanager
def _logs() -> Iterator[io.StringIO]:
    """Collect what the application says to its log and to standard error."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stderr(text):
            yield text
    finally:
        logging.getLogger().removeHandler(handler)


def _own_files() -> dict[str, bytes]:
    """Read the application's static files by their address."""
    root = resource_folder("static")
    files = (path for path in root.rglob("*") if path.is_file())
    return {static_path(path.relative_to(root).as_posix()): path.read_bytes() for path in files}


def _report(evidence: Evidence, seed: int) -> AuditReport:
    return AuditReport(
        title=evidence.truth.title,
        judges=len(evidence.truth.conflicts),
        trials=len({(trial.judge, trial.id) for trial in evidence.trials}),
        responses=len(evidence.exchanges),
        tiles=len(evidence.tiles),
        seed=seed,
        outcomes=tuple(_outcome(channel, evidence) for channel in CHANNELS),
    )


def _outcome(channel: Channel, evidence: Evidence) -> Outcome:
    findings = tuple(dict.fromkeys(channel.look(evidence)))
    notes = tuple(channel.left_out(evidence)) if channel.left_out else ()
    return Outcome(channel.name, channel.meaning, channel.looked_at(evidence), findings, notes)
