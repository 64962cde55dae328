"""The demo: the sample study taken from photographs to a final ranking, then served for a visitor to try.

A closed study stays closed: the ranked one has no judging page left to try. The visitor therefore gets
a second study of the same pictures, open, with a key and a database of its own:

    DIR/ranked   simulated judges have voted; closed, ranked and exported: the organiser's link
    DIR/open     nobody has voted: the judge's link

Every step looks at what is there, so that an interrupted demo goes on where it stopped.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click

from analysis.progress import shown_progress
from studyapp.core.judges_file import read_judges
from studyapp.errors import NotFoundError, ProblemsFoundError, StudyError, errors_of
from studyapp.protocols import KINDS
from studyapp.sample.build import build_sample_study, sample_originals
from studyapp.sample.judges import run_simulated_judges
from studyapp.sample.scenes import SEED, Size
from studyapp.sample.serving import serving
from studyapp.sample.visitor import VISITOR, copy_for_visitor
from studyapp.services.folder.checking import check_study
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.paired.scoring import ScoringChoice, score_study
from studyapp.services.people import invitations
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import format_ranking
from studyapp.settings import Folders
from studyapp.study.study_file import STUDY_FILE, load_study_file

Echo = Callable[[str], object]

# Fixed and public, so that everybody's demo shows the same order; a real study has a random key.
SAMPLE_KEY = sha256(b"the sample study has no secrets").digest()


def run_demo(
    root: Path, *, serve: bool, port: int, echo: Echo, size: Size = "full", kind: str = "top_k"
) -> None:
    """Build, check, tile, score, invite, vote, close, rank and export the sample study; print the ranking.

    Parameters
    ----------
    root
        Folder for the two studies.
    serve
        Whether to go on and serve them until interrupted.
    port
        Where the organiser's study is served, if that port is free.
    echo
        Gets what is going on, line by line; the ranking itself goes to standard output.
    size
        Size of the sample study.
    kind
        How judges are asked.

    Raises
    ------
    StudyError
        When a step fails; the message says which remedy there is.
    """
    refuse_database()
    ranked, visitors = root / "ranked", root / "open"
    _refuse_another(ranked, kind)
    with sigterm_interrupts():
        if not is_closed(ranked):
            prepare_sample(ranked, size=size, kind=kind, echo=echo)
            if KINDS[kind].table == "votes":
                score_sample(ranked, echo=echo)
            collect_votes(ranked, size=size, echo=echo)
        rank(ranked, echo)
        if serve:
            token = open_for_visitor(ranked, visitors, size=size, kind=kind)
            _serve(ranked, visitors, token, port, echo)


def refuse_database() -> None:
    """Make sure that nothing simulated gets into another database.

    Raises
    ------
    StudyError
        When the settings name one.
    """
    if os.environ.get("STUDYAPP_DATABASE_URL"):
        raise StudyError("the demo stores its ballots in its own folder; unset STUDYAPP_DATABASE_URL")


def _refuse_another(root: Path, kind: str) -> None:
    if (root / STUDY_FILE).exists() and (there := load_study_file(root / STUDY_FILE).protocol.kind) != kind:
        raise StudyError(
            f"{root} is a study with the protocol {there}; choose another folder for one with {kind}"
        )


def prepare_sample(root: Path, *, size: Size, kind: str = "top_k", echo: Echo) -> None:
    """Build the sample study in `root` unless it is there; check it, tile it and enter it in its database."""
    if not (root / STUDY_FILE).exists():
        echo("building the sample study from the photographs inside scikit-image")
        root.parent.mkdir(parents=True, exist_ok=True)
        with shown_progress() as progress:
            build_sample_study(root, size=size, kind=kind, progress=progress)
    prepare(root, key=SAMPLE_KEY, echo=echo)


def prepare(root: Path, *, key: bytes, echo: Echo) -> None:
    """Check a study, tile it and enter it in its database."""
    ensure_key(root, key=key)
    with shown_progress() as progress:
        if errors := errors_of(check_study(root, progress=progress)):
            raise ProblemsFoundError(errors)
        prepared = prepare_study(root, workers=None, progress=progress, now=_now())
    echo(
        f"checked and tiled: {prepared.images} images of {prepared.teams} teams "
        f"({prepared.tiled} pictures tiled now, {prepared.kept} before)"
    )


def score_sample(root: Path, *, echo: Echo) -> None:
    """Score the pairs by the sample's reduced formula; what was scored before is taken from the cache."""
    with shown_progress() as progress:
        found, _ = score_study(root, ScoringChoice(), progress=progress)
    echo(
        f"scored: {found.images['image'].nunique()} pairs of {len(found.teams)} teams by "
        f"{found.about['formula']['score']}"
    )


def collect_votes(root: Path, *, size: Size, echo: Echo) -> None:
    """Let the simulated judges vote over HTTP, then close the study."""
    tokens = invite(root)
    with serving(root) as server, shown_progress() as progress:
        links = {name: f"{server.url}/j/{token}" for name, token in tokens.items()}
        done = run_simulated_judges(links, seed=SEED, originals=sample_originals(size), progress=progress)
    echo(
        f"SIMULATED judges: {done.judges} programs answered {done.trials} trials over HTTP "
        f"({done.saved} ballots saved, {done.undone} slips undone)"
    )
    close(root)


def close(root: Path) -> None:
    """End the voting of a study."""
    workspace = open_workspace(root)
    with workspace.database.writing() as session:
        studies.close_study(session, now=_now())
    workspace.database.close()


def is_closed(root: Path) -> bool:
    """Tell whether the voting of a study has ended."""
    if not Folders(root).database.exists():
        return False
    try:
        workspace = open_workspace(root)
    except StudyError:  # not tiled yet
        return False
    try:
        with workspace.database.reading() as session:
            return studies.the_study(session).state == "closed"
    except NotFoundError:
        return False
    finally:
        workspace.database.close()


def open_for_visitor(ranked: Path, visitors: Path, *, size: Size, kind: str = "top_k") -> str:
    """Make the visitor's open study unless it is there; return the token of a fresh link to it."""
    copy_for_visitor(ranked, visitors, size=size, kind=kind)
    prepare_study(visitors, workers=None, progress=None, now=_now())
    return invite(visitors)[VISITOR[0]]


def invite(root: Path) -> dict[str, str]:
    """Return a link's token for each judge by name; who was invited before gets a new one."""
    workspace = open_workspace(root)
    teams = [team.id for team in workspace.file.teams]
    lines, problems = read_judges(root / "judges.csv", teams, workspace.file.protocol.least)
    if errors := errors_of(problems):
        raise ProblemsFoundError(errors)
    with workspace.database.writing() as session:
        fresh = invitations.invite_judges(session, workspace.key, lines, now=_now())
        tokens = {item.name: item.token for item in fresh}
        for line in lines:
            if line.name not in tokens:
                tokens[line.name] = invitations.reissue_link(session, line.email, now=_now()).token
    workspace.database.close()
    return tokens


def rank(root: Path, echo: Echo) -> None:
    """Print the ranking of a closed study and write its report and tables."""
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
        paths = export_study(session, workspace, ranking)
    workspace.database.close()
    click.echo(format_ranking(ranking, "markdown"))
    echo(f"\nreport and tables: {paths[0].parent} ({len(paths)} files)")


def _serve(ranked: Path, visitors: Path, token: str, port: int, echo: Echo) -> None:
    with ExitStack() as stack:
        results = stack.enter_context(serving(ranked, port=port))
        trial = stack.enter_context(serving(visitors, port=port + 1 if 0 < port < 65535 else None))
        # Cookies do not tell ports apart, but they do tell names: both links can be open in one browser.
        judge = f"{trial.url.replace('127.0.0.1', 'localhost')}/j/{token}"
        click.echo(f"organiser (results of the SIMULATED study): {results.organiser}")
        click.echo(f"judge (try it yourself; votes stay in {visitors}): {judge}")
        echo("Ctrl-C stops both servers")
        try:
            while results.process.poll() is None and trial.process.poll() is None:
                results.process.wait()
        except KeyboardInterrupt:
            echo("stopped")


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Treat a request to end like Ctrl-C, so that no server outlives the demo."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _now() -> datetime:
    return datetime.now(UTC)
