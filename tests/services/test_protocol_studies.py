"""A study of each protocol through the services: drawn, answered, verified; on SQLite and on PostgreSQL."""

import contextlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from analysis.verify.reasons import check_reasons
from analysis.verify.record import Event, MisfitError, Opening, Record
from analysis.verify.replay import Replay
from analysis.verify.seal import check_commitment
from studyapp.core.judges_file import JudgeLine
from studyapp.core.reasons import Reason
from studyapp.db.tables import Judge, Team, Trial
from studyapp.errors import InvalidBallotError, StudyStateError
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import ledger_entries
from studyapp.services.ground.sealing import opening
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.answers import design_table
from studyapp.services.results.reasons import reason_lines, reasons_table
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import judging
from studyapp.services.voting.amending import amend_study
from studyapp.services.voting.ballots import Cast, current_ballot
from studyapp.study.study_file import load_study_file
from tests.asked import SETTINGS, add_controls, answer_all, ask
from tests.conftest import NOW, TEAMS
from tests.hidden import add_checks
from tests.services.voting import close, save_ballot

CHECKS = 'checks: {repeats: ["001"], golden: ["002"]}\n'
JUDGES = (
    JudgeLine("Jude", "jude@example.org"),
    JudgeLine("June", "june@example.org", conflicts=("team02",)),
    JudgeLine("Tess", "tess@example.org", test=True),
)


@pytest.fixture(scope="module")
def equipped(tiled_folder, tmp_path_factory) -> Path:
    """Return the tiled study with references, anchors and a golden candidate; copy it."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("asked") / "study"))
    add_controls(root)
    add_checks(root, "")
    return root


@pytest.fixture
def folder(equipped, tmp_path) -> Path:
    return Path(shutil.copytree(equipped, tmp_path / "study"))


@pytest.fixture
def opened(folder) -> Iterator[Callable[[str], Workspace]]:
    """Return what opens a study that asks so, with its judges, and gives its workspace."""
    with contextlib.ExitStack() as stack:

        def make(settings: str) -> Workspace:
            ask(folder, settings, CHECKS)
            workspace = open_workspace(folder)
            stack.callback(workspace.database.close)
            with workspace.database.writing() as session:
                invitations.invite_judges(session, workspace.key, JUDGES, now=NOW)
                studies.open_study(session, now=NOW)
            return workspace

        yield make


def wrong(workspace) -> dict[str, str]:
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace)
    return {item.check: item.message for item in findings if item.verdict == "wrong"}


DATABASES = [
    *((settings, "sqlite") for settings in SETTINGS),
    *(pytest.param(settings, "postgres", marks=pytest.mark.postgres) for settings in ("pairwise", "dcr")),
]


@pytest.mark.parametrize(("settings", "database_url"), DATABASES, indirect=["database_url"])
def test_a_study_is_drawn_answered_and_verified(opened, database_url, settings):
    workspace = opened(settings)
    assert wrong(workspace) == {}
    assert answer_all(workspace) > 10
    close(workspace)
    assert wrong(workspace) == {}
    with workspace.database.reading() as session:
        table = design_table(session)
        conflicted = table[table["judge"] == "judge02"]["team"]
        assert "team02" not in set(conflicted)
        assert set(TEAMS) <= set(table["team"])


def test_pairs_have_hidden_trials_of_every_kind_and_training_with_the_best_and_the_worst(opened):
    workspace = opened("pairwise")
    answer_all(workspace, judges=1)
    close(workspace)
    with workspace.database.reading() as session:
        table = design_table(session)
        own = table[table["judge"] == "judge01"].groupby(["kind", "position"])["team"].agg(tuple)
    counts = Counter(kind for kind, _ in own.index)
    assert counts == {"practice": 3, "main": 18, "repeat": 1, "golden": 1, "identical": 1, "stabilising": 1}
    assert {frozenset(pair) - {*TEAMS} for pair in own["practice"]} == {
        frozenset({"reference"}),
        frozenset({"anchor"}),
        frozenset({"reference", "anchor"}),
    }
    (golden,), (identical,) = own["golden"], own["identical"]
    assert len({*golden} - {"known-worse"}) == 1
    assert len({*identical}) == 1


def trial_of(workspace, kind: str = "main") -> tuple[int, str]:
    with workspace.database.reading() as session:
        return session.exec(
            select(Trial.judge_id, Trial.public_id)
            .join(Judge, col(Trial.judge_id) == Judge.id)
            .where(Judge.name == "Jude", Trial.kind == kind)
            .order_by(col(Trial.position))
        ).first()


REFUSED = {
    "pairwise": [
        ({"picks": [1, 2, 3]}, "'picks' is not part of an answer to pairwise, which has choice"),
        ({"choice": "c"}, "choice: must be 'a', 'b', 'tie' or 'bad' (it is 'c')"),
        ({"choice": float("nan")}, "choice: must be 'a', 'b', 'tie' or 'bad' (it is nan)"),
    ],
    "kind: pairwise, ties: false": [
        ({"choice": "tie"}, "choice 'tie': this study has no ties; choose a or b"),
        ({"choice": "bad"}, "choice 'bad': this study does not offer it; choose a or b"),
    ],
    "acr": [
        ({"score": 6}, "score: must be 5 or less (it is 6)"),
        ({"score": 0}, "score: must be 1 or more (it is 0)"),
        ({"score": float("nan")}, "score: must be a whole number (it is nan)"),
        ({"choice": "a"}, "'choice' is not part of an answer to acr, which has score"),
    ],
    "slider": [
        ({"scores": [1, 2, 3, 4, 5]}, "5 scores for 6 candidates; send one for each, or null"),
        ({"scores": [1, 2, 3, 4, 5, 100.5]}, "scores.5: must be 100 or less (it is 100.5)"),
        ({"scores": [1, 2, 3, 4, 5, float("nan")]}, "scores.5: must be a finite number (it is nan)"),
    ],
    "kind: ranking, ties: false": [
        (
            {"groups": [[1], [2, 3], [4]]},
            "slots 2, 3 are tied, but this study has no ties; put them in order",
        ),
        ({"groups": [[1], [1]]}, "slot 1 is ranked twice; give it one rank"),
        ({"groups": [[5]]}, "slot 5 was not shown; slots run from 1 to 4"),
        ({"groups": [[]]}, "groups.0: must have at least 1 entry"),
    ],
}


@pytest.mark.parametrize("settings", REFUSED)
def test_what_nobody_can_mean_is_refused_and_nothing_of_it_stored(opened, settings):
    workspace = opened(settings)
    judge, trial = trial_of(workspace)
    for answer, words in REFUSED[settings]:
        with workspace.database.writing() as session, pytest.raises(InvalidBallotError) as refused:
            save_ballot(session, Cast(judge, trial, "a-key-of-the-page", 0, answer, NOW))
        assert str(refused.value).startswith(words)
    with workspace.database.reading() as session:
        found = session.exec(select(Trial).where(Trial.public_id == trial)).one()
        assert current_ballot(session, found).revision == 0


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("protocol", ("both_bad: true", "both_bad: false")),
        ("protocol", ("identical: 1", "identical: 2")),
        ("other_colors", ("title:", "other_colors: convert\ntitle:")),
    ],
)
def test_what_was_asked_and_shown_cannot_be_amended(opened, folder, key, change):
    workspace = opened("pairwise")
    path = folder / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    workspace = replace(workspace, file=load_study_file(path))
    with workspace.database.writing() as session, pytest.raises(StudyStateError) as refused:
        amend_study(session, workspace, "we thought again", now=NOW)
    assert str(refused.value).startswith(f"{key} cannot be changed once judges are invited")


def test_practice_goes_on_from_one_trial_to_the_next_and_leads_to_the_first_that_is_not_done(opened):
    workspace = opened("pairwise")
    judge, first = trial_of(workspace, "practice")
    with workspace.database.writing() as session:
        save_ballot(session, Cast(judge, first, "the-first-of-three", 0, {"choice": "a"}, NOW))
    with workspace.database.reading() as session:
        state = judging.overview(session, judge)
        one, two, three = (line.public_id for line in state.practice)
        assert state.to_practise.public_id == two
        view = judging.trial_view(session, judge, three)
        assert (view.previous, view.next, view.position, view.total) == (two, state.trials[0].public_id, 3, 3)
        begin = judging.trial_view(session, judge, state.trials[0].public_id)
        assert (begin.previous, begin.practice, begin.total) == (None, two, 22)
        assert one == first


def test_controls_take_part_in_nothing_else(opened):
    workspace = opened("pairwise")
    with workspace.database.reading() as session:
        rows = session.exec(select(Team.key).where(col(Team.control)).order_by(col(Team.position))).all()
    assert rows == ["known-worse", "reference", "anchor"]


def test_a_study_that_was_opened_with_other_settings_than_it_was_drawn_by_is_found(opened):
    workspace = opened("pairwise")
    with workspace.database.reading() as session:
        links, sealed = ledger_entries(session), opening(session, workspace.key)
    events = [Event(link.chain, link.previous, link.hash, dict(link.body)) for link in links]
    known = Opening(sealed["commitment"], workspace.key, sealed["list"])
    assert check_commitment(Record(tuple(events), known)) == f"commitment {known.commitment} opens"
    (begin,) = [event for event in events if event.body.get("kind") == "opened"]
    asked = {**begin.body["rules"]["protocol"], "ties": False}
    begin.body["rules"] = {**begin.body["rules"], "protocol": asked}
    with pytest.raises(MisfitError, match="the protocol does not match the commitment"):
        check_commitment(Record(tuple(events), known))


ANSWERS = {
    "pairwise": "A|B",
    "ranking": r"A \d, B \d, C \d(, D \d)?",
    "acr": "[1-5]",
    "slider": r"A [\d.]+(, [BCDEF] [\d.]+){4,5}",
}
"""What lines of reasons say as the answer, where neither is tied."""


@pytest.mark.parametrize("settings", ANSWERS)
def test_reasons_go_with_answers_of_every_kind_to_lines_that_the_verifier_makes_too(
    opened, settings, tmp_path
):
    workspace = opened(settings)
    hair = Reason(
        slot=1, region="Hair", attribute="Noise", direction="worse", rect=(1, 2, 9, 9), text="<b>Grain</b>."
    )
    answer_all(workspace, reasons=(hair,))
    close(workspace)
    assert wrong(workspace) == {}
    with workspace.database.reading() as session:
        table, lines = reasons_table(session), reason_lines(session)
        events = [Event(link.chain, link.previous, link.hash, link.body) for link in ledger_entries(session)]
        sealed = opening(session, workspace.key)
    assert {"main", "repeat"} <= set(table["kind"])
    known = Opening(sealed["commitment"], workspace.key, sealed["list"])
    replay = Replay(Record(tuple(events), known), known)
    table.to_csv(tmp_path / "reasons.csv", index=False)
    (tmp_path / "reasons.jsonl").write_text("".join(f"{line}\n" for line in lines))
    assert check_reasons(replay, tmp_path) == f"{len(table)} reasons as given"
    who = "Image A (Left)" if settings == "pairwise" else "Image A"
    for line in map(json.loads, lines):
        said, answer = line["solution"].split("\n</thinking>\n")
        assert said == f"<thinking>\nHair Noise: {who} is worse. ‹b›Grain‹/b›."
        assert re.fullmatch(f"<answer>({ANSWERS[settings]})</answer>", answer)
        assert len(line["images"]) == len(line["candidates"])
        assert all((workspace.folders.root / image).is_file() for image in line["images"])
