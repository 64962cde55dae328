"""The teams of a challenge: registering, approval, who is in them, and the tracks they take part in.

A member is in a team for each of its tracks; of a track a person is in one team only, by the key of the
table. A team has one leader, who is in it for all of its tracks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from analysis.texts import Text, say
from studyapp.core.tokens import new_token, token_hash
from studyapp.db.site_tables import Account, ChallengeTeam, Entry, Membership, TeamInvitation
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.people.accounts import checked_name, name_key

MOST_MEMBERS = 50
REASON_LONGEST = 500
AFFILIATION_LONGEST = 200


@dataclass(frozen=True)
class Member:
    """Somebody in a team, and for which of its tracks."""

    account_id: int
    name: str
    email: str
    leads: bool
    joined_at: str
    tracks: tuple[str, ...]


def team_of(session: Session, account_id: int, track: str) -> ChallengeTeam | None:
    """Return the team in which somebody is for a track, whatever its state."""
    found = session.get(Membership, (account_id, track))
    return session.get(ChallengeTeam, found.team_id) if found else None


def acting_team(session: Session, account_id: int, track: str) -> ChallengeTeam:
    """Return the team for which somebody may act in a track.

    Raises
    ------
    StudyError
        Saying what is missing: a team, its approval, or its entry in the track.
    """
    team = team_of(session, account_id, track)
    if team is None:
        raise StudyError(
            say("you are in no team of the track %(track)s; register one or join by its link", track=track)
        )
    if (problem := _standing_problem(team)) is not None:
        raise StudyError(problem)
    entry = session.get(Entry, (team.id, track))
    if entry is None or entry.withdrawn_at:
        raise StudyError(
            say("the team %(team)s has left the track %(track)s", team=repr(team.name), track=track)
        )
    return team


def _standing_problem(team: ChallengeTeam) -> Text | None:
    name = repr(team.name)
    if team.state == "waiting":
        return say("the team %(team)s waits for approval by the organisers", team=name)
    if team.state == "refused":
        return say("the team %(team)s was refused: %(why)s", team=name, why=team.why)
    if team.state == "left":
        return say("the team %(team)s has left the challenge", team=name)
    return None


def numbered(session: Session, team_id: int) -> ChallengeTeam:
    """Return the team of this number.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = session.get(ChallengeTeam, team_id)
    if found is None:
        raise NotFoundError(say("there is no such team"))
    return found


def teams_of(session: Session, account_id: int) -> list[ChallengeTeam]:
    """List the teams in which somebody is, each once."""
    mine = select(Membership.team_id).where(Membership.account_id == account_id)
    query = select(ChallengeTeam).where(col(ChallengeTeam.id).in_(mine)).order_by(ChallengeTeam.key)
    return list(session.exec(query))


def is_member(session: Session, account_id: int, team_id: int, *, leads: bool = False) -> bool:
    """Tell whether somebody is in a team, or leads it."""
    query = select(Membership.team_id).where(
        Membership.account_id == account_id, Membership.team_id == team_id
    )
    return session.exec(query.where(col(Membership.leads)) if leads else query).first() is not None


def members(session: Session, team_id: int) -> list[Member]:
    """List who is in a team, the leader first, then as they came."""
    query = (
        select(Membership, Account)
        .join(Account, col(Account.id) == Membership.account_id)
        .where(Membership.team_id == team_id)
        .order_by(col(Membership.leads).desc(), Membership.joined_at, col(Account.id), Membership.track)
    )
    rows = session.exec(query).all()
    found: dict[int, Member] = {}
    for row, account in rows:
        before = found.get(row.account_id)
        tracks = (*before.tracks, row.track) if before else (row.track,)
        joined = min(before.joined_at, row.joined_at) if before else row.joined_at
        leads = row.leads or (before.leads if before else False)
        found[row.account_id] = Member(row.account_id, account.name, account.email, leads, joined, tracks)
    return list(found.values())


def entries(session: Session, team_id: int) -> Sequence[Entry]:
    """List the tracks that a team entered, those it left too."""
    return session.exec(select(Entry).where(Entry.team_id == team_id).order_by(Entry.track)).all()


def entry_of(session: Session, team_id: int, track: str) -> Entry | None:
    """Return a team's entry in a track, one that it left too; None without any."""
    return session.get(Entry, (team_id, track))


def listed(session: Session) -> Sequence[ChallengeTeam]:
    """List all teams, those that wait first, then the newest."""
    query = select(ChallengeTeam).order_by(
        col(ChallengeTeam.state) != "waiting", col(ChallengeTeam.id).desc()
    )
    return session.exec(query).all()


def waiting(session: Session) -> int:
    """Count the teams that wait for approval."""
    query = select(func.count()).select_from(ChallengeTeam).where(ChallengeTeam.state == "waiting")
    return session.exec(query).one()


def in_track(session: Session, track: str) -> Sequence[tuple[ChallengeTeam, Entry]]:
    """List the approved teams that take part in a track, by name, each with its entry."""
    query = (
        select(ChallengeTeam, Entry)
        .join(Entry, col(Entry.team_id) == ChallengeTeam.id)
        .where(Entry.track == track, col(Entry.withdrawn_at).is_(None), ChallengeTeam.state == "approved")
        .order_by(ChallengeTeam.key)
    )
    return session.exec(query).all()


def names_in(session: Session, track: str) -> dict[int, tuple[str, ...]]:
    """Return the names of who is in the teams of a track, by team: leaders first, then as they came."""
    query = (
        select(Membership.team_id, Account.name)
        .join(Account, col(Account.id) == Membership.account_id)
        .where(Membership.track == track)
        .order_by(col(Membership.leads).desc(), Membership.joined_at, col(Account.id))
    )
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for team, name in session.execute(query):
        found[team] += (name,)
    return found


def register(
    session: Session,
    account_id: int,
    name: str,
    *,
    affiliation: str = "",
    tracks: Iterable[str],
    approved: bool,
    now: datetime,
) -> ChallengeTeam:
    """Make a team that somebody leads, in some tracks of the challenge.

    Raises
    ------
    StudyError
        For a name that cannot be used or is taken, without a track, and for somebody who is in another team
        of one of them.
    """
    tracks = sorted(set(tracks))
    if not tracks:
        raise StudyError(say("choose at least one track"))
    team = ChallengeTeam(
        key=name_key(name),
        name=_free_name(session, name),
        affiliation=_short(affiliation, AFFILIATION_LONGEST),
        state="approved" if approved else "waiting",
        created_at=utc_text(now),
        decided_at=utc_text(now) if approved else None,
    )
    try:
        with session.begin_nested():
            session.add(team)
    except IntegrityError:
        raise _taken(name) from None
    for track in tracks:
        _put_in(session, account_id, team, track, leads=True, now=now)
        session.add(Entry(team_id=team.id or 0, track=track, entered_at=utc_text(now)))
    session.flush()
    return team


def rename(session: Session, team: ChallengeTeam, name: str, *, affiliation: str) -> None:
    """Give a team another name and affiliation; all that it did stays its own.

    Raises
    ------
    StudyError
        For a name that cannot be used or is another team's.
    """
    team.name = _free_name(session, name, but=team.id)
    team.key = name_key(name)
    team.affiliation = _short(affiliation, AFFILIATION_LONGEST)
    try:
        with session.begin_nested():
            session.add(team)
    except IntegrityError:
        raise _taken(name) from None


def decide(
    session: Session,
    team: ChallengeTeam,
    verdict: Literal["approved", "refused"],
    *,
    by: str,
    why: str = "",
    now: datetime,
) -> None:
    """Approve a team or refuse it, by whom and why.

    Raises
    ------
    StudyError
        When a refusal has no reason, and for a team that left.
    """
    why = _short(why, REASON_LONGEST)
    if team.state == "left":
        raise StudyError(say("the team %(team)s has left the challenge", team=repr(team.name)))
    if verdict == "refused" and not why:
        raise StudyError(say("write why the team is refused; its members read it"))
    team.state, team.why = verdict, why if verdict == "refused" else ""
    team.decided_at, team.decided_by = utc_text(now), by
    session.add(team)


def new_join_link(session: Session, team: ChallengeTeam) -> str:
    """Make the link by which others join; the one before it ends."""
    token = new_token()
    team.join_sha256 = token_hash(token)
    session.add(team)
    session.flush()
    return token


def end_join_link(session: Session, team: ChallengeTeam) -> None:
    """Take back the link by which others join."""
    team.join_sha256 = None
    session.add(team)


def team_by_link(session: Session, token: str) -> ChallengeTeam:
    """Return the team that a link joins.

    Raises
    ------
    NotFoundError
        For a link that is unknown or was taken back, and for one of a team that was refused or left.
    """
    found = session.exec(
        select(ChallengeTeam).where(ChallengeTeam.join_sha256 == token_hash(token))
    ).one_or_none()
    if found is None or found.state in ("refused", "left"):
        raise NotFoundError(say("this link does not work, or no longer; ask the team's leader for a new one"))
    return found


def join(session: Session, account_id: int, team: ChallengeTeam, *, now: datetime) -> None:
    """Put somebody into a team, for those of its tracks in which they are in no other.

    Raises
    ------
    StudyError
        When they are in it already or in another team for all of its tracks, and when the team is full.
    """
    _alone(session, team)
    if is_member(session, account_id, team.id or 0):
        raise StudyError(say("you are in the team %(team)s already", team=repr(team.name)))
    if len(members(session, team.id or 0)) >= MOST_MEMBERS:
        raise StudyError(
            say(
                "the team %(team)s has %(most)s members, as many as a team may have",
                team=repr(team.name),
                most=MOST_MEMBERS,
            )
        )
    tracks = [entry.track for entry in entries(session, team.id or 0)]
    others = {track: team_of(session, account_id, track) for track in tracks}
    free = [track for track, other in others.items() if other is None]
    if not free:
        raise _in_another(next(other for other in others.values() if other), next(iter(others)))
    for track in free:
        _put_in(session, account_id, team, track, leads=False, now=now)


def leave(session: Session, account_id: int, team: ChallengeTeam, *, now: datetime) -> None:
    """Take somebody out of a team. With its last member the team leaves the challenge.

    Raises
    ------
    StudyError
        When its leader wants to go and others stay, and for somebody who is not in it.
    """
    _alone(session, team)
    there = members(session, team.id or 0)
    mine = next((member for member in there if member.account_id == account_id), None)
    if mine is None:
        raise NotFoundError(say("there is no such member"))
    if mine.leads and len(there) > 1:
        raise StudyError(say("the leader cannot leave; hand the team over first, or remove the others"))
    session.execute(
        delete(Membership).where(col(Membership.account_id) == account_id, col(Membership.team_id) == team.id)
    )
    if mine.leads:
        team.state, team.join_sha256 = "left", None
        team.decided_at = utc_text(now)
        session.add(team)


def remove_member(session: Session, team: ChallengeTeam, account_id: int, *, now: datetime) -> None:
    """Take a member out who does not lead the team.

    Raises
    ------
    NotFoundError
        For somebody who is not in the team, or leads it.
    """
    if is_member(session, account_id, team.id or 0, leads=True):
        raise NotFoundError(say("there is no such member"))
    leave(session, account_id, team, now=now)


def hand_over(session: Session, team: ChallengeTeam, account_id: int, *, now: datetime) -> None:
    """Make another member the leader, in all of the team's tracks.

    Raises
    ------
    NotFoundError
        For somebody who is not in the team.
    StudyError
        For somebody who is in another team for one of its tracks.
    """
    _alone(session, team)
    if not is_member(session, account_id, team.id or 0):
        raise NotFoundError(say("there is no such member"))
    for entry in entries(session, team.id or 0):
        other = team_of(session, account_id, entry.track)
        if other is None:
            _put_in(session, account_id, team, entry.track, leads=False, now=now)
        elif other.id != team.id:
            raise _in_another(other, entry.track)
    rows = session.exec(select(Membership).where(Membership.team_id == team.id)).all()
    for row in rows:
        row.leads = False
        session.add(row)
    # First nobody, then the new one: a track has one leader at any moment.
    session.flush()
    for row in rows:
        row.leads = row.account_id == account_id
        session.add(row)
    session.flush()


def enter_track(session: Session, team: ChallengeTeam, track: str, *, now: datetime) -> None:
    """Enter a track, or enter it again; members who are in another team for it stay there.

    Raises
    ------
    StudyError
        When the team's leader is in another team for it.
    """
    _alone(session, team)
    entry = session.get(Entry, (team.id, track))
    if entry is None:
        for member in members(session, team.id or 0):
            if member.leads or team_of(session, member.account_id, track) is None:
                _put_in(session, member.account_id, team, track, leads=member.leads, now=now)
        entry = Entry(team_id=team.id or 0, track=track, entered_at=utc_text(now))
    entry.withdrawn_at = None
    session.add(entry)
    session.flush()


def leave_track(session: Session, team: ChallengeTeam, track: str, *, now: datetime) -> None:
    """Leave a track; what was handed in stays, and the team may enter again.

    Raises
    ------
    NotFoundError
        When the team is not in it.
    """
    entry = session.get(Entry, (team.id, track))
    if entry is None or entry.withdrawn_at:
        raise NotFoundError(say("the team %(team)s is not in this track", team=repr(team.name)))
    entry.withdrawn_at = utc_text(now)
    session.add(entry)


def invite(session: Session, *, by: str, note: str = "", now: datetime) -> str:
    """Make a link by which one team registers, approved at once; `note` says for whom it is."""
    token = new_token()
    session.add(
        TeamInvitation(
            token_sha256=token_hash(token), note=_short(note, 200), created_at=utc_text(now), created_by=by
        )
    )
    session.flush()
    return token


def check_invitation(session: Session, token: str) -> None:
    """Make sure that an invitation's link works.

    Raises
    ------
    NotFoundError
        When it is unknown, used or taken back.
    """
    query = select(TeamInvitation).where(TeamInvitation.token_sha256 == token_hash(token))
    _working(session.exec(query).one_or_none())


def invitation(session: Session, token: str) -> TeamInvitation:
    """Return the invitation of a link, for this transaction alone: a link registers one team.

    Raises
    ------
    NotFoundError
        When it is unknown, used or taken back.
    """
    query = select(TeamInvitation).where(TeamInvitation.token_sha256 == token_hash(token))
    return _working(session.exec(query.with_for_update()).one_or_none())


def use_invitation(session: Session, found: TeamInvitation, team: ChallengeTeam) -> None:
    """Note which team an invitation brought; it works no more."""
    found.team_id = team.id
    session.add(found)


def revoke_invitation(session: Session, invitation_id: int, *, now: datetime) -> None:
    """Take back an invitation that was not used.

    Raises
    ------
    NotFoundError
        When there is none of this number, or it was used.
    """
    found = session.get(TeamInvitation, invitation_id)
    if found is None or found.team_id is not None or found.revoked_at:
        raise NotFoundError(say("there is no such invitation"))
    found.revoked_at = utc_text(now)
    session.add(found)


def invitations(session: Session) -> Sequence[TeamInvitation]:
    """List the invitations that still work, the newest first."""
    query = select(TeamInvitation).where(
        col(TeamInvitation.team_id).is_(None), col(TeamInvitation.revoked_at).is_(None)
    )
    return session.exec(query.order_by(col(TeamInvitation.id).desc())).all()


def _alone(session: Session, team: ChallengeTeam) -> None:
    """Let no other transaction change who is in a team before this one ends."""
    query = select(ChallengeTeam).where(ChallengeTeam.id == team.id).with_for_update()
    session.exec(query.execution_options(populate_existing=True)).one()


def _working(found: TeamInvitation | None) -> TeamInvitation:
    if found is None or found.team_id is not None or found.revoked_at:
        raise NotFoundError(say("this link does not work, or no longer; ask the organisers for a new one"))
    return found


def _put_in(
    session: Session, account_id: int, team: ChallengeTeam, track: str, *, leads: bool, now: datetime
) -> None:
    """Put somebody into a team for a track; two requests at once meet at the table's key."""
    row = Membership(
        account_id=account_id, track=track, team_id=team.id or 0, leads=leads, joined_at=utc_text(now)
    )
    other = team_of(session, account_id, track)
    if other is None:
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            session.expire_all()
            other = team_of(session, account_id, track)
            if other is None:
                raise
        else:
            return
    raise _in_another(other, track)


def _in_another(other: ChallengeTeam, track: str) -> StudyError:
    return StudyError(
        say(
            "a person can be in one team of the track %(track)s; leave the team %(team)s first",
            track=track,
            team=repr(other.name),
        )
    )


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    name = checked_name(name)
    query = select(ChallengeTeam.id).where(ChallengeTeam.key == name_key(name))
    if session.exec(query).first() not in (None, but):
        raise _taken(name)
    return name


def _taken(name: str) -> StudyError:
    return StudyError(say("there is already a team %(name)s; choose another name", name=repr(name.strip())))


def _short(text: str, longest: int) -> str:
    text = " ".join(text.split())
    if len(text) > longest or not text.isprintable():
        raise StudyError(say("write at most %(longest)s printable characters", longest=longest))
    return text
