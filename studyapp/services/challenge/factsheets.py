"""A team's factsheets in a track: each that is saved is a version, and no version is changed.

They are for the team and the organisers alone: no judge's page, export or ranking is made of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.db.site_tables import Account, ChallengeTeam, Factsheet
from studyapp.db.tables import utc_text
from studyapp.errors import LimitReachedError, NotFoundError, StudyStateError
from studyapp.services.challenge.factsheet_form import Sheet, read_sheet
from studyapp.services.challenge.phases import track_of
from studyapp.services.challenge.teams import in_track, members
from studyapp.services.ground.site import Site

MOST_VERSIONS = 200


@dataclass(frozen=True)
class Version:
    """A factsheet as it was saved: by whom and when (UTC)."""

    number: int
    body: str
    saved_by: str
    saved_at: str

    @cached_property
    def sheet(self) -> Sheet:
        """What it says."""
        return read_sheet(json.loads(self.body))


@dataclass(frozen=True)
class Line:
    """A team of a track, and the newest version of its factsheet."""

    team: int
    name: str
    study_team: str | None
    newest: Version | None

    @property
    def lacking(self) -> list[str]:
        """The fields that the newest version leaves empty and should not."""
        return self.newest.sheet.lacking if self.newest else []


def is_open(site: Site, track: str, now: datetime) -> bool:
    """Tell whether teams may change their factsheets: until `factsheets_close`, without one always."""
    closes = track_of(site, track).factsheets_close
    return closes is None or now < closes


def versions(session: Session, team: int, track: str) -> list[Version]:
    """Return all versions, the newest first."""
    return [found for _, found in _versions(session, Factsheet.team_id == team, Factsheet.track == track)]


def version(session: Session, team: int, track: str, number: int) -> Version:
    """Return a version.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    found = next((one for one in versions(session, team, track) if one.number == number), None)
    if found is None:
        raise NotFoundError(say("there is no version %(number)s", number=number))
    return found


def of_track(session: Session, track: str) -> list[Line]:
    """List the approved teams of a track by name, each with its newest version; those without one too."""
    last = (
        select(Factsheet.team_id, func.max(Factsheet.version))
        .where(Factsheet.track == track)
        .group_by(col(Factsheet.team_id))
    )
    key = tuple_(col(Factsheet.team_id), col(Factsheet.version))
    newest = dict(_versions(session, Factsheet.track == track, key.in_(last)))
    return [
        Line(team.id or 0, team.name, entry.study_team, newest.get(team.id or 0))
        for team, entry in in_track(session, track)
    ]


def begun(session: Session, team: ChallengeTeam) -> Sheet:
    """Return what is known of a team before it saved anything."""
    there = members(session, team.id or 0)
    leader = next((one for one in there if one.leads), None)
    values = {
        "team": team.name,
        "leader": leader.name if leader else "",
        "leader_email": leader.email if leader else "",
        "members": [one.name for one in there if not one.leads],
        "affiliations": [team.affiliation] if team.affiliation else [],
    }
    return read_sheet(values)


def save(
    session: Session,
    site: Site,
    *,
    team: int,
    track: str,
    sheet: Sheet,
    over: int,
    by: int,
    now: datetime,
) -> int:
    """Save a version and return its number; the same as the newest is not saved again.

    Parameters
    ----------
    over
        The version that was shown when this one was written; 0 for none.

    Raises
    ------
    StudyStateError
        When factsheets are closed, or another member saved one in between.
    LimitReachedError
        When there are as many versions as there may be.
    """
    # Two members who save at the same moment wait for each other.
    session.exec(select(ChallengeTeam).where(ChallengeTeam.id == team).with_for_update()).one()
    closes = track_of(site, track).factsheets_close
    if not is_open(site, track, now):
        when = utc_text(closes or now)[:16].replace("T", " ")
        raise StudyStateError(say("factsheets of this track closed at %(when)s UTC", when=when))
    there = versions(session, team, track)
    newest = there[0].number if there else 0
    if there and there[0].sheet == sheet:
        return newest
    if newest != over:
        raise StudyStateError(
            say(
                "%(name)s saved version %(number)s meanwhile; look at it, then save again to replace it",
                name=there[0].saved_by,
                number=newest,
            )
        )
    if newest >= MOST_VERSIONS:
        raise LimitReachedError(say("there are %(most)s versions already; ask the organisers", most=newest))
    body = json.dumps(sheet.model_dump(mode="json"), ensure_ascii=False)
    session.add(
        Factsheet(
            team_id=team, track=track, version=newest + 1, body=body, saved_by=by, saved_at=utc_text(now)
        )
    )
    session.flush()
    return newest + 1


def _versions(session: Session, *which: object) -> Sequence[tuple[int, Version]]:
    query = (
        select(Factsheet, Account.name)
        .join(Account, col(Account.id) == Factsheet.saved_by)
        .where(*which)  # pyright: ignore[reportArgumentType]
        .order_by(col(Factsheet.version).desc())
    )
    return [
        (row.team_id, Version(row.version, row.body, name, row.saved_at)) for row, name in session.exec(query)
    ]
