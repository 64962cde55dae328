"""Judges who are in a team of the study, or handed in for one: they must not judge its results."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.addresses import address_key
from studyapp.core.judges_file import JudgeLine
from studyapp.db.site_tables import Account, Entry, Membership, Submission
from studyapp.errors import StudyError
from studyapp.services.challenge.submissions import refuse_early
from studyapp.services.ground.site import Site


def undeclared(
    session: Session, track: str, judges: Iterable[tuple[str, Sequence[str]]]
) -> list[tuple[str, str]]:
    """Return the e-mail addresses of judges, each with a team of theirs that is none of their conflicts.

    Parameters
    ----------
    judges
        Their e-mail addresses, and their conflicts: ids of teams of the study.
    """
    in_study = (col(Entry.track) == track, col(Entry.study_team).is_not(None))
    members = (
        select(Account.email, Entry.study_team)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Entry, col(Entry.team_id) == Membership.team_id)
        .where(*in_study, Membership.track == track)
    )
    # Whoever handed in and left the team later knows its results as well.
    senders = (
        select(Account.email, Entry.study_team)
        .join(Submission, col(Submission.sent_by) == Account.id)
        .join(Entry, col(Entry.team_id) == Submission.team_id)
        .where(*in_study, Submission.track == track)
    )
    theirs: defaultdict[str, set[str]] = defaultdict(set)
    for email, team in {*session.exec(members), *session.exec(senders)}:
        if email and team:
            theirs[address_key(email)].add(team)
    return [
        (email, team)
        for email, conflicts in judges
        for team in sorted(theirs.get(address_key(email), set()) - set(conflicts))
    ]


def refuse_judges(site: Site, track: str, lines: Sequence[JudgeLine], now: datetime) -> None:
    """Make sure that judges may be invited to the study of a track.

    Raises
    ------
    StudyError
        Naming who has to have their own team as a conflict.
    StudyStateError
        While teams may still hand in what judges will see; test judges come at any time.
    """
    with site.database.reading() as session:
        if not all(line.test for line in lines):
            refuse_early(session, site, track, now)
        found = undeclared(session, track, [(line.email, line.conflicts) for line in lines])
    if found:
        who = ", ".join(f"{email} ({team})" for email, team in found)
        raise StudyError(
            say(
                "in a team of this study: %(who)s. Enter it as their conflict of interest, so that they do "
                "not judge its results",
                who=who,
            )
        )
