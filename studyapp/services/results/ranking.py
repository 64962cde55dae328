"""The final ranking of a closed study: judges' answers and other scores, joined by the study's rule."""

import warnings
from dataclasses import dataclass, replace

import pandas as pd
from sqlmodel import Session

from analysis.amounts import how_many
from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import join_scores, rank_teams
from analysis.report.words import listed
from analysis.resampling.joint import JointDraws, joint_draws, observe, part_intervals
from analysis.rule import Rule
from analysis.study_notes import StudyNotes
from analysis.unshown import gaps_in_words, unshown_note
from analysis.user_study.base import UserStudy, ranking_columns
from analysis.user_study.of_votes import VoteStudy
from analysis.user_study.read import validate_answers
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import answers_table, team_keys
from studyapp.services.results.ledger_notes import study_facts
from studyapp.services.results.parts import StudyParts, parts_of

SIMULATED = "SIMULATED: these ballots come from a simulation, not from people."


@dataclass(frozen=True)
class StudyRanking:
    """A final ranking and what it rests on."""

    table: pd.DataFrame
    scores: pd.DataFrame
    """What the answers give each team: of votes points, of pairs worths, of ratings opinion scores."""
    drawn: JointDraws
    parts: StudyParts
    rule: Rule
    simulated: bool
    notes: tuple[str, ...]
    facts: StudyNotes

    @property
    def user(self) -> UserStudy:
        """What the judges answered."""
        return self.drawn.study.user

    @property
    def judges(self) -> int:
        """How many judges count."""
        return len(self.user.judges)

    @property
    def images(self) -> int:
        """How many images have an answer that counts."""
        return len(self.user.images)

    @property
    def answers(self) -> str:
        """How many answers count, in words.

        Examples
        --------
        "12 complete ballots"
        """
        of = self.user.answers_are
        return how_many(self.user.size, f"complete {of}" if of == "ballots" else of)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines that go with the table wherever it is printed."""
        basis = f"{how_many(self.judges, 'judges')}, {how_many(self.images, 'images')}, {self.answers}"
        basis = f"{basis}; rule: {self.rule.text}"
        marked = (SIMULATED,) if self.simulated else ()
        return (*marked, basis, self.user.method, self.intervals, *self.notes)

    @property
    def intervals(self) -> str:
        """What the intervals are and what was drawn for them."""
        drawn = ["judges", "images"] if min(self.judges, self.images) > 1 else []
        drawn += [
            what for part, what in (("s2", "pairs"), ("escore", "times")) if f"{part}_low" in self.table
        ]
        how = (
            f"{listed(drawn)} drawn anew {len(self.drawn):,} times, seed {self.drawn.seed}"
            if drawn
            else f"none, because one {'judge' if self.judges == 1 else 'image'} says nothing of others"
        )
        return f"[low, high]: {self.drawn.level:.0%} intervals; {how}"


def rank_study(session: Session, workspace: Workspace, *, draws: int | None = None) -> StudyRanking:
    """Rank the teams of a closed (or unsealed) study by the rules that it goes by.

    S3, worths or opinion scores come from the ballots, S2 and EScore from where `parts` in this folder finds
    them. Every part that has something to draw from comes with a 95 % interval.

    Raises
    ------
    StudyError
        While the study is open, without complete ballots, or when the rule needs a part that is not there.
    """
    table = answers_table(session)
    if not (table["kind"] == "main").any():
        raise StudyError("no ballot is complete; there is nothing to rank")
    file = current_file(session)
    rule = file.rule
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InputWarning)
            protocol = file.protocol
            answers = validate_answers(protocol.table, table, scale=getattr(protocol, "scale", None))
            out = team_keys(session, standing(session).disqualified)
            parts = parts_of(workspace.folders.root, file, out)
            drawn = joint_draws(observe(answers, parts.parts, rule), draws=draws, seed=file.seed)
            user = drawn.study.user
            scores = user.scores_table()
            keys = [str(team) for team in scores["team"]]
            joined = join_scores(scores, parts.parts.of(keys, rule), rule)
            ranking = rank_teams(joined, rule, parts.parts.images(rule, keys))
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    names = {team.id: team.name for team in file.teams}
    more = [name for name in scores if name == "team" or name not in ranking.table]
    table = ranking.table.merge(scores[more], on="team", how="left")
    table.insert(1, "name", table["team"].map(names))
    facts = study_facts(session)
    unknown = [team.name for team in file.teams if team.id not in out and team.id not in user.teams]
    if unknown:
        facts = replace(facts, lines=(*facts.lines, f"no rank, as no answer counts: {listed(unknown)}"))
    table = table.merge(part_intervals(drawn), on="team", how="left")
    columns = [column for column in ranking_columns(user) if column in table]
    return StudyRanking(
        table=table[["rank", "team", "name", *columns, "award"]],
        scores=scores,
        drawn=drawn,
        parts=parts,
        rule=rule,
        simulated=file.simulated,
        # Tables are looked at more than once, and warn each time.
        notes=tuple(
            dict.fromkeys(
                (
                    *parts.notes,
                    *ranking.notes,
                    *user.remarks,
                    *(_of_ballots(user, facts) if isinstance(user, VoteStudy) else ()),
                    *(str(item.message) for item in caught),
                    *facts.lines,
                )
            )
        ),
        facts=facts,
    )


def _of_ballots(user: VoteStudy, facts: StudyNotes) -> tuple[str, ...]:
    """What ballots that lack teams, or images that lack ballots, do to S3."""
    unshown = unshown_note(user.ballots)
    return (
        *((unshown,) if unshown else ()),
        *user.votes.remarks,
        *gaps_in_words(user.ballots, images=facts.images),
    )
