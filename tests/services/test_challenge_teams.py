"""Teams: approval, joining by the leader's link, one team per person and track, whoever asks at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from studyapp.db.database import Database
from studyapp.db.revision import bring_up_site
from studyapp.db.site_tables import Account, Membership, Upload
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams, tokens
from studyapp.services.challenge.submissions import of_team
from studyapp.services.people import accounts
from tests.conftest import NOW
from tests.services.challenge_site import account_of, challenge_site, person, team
from tests.services.handed_in import hand_in, upload


@pytest.fixture
def site(tmp_path):
    with challenge_site(tmp_path) as made:
        yield made


def named(site, number):
    with site.database.reading() as session:
        return teams.numbered(session, number)


def there(site, number):
    with site.database.reading() as session:
        return [(one.name, one.leads, one.tracks) for one in teams.members(session, number)]


def acts(site, who, track="lowlight"):
    with site.database.reading() as session:
        return teams.acting_team(session, account_of(site, who), track).name


def test_a_team_acts_once_it_is_approved_and_is_told_why_not(site):
    number = team(site, "Ours", "Ada", approved=False)
    with pytest.raises(StudyError, match="waits for approval"):
        acts(site, "Ada")
    with site.database.writing() as session:
        ours = teams.numbered(session, number)
        with pytest.raises(StudyError, match="write why"):
            teams.decide(session, ours, "refused", by="Olga", why=" ", now=NOW)
        teams.decide(session, ours, "refused", by="Olga", why="No affiliation", now=NOW)
    with pytest.raises(StudyError, match="was refused: No affiliation"):
        acts(site, "Ada")
    with site.database.writing() as session:
        teams.decide(session, teams.numbered(session, number), "approved", by="Olga", now=NOW)
    assert acts(site, "Ada") == "Ours"
    with pytest.raises(StudyError, match="no team of the track details"):
        acts(site, "Ada", "details")


def test_one_leaves_a_track_and_enters_again(site):
    number = team(site, "Ours", "Ada", "Bo")
    team(site, "Theirs", "Cy", tracks=["details"])
    with site.database.writing() as session:
        ours = teams.numbered(session, number)
        teams.join(session, account_of(site, "Cy"), ours, now=NOW)
        teams.enter_track(session, ours, "details", now=NOW)
        teams.leave_track(session, ours, "lowlight", now=NOW)
        with pytest.raises(NotFoundError):
            teams.leave_track(session, ours, "lowlight", now=NOW)
    # Cy is in two teams, each for its track; the team's entering another track does not take her from hers.
    both = ("details", "lowlight")
    assert there(site, number) == [("Ada", True, both), ("Bo", False, both), ("Cy", False, ("lowlight",))]
    assert acts(site, "Cy", "details") == "Theirs"
    assert acts(site, "Bo", "details") == "Ours"
    with pytest.raises(StudyError, match="has left the track lowlight"):
        acts(site, "Ada")
    with site.database.writing() as session:
        teams.enter_track(session, teams.numbered(session, number), "lowlight", now=NOW)
    assert acts(site, "Ada") == "Ours"


def test_a_person_is_in_one_team_of_a_track_and_is_told_which(site):
    ours, theirs = team(site, "Ours", "Ada"), team(site, "Theirs", "Bo", "Cy")
    with site.database.writing() as session:
        mine, others = teams.numbered(session, ours), teams.numbered(session, theirs)
        cy = account_of(site, "Cy")
        for attempt in (
            lambda: teams.join(session, cy, mine, now=NOW),
            lambda: teams.register(session, cy, "Third", tracks=["lowlight"], approved=True, now=NOW),
        ):
            with pytest.raises(StudyError, match="leave the team 'Theirs' first"):
                attempt()
        with pytest.raises(StudyError, match="in the team 'Theirs' already"):
            teams.join(session, cy, others, now=NOW)
        teams.leave(session, cy, others, now=NOW)
        teams.join(session, cy, mine, now=NOW)
    assert [name for name, *_ in there(site, ours)] == ["Ada", "Cy"]


def test_a_team_has_one_leader_who_hands_it_over_before_going(site):
    number = team(site, "Ours", "Ada", "Bo", tracks=["lowlight", "details"])
    with site.database.writing() as session:
        ours = teams.numbered(session, number)
        ada, bo = account_of(site, "Ada"), account_of(site, "Bo")
        with pytest.raises(StudyError, match="hand the team over first"):
            teams.leave(session, ada, ours, now=NOW)
        teams.hand_over(session, ours, bo, now=NOW)
        teams.leave(session, ada, ours, now=NOW)
        with pytest.raises(NotFoundError):
            teams.hand_over(session, ours, ada, now=NOW)
    assert there(site, number) == [("Bo", True, ("details", "lowlight"))]
    with pytest.raises(IntegrityError, match="membership"), site.database.writing() as session:
        second = Membership(account_id=ada, track="details", team_id=number, leads=True, joined_at="now")
        session.add(second)
    with site.database.writing() as session:
        teams.leave(session, bo, teams.numbered(session, number), now=NOW)
    assert (named(site, number).state, there(site, number)) == ("left", [])


def test_a_team_is_not_handed_to_who_is_elsewhere_in_one_of_its_tracks(site):
    number = team(site, "Ours", "Ada", tracks=["lowlight", "details"])
    team(site, "Theirs", "Bo", tracks=["details"])
    with pytest.raises(StudyError, match="'Theirs'"), site.database.writing() as session:
        ours = teams.numbered(session, number)
        teams.join(session, account_of(site, "Bo"), ours, now=NOW)
        teams.hand_over(session, ours, account_of(site, "Bo"), now=NOW)
    assert there(site, number) == [("Ada", True, ("details", "lowlight"))]


def test_who_changes_teams_leaves_what_was_handed_in_and_is_in_the_new_one_alone(site):
    first = team(site, "First", "Ada", "Bo")
    with site.database.writing() as session:
        sent = hand_in(session, site, first, b"zip", by=account_of(site, "Bo")).id
        bo = account_of(site, "Bo")
        teams.leave(session, bo, teams.numbered(session, first), now=NOW)
        second = teams.register(session, bo, "Second", tracks=["lowlight"], approved=True, now=NOW)
        assert teams.names_in(session, "lowlight") == {first: ("Ada",), second.id: ("Bo",)}
        assert [row.id for row in of_team(session, first, "lowlight", "feedback")] == [sent]


def test_an_account_goes_only_where_a_team_loses_nothing(site):
    number = team(site, "Ours", "Ada", "Bo", "Cy", "Di")
    with site.database.writing() as session:
        hand_in(session, site, number, b"zip", by=account_of(site, "Bo"))
        on_its_way = upload(session, site, number, b"zi")
        row = session.get_one(Upload, on_its_way)
        row.purpose = json.dumps({"account": account_of(site, "Cy")})
        tokens.make(session, account_of(site, "Di"), "laptop", NOW)
        for who, said in (
            ("Ada", "leads the team 'Ours'; its leader can hand it over"),
            ("Bo", "handed something in for a team. Disable it instead"),
            ("Cy", "is handing something in"),
        ):
            with pytest.raises(StudyError, match=said):
                accounts.remove(session, accounts.named(session, who))
        accounts.remove(session, accounts.named(session, "Di"))
        session.delete(row)
        accounts.remove(session, accounts.named(session, "Cy"))
    assert [name for name, *_ in there(site, number)] == ["Ada", "Bo"]
    # Ada hands the team over and may go; Bo, who is disabled, stays on record.
    with site.database.writing() as session:
        teams.hand_over(session, teams.numbered(session, number), account_of(site, "Bo"), now=NOW)
        accounts.remove(session, accounts.named(session, "Ada"))
        accounts.disable(session, accounts.named(session, "Bo"), now=NOW)
    assert there(site, number) == [("Bo", True, ("lowlight",))]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OURS  ", "already a team 'OURS'"),
        ("Ｏurs", "already a team"),
        ("ours\u200f", "cannot be used"),
        ("\u202eyna", "cannot be used"),
        ("  ", "cannot be used"),
        ("a" * 81, "cannot be used"),
    ],
)
def test_names_that_look_alike_or_hide_something_are_refused(site, name, said):
    number = team(site, "Ours", "Ada")
    other = team(site, "Other", "Bo")
    with site.database.writing() as session:
        with pytest.raises(StudyError, match=said):
            teams.register(session, person_now(session), name, tracks=["lowlight"], approved=True, now=NOW)
        with pytest.raises(StudyError, match=said):
            teams.rename(session, teams.numbered(session, other), name, affiliation="")
        # Its own name in another spelling is no other team's.
        teams.rename(session, teams.numbered(session, number), "OURS", affiliation="ETH")
    assert (named(site, number).name, named(site, number).affiliation) == ("OURS", "ETH")


def person_now(session):
    return accounts.make(session, "Somebody", now=NOW).id or 0


def test_links_are_known_by_their_hash_and_end(site):
    number = team(site, "Ours", "Ada")
    with site.database.writing() as session:
        ours = teams.numbered(session, number)
        first = teams.new_join_link(session, ours)
        second = teams.new_join_link(session, ours)
        assert teams.team_by_link(session, second).id == number
        for forged in (first, "", second[:-1], ours.join_sha256 or ""):
            with pytest.raises(NotFoundError):
                teams.team_by_link(session, forged)
        teams.decide(session, ours, "refused", by="Olga", why="twice", now=NOW)
        with pytest.raises(NotFoundError):
            teams.team_by_link(session, second)


def test_an_invitation_brings_one_team(site):
    with site.database.writing() as session:
        token = teams.invite(session, by="Olga", note="the authors of X", now=NOW)
        other = teams.invite(session, by="Olga", now=NOW)
        teams.revoke_invitation(session, teams.invitation(session, other).id or 0, now=NOW)
        assert [one.note for one in teams.invitations(session)] == ["the authors of X"]
    number = team(site, "Ours", "Ada")
    with site.database.writing() as session:
        teams.use_invitation(session, teams.invitation(session, token), teams.numbered(session, number))
        for ended in (token, other, "", "x"):
            with pytest.raises(NotFoundError):
                teams.invitation(session, ended)


def test_an_access_token_is_shown_once_and_ends_when_revoked(site):
    ada, bo = person(site, "Ada"), person(site, "Bo")
    with site.database.writing() as session:
        token = tokens.make(session, ada, "laptop", NOW)
        kept, whose = tokens.by_secret(session, token)
        assert (kept.name, whose.name) == ("laptop", "Ada")
        assert token not in repr(kept)
        assert tokens.is_to_note(kept, NOW)
        tokens.note_use(session, kept.id or 0, NOW)
        assert not tokens.is_to_note(kept, NOW + timedelta(minutes=1)), "not every request writes"
        assert tokens.is_to_note(kept, NOW + timedelta(minutes=10))
        with pytest.raises(NotFoundError):
            tokens.revoke(session, bo, kept.id or 0, NOW)
        tokens.revoke(session, ada, kept.id or 0, NOW)
        for wrong in (token, "", kept.token_sha256):
            with pytest.raises(NotFoundError):
                tokens.by_secret(session, wrong)
        last = [tokens.make(session, ada, str(number), NOW) for number in range(tokens.MOST)][-1]
        with pytest.raises(StudyError, match="revoke one first"):
            tokens.make(session, ada, "one more", NOW)
        accounts.disable(session, accounts.numbered(session, ada), now=NOW)
        with pytest.raises(NotFoundError):
            tokens.by_secret(session, last)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_of_two_requests_at_once_one_puts_a_person_into_a_team(kind, site, request):
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        server.copies += 1
        server.execute(f"CREATE DATABASE site_{server.copies}")
        opened = closing(Database(server.database(f"site_{server.copies}"), schema="studyapp_site"))
    else:
        opened = closing(Database(site.database.url))
    with opened as database:
        bring_up_site(database)
        with database.writing() as session:
            ada = accounts.make(session, "Ada", now=NOW).id or 0
        both = Barrier(2)

        def register(name):
            both.wait()
            try:
                with database.writing() as session:
                    teams.register(session, ada, name, tracks=["lowlight"], approved=True, now=NOW)
            except StudyError as error:
                return str(error)
            return name

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(register, ["Ours", "Theirs"]), key=len)
        assert said[0] in ("Ours", "Theirs")
        assert f"leave the team '{said[0]}' first" in said[1]
        with database.reading() as session:
            assert len(session.exec(select(Membership)).all()) == 1
            assert len(session.exec(select(Account)).all()) == 1
            # Of the other team nothing is left.
            assert [one.name for one in teams.listed(session)] == [said[0]]
