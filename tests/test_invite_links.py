"""Links are shown once: none is used up that was not written, and earlier ones are never lost."""

import csv
import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from studyapp.cli import main
from studyapp.core.addresses import address_key
from studyapp.core.links_file import SENT, ListedLink, links_text, merge_links, read_links
from studyapp.db.journal import Journal
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people.invitations import find_judge, live_link

ADDRESSES = [
    "Jörg.ÖZ@example.org",
    "İpek@example.org",
    "Straße@example.org",
    "e\u0301mile@example.org",
    "ADA@b.org",
]


@pytest.fixture
def root(folder, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    write_judges(folder, *ADDRESSES)
    return folder


def write_judges(root, *addresses: str) -> None:
    lines = [f"Judge {number},{address}\n" for number, address in enumerate(addresses)]
    (root / "judges.csv").write_text("name,email\n" + "".join(lines), encoding="utf-8")


def call(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


def listed(path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {line["email"]: line["link"] for line in csv.DictReader(file)}


def all_live(root, links) -> bool:
    with open_workspace(root).database.reading() as session:
        return all(live_link(session, token=link.rpartition("/")[2]) for link in links)


def test_the_file_keeps_earlier_links(root):
    links = root / "links.csv"
    write_judges(root, *ADDRESSES[:2])
    call("invite", root, root / "judges.csv", "--output", links, "--base-url", "https://study.example.org/x/")
    first = listed(links)
    assert list(first) == ADDRESSES[:2]
    assert first[ADDRESSES[0]].startswith("https://study.example.org/x/j/")
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    write_judges(root, *ADDRESSES)
    call("invite", root, root / "judges.csv", "--output", links)
    assert dict(list(listed(links).items())[:2]) == first
    assert list(listed(links)) == ADDRESSES
    assert all_live(root, listed(links).values())
    call("invite", root, root / "judges.csv", "--output", root / "others.csv")
    assert set(listed(root / "others.csv").values()) == {SENT}
    call("invite", root, "--reissue", ADDRESSES[1].casefold(), "--output", links)
    again = listed(links)
    assert again[ADDRESSES[1]] != first[ADDRESSES[1]]
    assert all_live(root, again.values())
    call("invite", root, "--revoke", ADDRESSES[0], "--output", links)
    assert listed(links)[ADDRESSES[0]] == "revoked"


def test_links_to_a_study_of_a_site_lead_into_it(root, tmp_path):
    study = tmp_path / "site" / "studies" / "night"
    call("init", "--site", tmp_path / "site")
    root.rename(study)
    call("invite", study, study / "judges.csv", "--output", study / "links.csv")
    for url in ("https://study.example.org", "https://study.example.org/s/night/"):
        call("invite", study, "--reissue", ADDRESSES[0], "--output", study / "links.csv", "--base-url", url)
        links = listed(study / "links.csv")
        assert links[ADDRESSES[0]].startswith("https://study.example.org/s/night/j/")
    assert links[ADDRESSES[1]].startswith("http://127.0.0.1:8000/s/night/j/")


def test_a_file_of_something_else_is_not_touched(root):
    table = root / "scores.csv"
    table.write_text("team,s2\nteam01,3\n")
    assert "column 'link' is missing" in call(
        "invite", root, root / "judges.csv", "--output", table, status=2
    )
    assert table.read_text() == "team,s2\nteam01,3\n"
    told = call("invite", root, root / "judges.csv", "--output", root / "no" / "links.csv", status=2)
    assert "no/links.csv: there is no such file or folder" in told
    assert call("invite", root, root / "judges.csv").count("/j/") == len(ADDRESSES)


@pytest.mark.parametrize("where", ["full disk", "closed pipe", "latin-1"])
def test_links_that_could_not_be_printed_are_not_used_up(root, where):
    command = [sys.executable, "-m", "studyapp.cli", "invite", str(root), str(root / "judges.csv")]
    if where == "full disk":
        with open("/dev/full", "w") as full:
            ended = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
        status, said, printed = ended.returncode, ended.stderr, 0
    elif where == "closed pipe":
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            said = process.stderr.read()
        status, printed = process.returncode, 0
    else:
        write_judges(root, "李明@example.org")
        env = {"PYTHONIOENCODING": "latin-1", "PATH": ""}
        ended = subprocess.run(command, check=False, capture_output=True, env=env)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count(b"/j/") == 1
        return
    assert status == 2
    assert "nothing was changed" in said
    assert len(said.splitlines()) == 1
    assert call("invite", root, root / "judges.csv").count("/j/") == len(ADDRESSES) - printed


def test_links_are_kept_when_only_the_second_record_fails(root, monkeypatch):
    def no_room(self, lines):
        raise OSError(28, "No space left on device", str(self.path))

    monkeypatch.setattr(Journal, "append", no_room)
    told = call("invite", root, root / "judges.csv", "--output", root / "links.csv", status=2)
    assert "votes.jsonl: the disk is full" in told
    assert list(listed(root / "links.csv")) == ADDRESSES
    assert all_live(root, listed(root / "links.csv").values())


def test_each_judge_is_found_by_the_address_in_any_writing(root):
    call("invite", root, root / "judges.csv")
    with open_workspace(root).database.reading() as session:
        for address in ADDRESSES:
            for typed in (address, address.lower(), address.casefold(), f" {address}"):
                assert find_judge(session, typed).email == address
    assert "is already on line 2" in call_with_twice(root)


def call_with_twice(root) -> str:
    write_judges(root, "\u00c9mile@example.org", "e\u0301mile@example.org")
    return call("check", root, status=1)


@given(st.text())
def test_an_address_has_one_key(text):
    assert address_key(address_key(text)) == address_key(text)


@given(st.lists(st.tuples(st.text(min_size=1).map(lambda name: f"x{name}"), st.emails()), max_size=5))
def test_a_written_list_is_read_again(tmp_path_factory, rows):
    links = merge_links(
        [], [ListedLink(" ".join(name.split()), email, "https://a/j/b") for name, email in rows]
    )
    path = tmp_path_factory.mktemp("links") / "links.csv"
    path.write_text(links_text(links), encoding="utf-8", newline="")
    if all(link.name.isprintable() for link in links):
        assert read_links(path) == links


def test_status_says_who_is_out(root):
    call("invite", root, root / "judges.csv")
    call("invite", root, "--revoke", ADDRESSES[0])
    call("withdraw-judge", root, ADDRESSES[1], "--reason", "ill")
    call("disqualify-team", root, "team03", "--reason", "late")
    told = call("status", root)
    assert f"<{ADDRESSES[0]}> (link revoked)" in told
    assert f"<{ADDRESSES[1]}> (withdrawn) (link revoked)" in told
    assert f"<{ADDRESSES[2]}>  last saved never" in told
    assert "disqualified: team team03" in told
