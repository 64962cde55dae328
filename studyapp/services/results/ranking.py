"""The final ranking of a closed study: judges' answers and other scores, joined by the study's rule."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
from sqlmodel import Session

from analysis.conclusions import conclusions
from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import join_scores, rank_teams
from analysis.resampling.joint import JointDraws, joint_draws, observe, part_intervals
from analysis.rule import Rule
from analysis.study_notes import StudyNotes
from analysis.texts import Text, listed, plural, say
from analysis.unshown import gaps_in_words, unshown_note
from analysis.user_study.base import UserStudy, ranking_columns
from analysis.user_study.of_votes import VoteStudy
from analysis.user_study.read import validate_answers
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file, team_keys
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.answers import answers_table
from studyapp.services.results.ledger_notes import study_facts
from studyapp.services.results.parts import StudyParts, parts_of

SIMULATED = say("SIMULATED: these answers come from a simulation, not from people.")


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
        return _ANSWERS[self.user.answers_are](self.user.size)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines that go with the table wherever it is printed."""
        basis = say(
            "%(judges)s, %(images)s, %(answers)s; rule: %(rule)s",
            judges=plural("%(count)s judge", "%(count)s judges", self.judges),
            images=plural("%(count)s image", "%(count)s images", self.images),
            answers=self.answers,
            rule=self.rule.text,
        )
        marked = (SIMULATED,) if self.simulated else ()
        return (*marked, basis, self.user.method, self.intervals, *self.notes)

    @property
    def intervals(self) -> str:
        """What the intervals are and what was resampled for them."""
        level = f"{self.drawn.level:.0%}"
        sampled = [say("judges"), say("images")] if min(self.judges, self.images) > 1 else []
        sampled += [
            what
            for part, what in (("s2", say("pairs")), ("escore", say("times")))
            if f"{part}_low" in self.table
        ]
        if not sampled:
            return (
                say("[low, high]: %(level)s intervals; none, because there is only one judge", level=level)
                if self.judges == 1
                else say(
                    "[low, high]: %(level)s intervals; none, because there is only one image", level=level
                )
            )
        return say(
            "[low, high]: %(level)s intervals; %(draws)s bootstrap resamples of %(sampled)s, seed %(seed)s",
            level=level,
            draws=format(len(self.drawn), ","),
            sampled=listed(sampled),
            seed=self.drawn.seed,
        )


_ANSWERS: dict[str, Callable[[int], Text]] = {
    "ballots": lambda count: plural("%(count)s complete ballot", "%(count)s complete ballots", count),
    "comparisons": lambda count: plural("%(count)s comparison", "%(count)s comparisons", count),
    "ratings": lambda count: plural("%(count)s rating", "%(count)s ratings", count),
}


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
        raise StudyError(say("no answer is complete yet, so there is nothing to rank"))
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
        raise StudyError(error.args[0] if error.args else str(error)) from error
    names = {team.id: team.name for team in file.teams}
    more = [name for name in scores if name == "team" or name not in ranking.table]
    table = ranking.table.merge(scores[more], on="team", how="left")
    table.insert(1, "name", table["team"].map(names))
    facts = study_facts(session)
    unknown = [team.name for team in file.teams if team.id not in out and team.id not in user.teams]
    if unknown:
        no_rank = say("no rank because no answer counts: %(teams)s", teams=listed(unknown))
        facts = replace(facts, lines=(*facts.lines, no_rank))
    facts = replace(facts, conclusions=conclusions(ranking, drawn, names=names))
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
                    *(item.message.args[0] for item in caught if isinstance(item.message, Warning)),
                    *facts.conclusions,
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
