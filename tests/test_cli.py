"""The command line from an empty folder to a ranking, and what it says when something is wrong."""

import csv
import io
import json
import stat

import pytest
from click.testing import CliRunner, Result

from studyapp.cli import main
from studyapp.server import only_server
from studyapp.services.ground.workspace import open_workspace
from studyapp.settings import Folders
from studyapp.study.study_file import load_study_file
from tests.conftest import write_study
from tests.services.test_ballots import answer, save


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)

    def call(*arguments: object, status: int = 0) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exit_code == status, result.output
        return result

    return call


@pytest.fixture
def root(tmp_path):
    """A study folder that nothing has been done with, and its judges."""
    root = write_study(tmp_path / "study")
    (root / "judges.csv").write_text(
        "name,email\nJude,jude@example.org\n=June,june@example.org\n", encoding="utf-8"
    )
    return root


def test_init_makes_a_folder_to_fill_in(run, tmp_path):
    run("init", tmp_path / "new")
    assert load_study_file(tmp_path / "new" / "study.yaml").rule.name == "user-study"
    key = Folders(tmp_path / "new").key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text().strip()) == 64
    again = run("init", tmp_path / "new", status=2)
    assert "already exists" in again.stderr
    problems = json.loads(run("check", tmp_path / "new", "--format", "json", status=1).stdout)
    assert problems, "an empty study has no images"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("ranking", "user-study"), ("pairwise", "bt"), ("acr", "mos"), ("acr_hr", "mos"), ("dcr", "mos"),
     ("slider", "mos")],
)  # fmt: skip
def test_init_writes_the_protocol_that_is_named(run, tmp_path, kind, rule):
    run("init", tmp_path / "new", "--protocol", kind)
    file = load_study_file(tmp_path / "new" / "study.yaml")
    assert (file.protocol.kind, file.rule.name) == (kind, rule)
    assert (tmp_path / "new" / "reference").is_dir() == (kind in ("acr_hr", "dcr"))


def test_from_folder_to_ranking(run, root):
    run("check", root)
    assert json.loads(run("tile", root, "--format", "json").stdout)["tiled"] == 20
    assert json.loads(run("tile", root, "--format", "json").stdout)["tiled"] == 0
    lines = list(csv.DictReader(io.StringIO(run("invite", root, root / "judges.csv").stdout)))
    assert [line["email"] for line in lines] == ["jude@example.org", "june@example.org"]
    assert lines[1]["name"] == "'=June", "a spreadsheet must not run a name as a formula"
    assert lines[0]["link"].startswith("http://127.0.0.1:8000/j/")
    assert "0 invited, 2 already invited" in run("invite", root, root / "judges.csv").stderr
    assert "sealed" in run("rank", root, status=2).stderr
    assert "the study is draft" in run("close", root, status=2).stderr

    workspace = open_workspace(root)
    from studyapp.services.ground import studies
    from tests.conftest import NOW

    with workspace.database.writing() as session:
        studies.open_study(session, now=NOW)
    save(workspace, answer(3, 1, 2))
    workspace.database.close()
    status = json.loads(run("status", root, "--format", "json").stdout)
    assert (status["state"], status["complete"], status["total"]) == ("open", 1, 6)
    run("close", root)
    ranking = json.loads(run("rank", root, "--format", "json").stdout)
    assert any("user-study" in note for note in ranking["notes"])
    assert [row["points"] for row in ranking["ranking"]] == [3, 2, 1, 0]
    assert [row["award"] for row in ranking["ranking"]] == ["first", "second", "second", "third"]
    files = run("export", root).stdout.split()
    votes = next(path for path in files if path.endswith("votes.csv"))
    from analysis.cli import main as analysis_main

    again = CliRunner().invoke(analysis_main, ["points", votes, "--format", "json"])
    assert sorted(row["s3"] for row in json.loads(again.stdout)) == [0, 1, 2, 3]


def test_check_names_a_typo_with_its_line(run, root):
    text = (root / "study.yaml").read_text(encoding="utf-8").replace("practice:", "practise:")
    (root / "study.yaml").write_text(text, encoding="utf-8")
    said = run("check", root, status=1).stdout
    assert "study.yaml:3: unknown key 'practise'; did you mean 'practice'?" in said


def test_tile_writes_nothing_when_something_is_wrong(run, root):
    (root / "teams" / "team02" / "002.png").unlink()
    assert "002" in run("tile", root, status=2).stderr
    assert not (root / "var").exists()


def test_a_changed_folder_is_refused_once_judges_are_invited(run, root):
    run("tile", root)
    run("invite", root, root / "judges.csv")
    path = root / "study.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Toms team", "Toms other team"), encoding="utf-8"
    )
    assert "frozen" in run("tile", root, status=2).stderr


def test_judges_with_problems_are_not_invited(run, root):
    run("tile", root)
    (root / "judges.csv").write_text("name,email\nJude,jude\nJune,june@example.org\n", encoding="utf-8")
    assert (
        "judges.csv:2: 'jude' is not an e-mail address"
        in run("invite", root, root / "judges.csv", status=2).stderr
    )
    assert json.loads(run("status", root, "--format", "json").stdout)["judges"] == []


def test_a_study_that_is_not_tiled_says_what_to_do(run, root):
    assert f"run `studyapp tile {root}` first" in run("status", root, status=2).stderr


def test_a_key_that_others_can_read_is_refused(run, root):
    run("tile", root)
    Folders(root).key.chmod(0o644)
    assert "chmod 600" in run("invite", root, root / "judges.csv", status=2).stderr


def test_a_second_server_is_refused(run, root):
    run("tile", root)
    from studyapp.errors import StudyError

    def second() -> None:
        with only_server(Folders(root), patience=0.1):
            pass

    with only_server(Folders(root)), pytest.raises(StudyError, match="another server is serving"):
        second()
    second()


def test_the_schema_is_published(run):
    schema = json.loads(run("schema").stdout)
    assert "protocol" in schema["properties"]


def test_help_names_every_verb(run):
    said = run("--help").stdout
    for verb in [
        "init",
        "check",
        "tile",
        "invite",
        "serve",
        "status",
        "close",
        "rank",
        "export",
        "demo",
        "schema",
    ]:
        assert f"  {verb}" in said
