"""Nobody judges the results of a team that they are in, or handed in for."""

from click.testing import CliRunner
from sqlmodel import Session

from studyapp.cli.judges import invite
from studyapp.db.site_tables import Account
from studyapp.services.challenge import teams
from studyapp.study.site_file import SITE_FILE
from tests.accounts import owner_token
from tests.services.challenge_board import put_in
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser
from tests.web.test_challenge_factsheet import app, site  # noqa: F401 (fixtures)

CONSOLE = "/s/lowlight/console"


def of_the_study(session: Session, number: int, id: str) -> None:
    entry = teams.entry_of(session, number, "lowlight")
    assert entry is not None
    entry.study_team = id
    session.add(entry)


def test_a_member_judges_only_with_the_team_as_a_conflict(app, site, tmp_path):  # noqa: F811
    with site.database.writing() as session:
        for number, name in ((1, "ada"), (2, "bo")):
            account = session.get(Account, number)
            assert account is not None
            account.email = f"{name.title()}@example.org"
            of_the_study(session, number, f"team0{number}")
    put_in(site, 2, "Ada", 20.0)  # and moved to another team
    owner = Browser(app.test_client())
    owner.get(f"/o/{owner_token(site.root)}")
    owner.get(f"{CONSOLE}/invite")
    ada = {"name": "Ada", "email": "ADA@example.org"}
    refused = owner.post(f"{CONSOLE}/invite", **ada, conflicts=["team01"])
    assert (refused.status_code, "ADA@example.org (team02)" in refused.text) == (409, True)
    assert "team01)" not in refused.text
    (tmp_path / "judges.csv").write_text("name,email,conflicts\nBo,bo@example.org,\nJune,june@example.org,\n")
    asked = [str(site.study_root("lowlight")), str(tmp_path / "judges.csv")]
    told = CliRunner().invoke(invite, asked)
    assert "bo@example.org (team02)" in str(told.exception)
    (tmp_path / "judges.csv").write_text("name,email,conflicts\nBo,bo@example.org,team02\n")
    assert CliRunner().invoke(invite, asked).exit_code == 0


def test_who_comes_into_a_team_after_the_invitation_is_named(app, site, tmp_path):  # noqa: F811
    (tmp_path / "judges.csv").write_text("name,email\nBo,bo@example.org\n")
    asked = [str(site.study_root("lowlight")), str(tmp_path / "judges.csv")]
    assert CliRunner().invoke(invite, asked).exit_code == 0
    with site.database.writing() as session:
        account = session.get(Account, 2)
        assert account is not None
        account.email = "bo@example.org"
        of_the_study(session, 2, "team02")
    owner = Browser(app.test_client())
    owner.get(f"/o/{owner_token(site.root)}")
    assert (
        "bo@example.org judges results of a team that they are in: team02"
        in owner.get(f"{CONSOLE}/judges").text
    )
    assert CliRunner().invoke(invite, asked).exit_code == 0, "again, it invites nobody"


def test_while_teams_may_replace_their_results_only_test_judges_are_invited(app, site, tmp_path):  # noqa: F811
    (tmp_path / "judges.csv").write_text("name,email\nJune,june@example.org\n")
    asked = [str(site.study_root("lowlight")), str(tmp_path / "judges.csv")]
    file = site.root / SITE_FILE
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("2026-03-20", "2096-03-20"), encoding="utf-8")
    assert "until then teams may replace their results" in str(CliRunner().invoke(invite, asked).exception)
    assert CliRunner().invoke(invite, [*asked, "--test"]).exit_code == 0
    file.write_text(text, encoding="utf-8")
    put_in(site, 1, "Ada", None, kind="final", phase="final", state="waiting")
    owner = Browser(app.test_client())
    owner.get(f"/o/{owner_token(site.root)}")
    owner.get(f"{CONSOLE}/invite")
    early = owner.post(f"{CONSOLE}/invite", name="Jim", email="jim@example.org")
    assert (early.status_code, "1 submission of final results waits" in early.text) == (409, True)
