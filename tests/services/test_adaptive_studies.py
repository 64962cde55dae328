"""Pairs drawn while judges vote: when first looked at, from what was answered, each draw in the ledger."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
from sqlmodel import col, func, select

from analysis.verify import Event, Opening, Record, Replay
from analysis.verify.draws import check_draws
from analysis.verify.record import MisfitError
from studyapp.core.judges_file import JudgeLine
from studyapp.db.tables import BallotEvent, Image, Judge, Picture, StudyEvent, Team, Trial, TrialSlot
from studyapp.errors import NotDrawnError, NotFoundError, StudyStateError
from studyapp.protocols import Asked
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import ledger_entries
from studyapp.services.ground.sealing import opening
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.people.rehearsing import start_over
from studyapp.services.results.monitoring import study_status
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import judging
from studyapp.services.voting.ballots import Cast
from studyapp.services.voting.drawing import Drawer
from studyapp.services.voting.looking import note_looking
from tests.asked import add_controls, ask
from tests.conftest import NOW
from tests.hidden import add_checks
from tests.services.test_looking_tables import looked
from tests.services.voting import close, save_ballot

SETTINGS = "kind: pairwise, design: adaptive, pairs_per_judge: 8, identical: 1, stabilising: 2"
CHECKS = 'checks: {repeats: ["001"], golden: ["002"]}\n'
JUDGES = (
    JudgeLine("Jude", "jude@example.org"),
    JudgeLine("June", "june@example.org", conflicts=("team02",)),
    JudgeLine("Joan", "joan@example.org"),
    JudgeLine("Tess", "tess@example.org", test=True),
)
PLACES = 8 + 2 + 3


@pytest.fixture(scope="module")
def equipped(tiled_folder, tmp_path_factory) -> Path:
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("adaptive") / "study"))
    add_controls(root)
    add_checks(root, "")
    ask(root, SETTINGS, CHECKS)
    return root


@pytest.fixture
def workspace(equipped, tmp_path, monkeypatch) -> Iterator[Workspace]:
    """An open study with its judges, on SQLite."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    yield from opened(equipped, tmp_path / "study")


@pytest.fixture
def anywhere(equipped, tmp_path, database_url) -> Iterator[Workspace]:
    """The same, on SQLite and on PostgreSQL."""
    yield from opened(equipped, tmp_path / "study")


def opened(equipped: Path, folder: Path) -> Iterator[Workspace]:
    shutil.copytree(equipped, folder)
    ask(folder, SETTINGS, CHECKS)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, JUDGES, now=NOW)
        studies.open_study(session, now=NOW)
    yield workspace
    workspace.database.close()


def own_trials(workspace, name: str) -> list[Trial]:
    with workspace.database.reading() as session:
        query = select(Trial).join(Judge, col(Trial.judge_id) == Judge.id)
        query = query.where(Judge.name == name, Trial.kind != "practice")
        return list(session.exec(query.order_by(col(Trial.position))))


def go_on(workspace, drawer: Drawer, name: str, count: int) -> None:
    """Let a judge answer the next so many trials, liking later teams more."""
    for trial in own_trials(workspace, name):
        with workspace.database.reading() as session:
            done = session.exec(select(BallotEvent.id).where(BallotEvent.trial_id == trial.id)).first()
        if done or not count:
            continue
        drawer.draw(trial.judge_id, trial.public_id, now=NOW)
        with workspace.database.writing() as session:
            liking = dict(
                session.exec(
                    select(TrialSlot.slot, Team.position)
                    .join(Picture, col(TrialSlot.picture_id) == Picture.id)
                    .join(Team, col(Picture.team_id) == Team.id)
                    .where(TrialSlot.trial_id == trial.id, TrialSlot.slot > 0)
                ).all()
            )
            protocol = studies.the_protocol(session)
            (answer,) = protocol.simulate(protocol.question(Asked("main", 2)), liking)
            key = str(uuid5(NAMESPACE_OID, trial.public_id))
            assert save_ballot(session, Cast(trial.judge_id, trial.public_id, key, 0, answer, NOW)).complete
        count -= 1


def drawn(workspace, name: str) -> list[tuple[str, str, frozenset[str]]]:
    """Kind, image and teams of a judge's trials that show something."""
    with workspace.database.reading() as session:
        rows = session.exec(
            select(Trial.position, Trial.kind, Image.key, Team.key)
            .join(Judge, col(Trial.judge_id) == Judge.id)
            .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
            .join(Picture, col(TrialSlot.picture_id) == Picture.id)
            .join(Image, col(Trial.image_id) == Image.id)
            .join(Team, col(Picture.team_id) == Team.id)
            .where(Judge.name == name, Trial.kind != "practice")
            .order_by(col(Trial.position), col(TrialSlot.slot))
        ).all()
    found: dict[int, tuple[str, str, list[str]]] = {}
    for position, kind, image, team in rows:
        found.setdefault(position, (kind, image, []))[2].append(team)
    return [(kind, image, frozenset(teams)) for kind, image, teams in found.values()]


def mains(workspace, name: str) -> list[tuple[str, frozenset[str]]]:
    return [(image, teams) for kind, image, teams in drawn(workspace, name) if kind == "main"]


def wrong(workspace) -> dict[str, str]:
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace)
    return {item.check: item.message for item in findings if item.verdict == "wrong"}


def draws(workspace) -> int:
    with workspace.database.reading() as session:
        return session.exec(select(func.count()).where(col(StudyEvent.kind) == "drawn")).one()


def test_a_study_is_drawn_while_judges_vote_and_verified(anywhere):
    drawer = Drawer(anywhere)
    assert draws(anywhere) == 0
    assert wrong(anywhere) == {}
    for _ in range(4):
        for name in ("Jude", "June", "Tess", "Joan"):
            go_on(anywhere, drawer, name, 4)
        assert wrong(anywhere) == {}
    assert all(
        trial.image_id is not None for name in ("Jude", "Joan") for trial in own_trials(anywhere, name)
    )
    kinds = [kind for kind, _, _ in drawn(anywhere, "Jude")]
    assert kinds[:2] == ["stabilising"] * 2
    assert sorted(kinds[2:]) == ["golden", "identical", *["main"] * 8, "repeat"]
    assert len(set(mains(anywhere, "Jude"))) == 8
    repeated = next((image, teams) for kind, image, teams in drawn(anywhere, "Jude") if kind == "repeat")
    assert repeated in mains(anywhere, "Jude")
    assert all("team02" not in teams for _, _, teams in drawn(anywhere, "June"))
    close(anywhere)
    assert wrong(anywhere) == {}


def test_only_what_is_looked_at_is_drawn_and_places_do_not_depend_on_it(workspace):
    trials = own_trials(workspace, "Jude")
    assert len(trials) == PLACES
    with workspace.database.reading() as session:
        state = judging.overview(session, trials[0].judge_id)
    assert [line.public_id for line in state.trials] == [trial.public_id for trial in trials]
    first = next(trial for trial in trials if trial.image_id is None)
    with workspace.database.reading() as session, pytest.raises(NotDrawnError):
        judging.trial_view(session, first.judge_id, first.public_id)
    drawer = Drawer(workspace)
    drawer.draw(first.judge_id, first.public_id, now=NOW)
    drawer.draw(first.judge_id, first.public_id, now=NOW)
    assert draws(workspace) == 1
    assert len(mains(workspace, "Jude")) == 3  # a tree of four teams
    with workspace.database.reading() as session:
        view = judging.trial_view(session, first.judge_id, first.public_id)
    assert (view.total, len(view.slots)) == (PLACES, 2)
    other = own_trials(workspace, "June")[-1]
    with pytest.raises(NotFoundError):
        drawer.draw(first.judge_id, other.public_id, now=NOW)
    last = trials[-1]
    drawer.draw(last.judge_id, last.public_id, now=NOW)
    assert len(mains(workspace, "Jude")) == 8
    assert wrong(workspace) == {}


def test_an_answer_to_what_was_not_drawn_is_refused_and_so_is_a_look(workspace):
    trial = own_trials(workspace, "Jude")[-1]
    with workspace.database.writing() as session, pytest.raises(NotFoundError):
        note_looking(session, trial.judge_id, trial.public_id, looked("a", 3.0), now=NOW)
    with workspace.database.writing() as session, pytest.raises(NotFoundError):
        save_ballot(
            session, Cast(trial.judge_id, trial.public_id, "a-key-of-the-page", 0, {"choice": "a"}, NOW)
        )


def test_judges_at_the_same_time_have_no_trial_between_them(workspace):
    drawer, other = Drawer(workspace), Drawer(workspace)
    for name, one in (("Jude", drawer), ("Joan", other)):
        first = next(trial for trial in own_trials(workspace, name) if trial.image_id is None)
        one.draw(first.judge_id, first.public_id, now=NOW)
    assert not set(mains(workspace, "Jude")) & set(mains(workspace, "Joan"))


def test_judges_who_vote_at_once_are_drawn_for_one_after_the_other(anywhere):
    drawers = [Drawer(anywhere), Drawer(anywhere)]  # as of two processes of the server
    with ThreadPoolExecutor(4) as pool:
        names = ("Jude", "June", "Joan", "Tess")
        done = [pool.submit(go_on, anywhere, drawers[n % 2], name, 99) for n, name in enumerate(names)]
        for one in done:
            one.result()
    assert wrong(anywhere) == {}
    assert [len(set(mains(anywhere, name))) for name in names] == [8] * 4


def test_who_leaves_in_the_middle_of_a_batch_blocks_nobody(workspace):
    drawer = Drawer(workspace)
    go_on(workspace, drawer, "Jude", 4)
    for name in ("June", "Joan"):
        go_on(workspace, drawer, name, 99)
    assert len(mains(workspace, "Joan")) == 8
    with workspace.database.reading() as session:
        progress = {judge.name: (judge.complete, judge.total) for judge in study_status(session).judges}
    assert progress == {"Jude": (4, PLACES), "Tess": (0, PLACES)} | dict.fromkeys(
        ("June", "Joan"), (PLACES, PLACES)
    )
    close(workspace)
    assert wrong(workspace) == {}
    left = [trial for trial in own_trials(workspace, "Jude") if trial.image_id is None]
    assert left
    with workspace.database.reading() as session:
        state = judging.overview(session, left[0].judge_id)
    assert not {line.public_id for line in state.trials} & {trial.public_id for trial in left}
    with pytest.raises(StudyStateError, match="pairs that nobody has looked at yet are no longer shown"):
        drawer.draw(left[0].judge_id, left[0].public_id, now=NOW)


def test_a_restarted_server_goes_on_where_it_was(workspace):
    kept = Drawer(workspace)
    go_on(workspace, kept, "Jude", 6)
    go_on(workspace, Drawer(workspace), "June", 6)
    go_on(workspace, kept, "Joan", 6)
    go_on(workspace, Drawer(workspace), "Jude", 6)
    assert wrong(workspace) == {}


def test_after_a_rehearsal_nothing_is_remembered(equipped, tmp_path):
    folder = Path(shutil.copytree(equipped, tmp_path / "study"))
    workspace = open_workspace(folder)
    drawer = Drawer(workspace)
    for lines in (JUDGES[3:], JUDGES):
        with workspace.database.writing() as session:
            start_over(session)
            workspace.folders.journal.unlink(missing_ok=True)
            invitations.invite_judges(session, workspace.key, lines, now=NOW)
            studies.open_study(session, now=NOW)
        go_on(workspace, drawer, lines[0].name, 8)
        assert wrong(workspace) == {}
    workspace.database.close()


def with_body(record: Record, event: Event, **changed) -> Replay:
    events = tuple(replace(one, body=one.body | changed) if one is event else one for one in record.events)
    assert record.opening is not None
    return Replay(replace(record, events=events), record.opening)


def test_a_draw_that_does_not_follow_is_named(workspace):
    drawer = Drawer(workspace)
    for name in ("Jude", "Joan", "Jude", "Joan"):
        go_on(workspace, drawer, name, 5)
    with workspace.database.reading() as session:
        now = opening(session, workspace.key)
        events = tuple(Event(one.chain, one.previous, one.hash, one.body) for one in ledger_entries(session))
    revealed = Opening(now["commitment"], workspace.key, now["list"])
    record = Record(events, revealed)
    assert check_draws(Replay(record, revealed)).startswith(f"{draws(workspace)} batches")
    last = list(record.study_events("drawn"))[-1]
    image, left, right = last.body["pairs"][0]
    for pair in ([image % 3 + 1, left, right], [image, right, left]):
        with pytest.raises(
            MisfitError, match="these are not the pairs given by the key and the answers until then"
        ):
            check_draws(with_body(record, last, pairs=[pair, *last.body["pairs"][1:]]))
    for seen in ({"judge01": 999}, {"test01": 1}, {"judge09": 1}):
        with pytest.raises(MisfitError, match="cannot have seen"):
            check_draws(with_body(record, last, seen=seen))
    with pytest.raises(MisfitError, match="should be"):
        check_draws(with_body(record, last, batch=last.body["batch"] + 1))
