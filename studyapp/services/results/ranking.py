"""The final ranking of a closed study: votes and other scores, joined by the study's rule."""

import warnings
from dataclasses import dataclass

import pandas as pd
from sqlmodel import Session

from analysis.errors import AnalysisError, InputWarning
from analysis.points import team_points
from analysis.ranking import join_scores, rank_teams
from analysis.report.words import listed
from analysis.resampling.joint import DRAWS, JointDraws, joint_draws, observe, part_intervals
from analysis.rule import Rule
from analysis.study_notes import StudyNotes
from analysis.unshown import gaps_in_words, unshown_note
from analysis.votes import Votes, validate_votes
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.ledger_notes import study_facts
from studyapp.services.results.parts import StudyParts, parts_of
from studyapp.services.results.votes import team_keys, votes_table

SIMULATED = "SIMULATED: these ballots come from a simulation, not from people."


@dataclass(frozen=True)
class StudyRanking:
    """A final ranking and what it rests on."""

    table: pd.DataFrame
    points: pd.DataFrame
    drawn: JointDraws
    parts: StudyParts
    rule: Rule
    judges: int
    images: int
    ballots: int
    simulated: bool
    notes: tuple[str, ...]
    facts: StudyNotes

    @property
    def votes(self) -> Votes:
        return self.drawn.study.votes

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines that go with the table wherever it is printed."""
        basis = f"{self.judges} judges, {self.images} images, {self.ballots} complete ballots"
        basis = f"{basis}; rule: {self.rule.text}"
        return (*((SIMULATED,) if self.simulated else ()), basis, self.intervals, *self.notes)

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


def rank_study(session: Session, workspace: Workspace, *, draws: int = DRAWS) -> StudyRanking:
    """Rank the teams of a closed (or unsealed) study by the rules that it goes by.

    S3 comes from the ballots, S2 and EScore from where `parts` in this folder finds them. Every part that has
    something to draw from comes with a 95 % interval.

    Raises
    ------
    StudyError
        While the study is open, without complete ballots, or when the rule needs a part that is not there.
    """
    table = votes_table(session)
    if not (table["kind"] == "main").any():
        raise StudyError("no ballot is complete; there is nothing to rank")
    file = current_file(session)
    rule = file.rule
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InputWarning)
            votes = validate_votes(table)
            points = team_points(votes, points=rule.points)
            out = team_keys(session, standing(session).disqualified)
            parts = parts_of(workspace.folders.root, file, out)
            keys = [str(team) for team in points["team"]]
            scores = join_scores(points, parts.parts.of(keys, rule), rule)
            ranking = rank_teams(scores, rule, parts.parts.images(rule, keys))
            drawn = joint_draws(observe(votes, parts.parts, rule), draws=draws, seed=file.seed)
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    names = {team.id: team.name for team in file.teams}
    table = ranking.table.merge(points[["team", "points", "s3n"]], on="team", how="left")
    table.insert(1, "name", table["team"].map(names))
    ballots, facts = votes.ballots, study_facts(session)
    unshown = unshown_note(ballots)
    table = table.merge(part_intervals(drawn), on="team", how="left")
    columns = [
        column
        for part in ("s2", "points", "s3", "s3n", "escore", "final")
        for column in (part, f"{part}_low", f"{part}_high")
        if column in table
    ]
    return StudyRanking(
        table=table[["rank", "team", "name", *columns, "award"]],
        points=points,
        drawn=drawn,
        parts=parts,
        rule=rule,
        judges=len(ballots.judges),
        images=len(ballots.images),
        ballots=ballots.size,
        simulated=file.simulated,
        # Tables are looked at more than once, and warn each time.
        notes=tuple(
            dict.fromkeys(
                (
                    *parts.notes,
                    *ranking.notes,
                    *((unshown,) if unshown else ()),
                    *votes.remarks,
                    *(str(item.message) for item in caught),
                    *facts.lines,
                    *gaps_in_words(ballots, images=facts.images),
                )
            )
        ),
        facts=facts,
    )
