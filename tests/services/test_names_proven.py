"""Names, from study.yaml to the export to both verifiers: whatever they are, an honest export fits."""

import csv
import json
import math
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from analysis.cli import main as analysis_main
from analysis.columns import described
from analysis.printable import printable_lines
from analysis.spreadsheets import plain_cell, read_cell
from studyapp.cli import main as studyapp_main
from studyapp.core.judges_file import JudgeLine
from studyapp.errors import ProblemsFoundError
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.services.voting import lifecycle
from studyapp.study.study_file import load_study_file
from tests.conftest import KEY, NOW
from tests.services.voting import cast_all, close

NAMES = (
    *("@home", "=1+1", "+49", "-", "'t Hooft", "''", "'=x", " =x", "\u00a0@x", " lead", "trail "),
    *("\ufeffmark", '"quoted"', 'a,b;c|d\\e"', "\u05d0\u05d1\u05d2", "\u202eevil", "e\u0301", "\u6f22\u5b57"),
    *("\U0001f600", "a\u200bb", "NA", "nan", "null", "1.0", "True", "<b>&amp;</b>"),
)
IN_CI = bool(os.environ.get("CI"))
IDS = ("1.0", "007", "NA", "nan", "null", "1e5", "True")
TEAMS = (*IDS, *(f"t{number}" for number in range(len(NAMES) - len(IDS))))
IMAGES = ("3.0", "NA", "001")


def put(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), value, dtype=np.uint8)).save(path)


@pytest.fixture(scope="module")
def named(tmp_path_factory) -> Path:
    """A closed and exported study whose teams and images are called like this, with two teams out again."""
    root = tmp_path_factory.mktemp("named") / "study"
    teams = [{"id": team, "name": name} for team, name in zip(TEAMS, NAMES, strict=True)]
    root.mkdir()
    (root / "study.yaml").write_text(yaml.safe_dump({"title": "=cmd()", "teams": teams}), encoding="utf-8")
    for image in IMAGES:
        put(root / "input" / f"{image}.png", 1)
        for number, team in enumerate(TEAMS, start=2):
            put(root / "teams" / team / f"{image}.png", number)
    ensure_key(root, key=KEY)
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root)
    cast = [JudgeLine("Jude", "=jude@example.org"), JudgeLine("'June", "+june@example.org")]
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, cast, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "'June")
    close(workspace)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "t3", "its code came late\u200b, =so", now=NOW)
    workspace.database.close()
    exported = CliRunner().invoke(studyapp_main, ["export", str(root)])
    assert exported.exit_code == 0, exported.stderr
    return root


def test_both_verifiers_accept_an_honest_export_whatever_the_names(named):
    for main, folder in ((analysis_main, named / "var" / "exports"), (studyapp_main, named)):
        answer = CliRunner().invoke(main, ["verify", str(folder)])
        assert answer.exit_code == 0, answer.output


def test_the_ranking_holds_every_name_as_a_cell_that_no_spreadsheet_runs(named):
    with (named / "var" / "exports" / "ranking.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = {row["team"]: row["name"] for row in csv.DictReader(file)}
    names = dict(zip(TEAMS, NAMES, strict=True))
    names.pop("t3")
    assert {team: read_cell(cell) for team, cell in cells.items()} == names
    assert not [cell for cell in cells.values() if cell.strip().startswith(("=", "+", "-", "@"))]


def converted(out: Path, sources: Iterable[Path], *options: str) -> None:
    """Open files in LibreOffice and save their sheets as CSV, formulas as formulas, numbers in full."""
    soffice = ["soffice", "--headless", f"-env:UserInstallation={(out / 'profile').as_uri()}", *options]
    sheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,true,false,-1"
    command = [*soffice, "--convert-to", sheets, "--outdir", str(out), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def the_same(ours: str, theirs: str, type_: str) -> bool:
    """Whether a spreadsheet, which keeps 15 digits of a number, shows what is in our cell."""
    if type_ in ("number", "integer") and ours != theirs:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-13)
    # LibreOffice writes a truth value that no formula made like one, where formulas are shown.
    return theirs == (f"={ours.upper()}()" if type_ == "boolean" and ours else printable_lines(ours))


def guessed(ours: str, theirs: str) -> bool:
    """Whether a cell that was read from a CSV file has our letters, or our number."""
    if ours.casefold() == theirs.casefold():
        return True
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-13)
    except ValueError:
        return False


@pytest.mark.skipif(not (IN_CI or shutil.which("soffice")), reason="LibreOffice is not installed")
def test_libreoffice_reads_every_table(named, tmp_path):
    exports = named / "var" / "exports"
    converted(tmp_path, [exports / "tables.xlsx"])
    for table in exports.glob("*.csv"):
        ours, theirs = rows_of(table), rows_of(tmp_path / f"tables-{table.stem}.csv")
        types = [described(table.name, name).type for name in ours[0]]
        assert theirs[0] == ours[0]
        for mine, found in zip(ours[1:], theirs[1:], strict=True):
            pairs = zip(mine, found, types, strict=True)
            assert [pair for pair in pairs if not the_same(*pair)] == [], table.name
    # A CSV file says nothing of types, so a spreadsheet guesses: 007 becomes a 7, but nothing a formula.
    converted(tmp_path, exports.glob("*.csv"), "--infilter=CSV:44,34,76,1")
    for table in exports.glob("*.csv"):
        ours, theirs = rows_of(table), rows_of(tmp_path / f"{table.stem}-{table.stem}.csv")
        for mine, found in zip(ours, theirs, strict=True):
            pairs = zip(mine, found, strict=True)
            assert [pair for pair in pairs if not guessed(*pair)] == [], table.name


def test_only_csv_is_written_for_spreadsheets(named):
    answer = CliRunner().invoke(studyapp_main, ["rank", str(named), "--format", "json"])
    assert "@home" in {row["name"] for row in json.loads(answer.stdout)["ranking"]}


@given(st.text())
@example("'")
@example("\u2003=1")
def test_a_cell_gives_its_text_back_and_is_no_formula(text):
    cell = plain_cell(text)
    assert read_cell(cell) == text
    assert not cell.strip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("two\nlines", "line break at character 4"),
        ("two\u2028lines", "line break at character 4"),
        ("bell\x07", "control character, U+0007, at character 5"),
        ("\x9b31m", "control character, U+009B"),
        ("\ud800", "control character, U+D800"),
        (" \u200b", "can be seen"),
    ],
)
@pytest.mark.parametrize("where", ["title", "name", "member"])
def test_what_no_line_can_hold_is_refused_at_the_door(where, name, words, tmp_path):
    team = {
        "id": "a",
        "name": name if where == "name" else "A",
        "members": [name if where == "member" else "M"],
    }
    study = {"title": name if where == "title" else "T", "teams": [team, {"id": "b", "name": "B"}]}
    study["protocol"] = {"places": 1, "points": [1]}
    # JSON is YAML, and writes every sign as an escape.
    (tmp_path / "study.yaml").write_text(json.dumps(study), encoding="ascii")
    with pytest.raises(ProblemsFoundError) as found:
        load_study_file(tmp_path / "study.yaml")
    assert words in str(found.value)
    assert str(found.value).replace("\n", "").isprintable()
