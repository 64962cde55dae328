"""Ballots in random order of everything that can happen to them, against a model of a dozen lines."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from studyapp.db.tables import Judge, Trial
from studyapp.errors import InvalidBallotError, StaleRevisionError, StudyPausedError, StudyStateError
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import chain_heads
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.answers import answers_table
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import lifecycle
from studyapp.services.voting.ballots import Ballot, Cast, current_ballot
from studyapp.services.voting.trials import find_trial
from tests.conftest import CAST, NOW, TEAMS
from tests.services.voting import picked, save_ballot

judges = st.sampled_from([judge.name for judge in CAST])
positions = st.integers(1, 3)
some = st.lists(st.integers(1, 4), max_size=3, unique=True)
nonsense = st.sampled_from([(1, 1), (5,), (0,), (1, 2, 3, 4), (-1,)])


NOTHING = {"picks": []}


class BallotLife(RuleBasedStateMachine):
    """Two judges, three images each; `ballots` says what the last acknowledged answer to each was."""

    def __init__(self, folder, url) -> None:
        super().__init__()
        self.workspace = open_workspace(folder, url=url)
        self.keys = (f"key-{number}" for number in count())
        self.steps = count()
        self.acknowledged: list[tuple[Cast, Ballot]] = []
        self.ballots: dict[tuple[str, int], tuple[int, dict[str, list[int]]]] = {}
        self.events, self.state = 0, "open"
        self.out: dict[str, set[str]] = {"team": set(), "judge": set()}

    @initialize()
    def invite_and_open(self) -> None:
        with self.workspace.database.writing() as session:
            invitations.invite_judges(session, self.workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
            rows = session.exec(
                select(Judge.name, Judge.id, Trial.position, Trial.public_id)
                .join(Trial, Trial.judge_id == Judge.id)
                .where(Trial.kind == "main")
            ).all()
        self.trials = {(name, position): trial for name, _, position, trial in rows}
        self.ids = {name: judge for name, judge, _, _ in rows}

    def save(self, given: Cast) -> Ballot:
        with self.workspace.database.writing() as session:
            return save_ballot(session, given)

    def given(self, who: str, position: int, picks: Sequence[int], off: int = 0) -> Cast:
        base = self.base(who, position) + off
        return picked(self.ids[who], self.trials[who, position], next(self.keys), base, picks)

    def refused(self, error, given: Cast) -> None:
        with pytest.raises(error):
            self.save(given)

    def base(self, who: str, position: int) -> int:
        return self.ballots.get((who, position), (0, NOTHING))[0]

    @rule(who=judges, position=positions, picks=some)
    def answer(self, who: str, position: int, picks: list[int]) -> None:
        given = self.given(who, position, picks)
        if self.state != "open":
            self.refused(StudyPausedError if self.state == "paused" else StudyStateError, given)
            return
        saved = self.save(given)
        assert (saved.revision, saved.answer) == (given.base_revision + 1, given.answer)
        self.acknowledged.append((given, saved))
        self.ballots[who, position] = (saved.revision, saved.answer)
        self.events += 1

    @precondition(lambda self: self.acknowledged)
    @rule(data=st.data())
    def send_again(self, data) -> None:
        given, saved = data.draw(st.sampled_from(self.acknowledged))
        assert self.save(given) == saved, "also late, paused or closed"

    @precondition(lambda self: self.acknowledged)
    @rule(data=st.data(), picks=some)
    def use_a_key_again(self, data, picks: list[int]) -> None:
        given, _ = data.draw(st.sampled_from(self.acknowledged))
        if {"picks": picks} != given.answer:
            self.refused(InvalidBallotError, replace(given, answer={"picks": picks}))

    @precondition(lambda self: self.state == "open")
    @rule(who=judges, position=positions, picks=some, off=st.sampled_from([-1, 1, 7]))
    def answer_stale(self, who: str, position: int, picks: list[int], off: int) -> None:
        self.refused(StaleRevisionError, self.given(who, position, picks, off))

    @precondition(lambda self: self.state == "open")
    @rule(who=judges, position=positions, picks=nonsense)
    def answer_nonsense(self, who: str, position: int, picks: tuple[int, ...]) -> None:
        self.refused(InvalidBallotError, self.given(who, position, picks))

    @precondition(lambda self: self.state in ("open", "paused"))
    @rule()
    def pause_or_resume(self) -> None:
        step = lifecycle.pause_study if self.state == "open" else lifecycle.resume_study
        with self.workspace.database.writing() as session:
            step(session, now=NOW)
        self.state = "paused" if self.state == "open" else "open"

    @rule(team=st.sampled_from(TEAMS[:2]))
    def disqualify_or_reinstate(self, team: str) -> None:
        undo = team in self.out["team"]
        with self.workspace.database.writing() as session:
            lifecycle.disqualify_team(session, team, "drawn by lot", now=NOW, undo=undo)
        self.out["team"] ^= {team}

    @rule()
    def withdraw_or_readmit(self) -> None:
        undo = "June" in self.out["judge"]
        with self.workspace.database.writing() as session:
            lifecycle.withdraw_judge(session, CAST[1].email, "drawn by lot", now=NOW, undo=undo)
        self.out["judge"] ^= {"June"}

    @precondition(lambda self: self.events > 4 and self.state != "closed")
    @rule(really=st.integers(0, 3))
    def close(self, really: int) -> None:
        if really == 0:
            with self.workspace.database.writing() as session:
                studies.close_study(session, now=NOW)
            self.state = "closed"

    @invariant()
    def nothing_lost_doubled_or_moved(self) -> None:
        """Look at all that there is after every fourth step and at the end: what is lost stays lost."""
        if next(self.steps) % 4 == 0:
            self.look()

    def look(self) -> None:
        with self.workspace.database.reading() as session:
            for (who, position), trial in getattr(self, "trials", {}).items():
                ballot = current_ballot(session, find_trial(session, self.ids[who], trial))
                assert (ballot.revision, ballot.answer) == self.ballots.get((who, position), (0, NOTHING))
            cast = sum(length for chain, length, _ in chain_heads(session) if chain != "study")
        assert cast == self.events

    def teardown(self) -> None:
        if hasattr(self, "trials"):
            self.look()
            if self.state != "closed" and self.ballots:
                with self.workspace.database.writing() as session:
                    studies.close_study(session, now=NOW)
            with self.workspace.database.reading() as session:
                wrong = [item for item in verify_study(session, self.workspace) if item.verdict == "wrong"]
                assert not [item for item in wrong if item.check != "second record"], wrong
                if self.ballots:
                    self.check_votes(answers_table(session))
        self.workspace.database.close()

    def check_votes(self, votes) -> None:
        """Complete ballots of judges who count, ranks without gaps, nothing of teams that are out."""
        whole = {
            self.trials[place]
            for place, (_, answer) in self.ballots.items()
            if len(answer["picks"]) == 3 and place[0] not in self.out["judge"]
        }
        assert set(votes["trial"]) == whole
        assert not set(votes["team"]) & self.out["team"]
        for _, ranks in votes.groupby("trial")["rank"]:
            given = sorted(ranks.dropna())
            assert given == list(range(1, len(given) + 1))
            assert len(given) >= 3 - len(self.out["team"])


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_ballots_survive_everything_that_can_happen(kind, tiled_folder, tmp_path, request):
    folders = (tmp_path / f"study{number}" for number in count())

    def fresh() -> BallotLife:
        folder = next(folders)
        shutil.copytree(tiled_folder, folder)
        if kind == "sqlite":
            return BallotLife(folder, f"sqlite:///{folder}/var/study.db")
        return BallotLife(folder, request.getfixturevalue("postgres").copy_of_template())

    examples = 6 if kind == "sqlite" else 2
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        fresh,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=checks,
            database=None,
        ),
    )
