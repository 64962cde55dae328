"""Who goes to the final phase: the first teams of the leaderboard, which become the study's teams.

Where several teams are level at the last place, an organiser decides. Each decision is a row; the latest
stands, and may be replaced until the final phase opens.
"""

import json
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from analysis.texts import Text, say
from studyapp.core.handed_in import team_key
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.db.site_tables import Cut, Entry
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError, StudyStateError
from studyapp.services.challenge.leaderboard import Board, Row, leaderboard, outdated
from studyapp.services.challenge.phases import final_phase, last_feedback, phase_of, stage, track_of, written
from studyapp.services.challenge.placing import copied, put_in_place, scratch_folder
from studyapp.services.challenge.submissions import folder_of
from studyapp.services.folder.frozen import refuse_frozen_folder
from studyapp.services.folder.teams import NewTeam, add_teams, set_aside
from studyapp.services.ground.site import Site
from studyapp.study.study_file import STUDY_FILE, load_study_file

REASON_LONGEST = 500


@dataclass(frozen=True)
class Proposal:
    """Who would go to the final phase.

    Attributes
    ----------
    rows
        The leaderboard as organisers see it.
    top
        How many teams are asked for.
    tied
        The numbers of the teams that are level at the last place while it has not room for all of them;
        empty when the leaderboard decides.
    waiting
        Submissions without a result yet, or with one that is to be computed again.
    """

    phase: str
    rows: tuple[Row, ...]
    top: int
    tied: tuple[int, ...]
    waiting: int

    @property
    def sure(self) -> tuple[int, ...]:
        """The numbers of the teams about which there is nothing to decide."""
        tied = set(self.tied)
        return tuple(
            row.team for row in self.rows if row.rank and row.rank <= self.top and row.team not in tied
        )

    @property
    def room(self) -> int:
        """How many of the tied teams there is room for."""
        return self.top - len(self.sure) if self.tied else 0


def propose(session: Session, site: Site, track: str, phase: str, now: datetime) -> Proposal:
    """Return who would go to the final phase by the leaderboard of a phase.

    Raises
    ------
    NotFoundError
        When there is no such phase.
    """
    board = leaderboard(session, site, track, phase, now, sees_all=True)
    return proposed(board, phase, track_of(site, track).top, len(outdated(session, site, track)))


def proposed(board: Board, phase: str, top: int, stale: int) -> Proposal:
    """Return who would go to the final phase by a leaderboard as organisers see it.

    Parameters
    ----------
    stale
        How many submissions of the track have scores that are out of date.
    """
    return Proposal(phase, board.rows, top, level_at(board.rows, top), board.waiting + stale)


def level_at(rows: Sequence[Row], top: int) -> tuple[int, ...]:
    """Return the teams that share the place at a limit, when not all of them are within it.

    Examples
    --------
    >>> rows = [Row(team, "", {}, rank=rank) for team, rank in [(1, 1), (2, 2), (3, 2), (4, None)]]
    >>> level_at(rows, 2), level_at(rows, 3), level_at(rows, 1)
    ((2, 3), (), ())
    """
    ahead = [row for row in rows if row.rank is not None and row.rank <= top]
    if len(ahead) <= top:
        return ()
    last = max(row.rank or 0 for row in ahead)
    return tuple(row.team for row in ahead if row.rank == last)


def make(
    session: Session, site: Site, *, track: str, teams: Collection[int], by: str, now: datetime, why: str = ""
) -> Cut:
    """Record who goes to the final phase, and make them the study's teams.

    Each team gets its place in study.yaml, and the images that its score is of in paired/teams/, so that the
    study's own scores are of them. A team of an earlier cut that is not in this one goes from the study.

    Parameters
    ----------
    teams
        All about which there is nothing to decide, and any of those that are tied.
    by
        Who decides.
    why
        What decided between teams that are tied; recorded.

    Raises
    ------
    StudyStateError
        When the phase is not over, scores are not there yet, the final phase has opened, or judges are
        invited.
    StudyError
        When other teams are given, or ties are decided without a reason.
    """
    phase = last_feedback(site, track)
    if (untimely := refusal(site, track, now)) is not None:
        raise StudyStateError(untimely)
    proposal = propose(session, site, track, phase, now)
    chosen = _chosen(proposal, teams)
    why = " ".join(why.split())
    if proposal.tied and not why:
        raise StudyError(say("write what decides between the teams that are level at the last place"))
    if len(why) > REASON_LONGEST or not why.isprintable():
        raise StudyError(say("write at most %(longest)s printable characters", longest=REASON_LONGEST))
    root = site.study_root(track)
    refuse_frozen_folder(root)
    called, gone = _entered(session, root, track, chosen)
    body = {
        "top": proposal.top,
        "teams": [_plain(row) | {"study_team": called[row.team].id} for row in chosen],
        "tied": [_plain(row) for row in proposal.rows if row.team in proposal.tied],
        "why": why,
    }
    made = Cut(
        track=track,
        phase=phase,
        body=json.dumps(body, ensure_ascii=False),
        decided_by=by,
        decided_at=utc_text(now),
    )
    session.add(made)
    session.flush()
    # Last, because no transaction takes it back: another cut does.
    add_teams(root, list(called.values()), gone=gone)
    for row in chosen:
        _give_images(site, root, called[row.team].id, row.submission)
    for team in gone:
        shutil.rmtree(root / "paired/teams" / team, ignore_errors=True)
        if (root / "teams" / team).is_dir():
            set_aside(root, Path("teams") / team)
    return made


def latest(session: Session, track: str) -> Cut | None:
    """Return the cut that stands."""
    return session.exec(select(Cut).where(Cut.track == track).order_by(col(Cut.id).desc()).limit(1)).first()


def refusal(site: Site, track: str, now: datetime) -> Text | None:
    """Say why no cut can be made now, or made again; None when it can."""
    final = final_phase(site, track)
    if final is not None and stage(final, now) != "before":
        return say("%(phase)s has opened; who takes part in it stays as it is", phase=final.title)
    rules = phase_of(site, track, last_feedback(site, track))
    if stage(rules, now) == "over":
        return None
    return say(
        "%(phase)s closes at %(when)s; who goes on is decided after that",
        phase=rules.title,
        when=written(rules.closes),
    )


def _chosen(proposal: Proposal, teams: Collection[int]) -> list[Row]:
    """The rows of the teams that were chosen, in their order."""
    if proposal.waiting:
        raise StudyStateError(
            say("%(count)s submissions wait for their scores; wait for them", count=proposal.waiting)
        )
    rows = {row.team: row for row in proposal.rows}
    wanted = set(teams)
    if strange := wanted - {*proposal.sure, *proposal.tied}:
        name = next((rows[team].name for team in strange if team in rows), None)
        if name is None:
            raise NotFoundError(say("there is no such team"))
        raise StudyError(say("the team %(team)s is behind the last place that goes on", team=repr(name)))
    if left := set(proposal.sure) - wanted:
        name = rows[min(left)].name
        raise StudyError(
            say(
                "the team %(team)s is among the first %(top)s; a team that does not go on has to leave the "
                "track, or be refused under Registrations",
                team=repr(name),
                top=proposal.top,
            )
        )
    if not wanted:
        raise StudyError(say("no team has a score yet"))
    return [row for row in proposal.rows if row.team in wanted]


def _entered(
    session: Session, root: Path, track: str, chosen: Sequence[Row]
) -> tuple[dict[int, NewTeam], list[str]]:
    """Note which team of the study each one is; return those, and the ids that belong to none any more."""
    query = select(Entry).where(Entry.track == track).with_for_update()
    entries = {entry.team_id: entry for entry in session.exec(query)}
    there = load_study_file(root / STUDY_FILE).teams
    of_others = {entry.study_team for entry in entries.values() if entry.study_team}
    # Those that were written by a cut of which the database knows nothing, as it was killed. One that has
    # results is the organisers' own, a baseline perhaps: no team becomes it by calling itself the same.
    by_name = {
        team.name.casefold(): team.id
        for team in there
        if team.id not in of_others and not any((root / "teams" / team.id).glob("*"))
    }
    taken = {*CONTROLS, KNOWN_WORSE, *(team.id for team in there), *of_others}
    called = {}
    for row in chosen:
        team = entries[row.team].study_team or by_name.get(row.name.casefold()) or team_key(row.name, taken)
        taken.add(team)
        called[row.team] = NewTeam(team, row.name)
    gone = [e.study_team for e in entries.values() if e.study_team and e.team_id not in called]
    for entry in entries.values():
        entry.study_team = called[entry.team_id].id if entry.team_id in called else None
        session.add(entry)
    return called, gone


def _give_images(site: Site, root: Path, team: str, submission: int | None) -> None:
    """Put the images that a team's score is of among the study's pairs."""
    images = folder_of(site, submission or 0) / "images"
    if not images.is_dir() or not (root / "paired").is_dir():
        return
    with scratch_folder(root / "var", "cut") as scratch:
        copied(images, scratch / team)
        put_in_place(scratch / team, root / "paired/teams" / team)


def _plain(row: Row) -> dict[str, object]:
    return {
        "team": row.team,
        "name": row.name,
        "rank": row.rank,
        "score": row.score,
        "submission": row.submission,
    }
