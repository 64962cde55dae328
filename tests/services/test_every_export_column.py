"""Every column of every table of an export is changed, with a manifest to fit: who notices what?

What nobody can notice stands in docs/ledger.md, and nothing else does: a new column fails here until somebody
decides.
"""

import codecs
import csv
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from frictionless import Package
from openpyxl import load_workbook
from sqlalchemy.engine import make_url

from analysis.cli import main
from analysis.study_notes import StudyNotes
from analysis.verify import Replay, export_findings, ranking, read_record
from studyapp.core.reasons import Reason
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.results.anonymous_export import _without_names, anonymous_export
from studyapp.services.results.exports import _csv, export_study
from studyapp.services.results.ranking import rank_study
from tests.services.joined import closed_joined_study
from tests.services.test_looking_tables import leave, looked, trial_of
from tests.services.test_reasons import say
from tests.services.voting import picked, save_ballot

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
TABLES = (
    "columns.csv", "conditions.csv", "design.csv", "looking.csv", "looking_maps.csv", "measures.csv",
    "paired.csv", "points.csv", "ranking.csv", "reasons.csv", "scores.csv", "votes.csv",
)  # fmt: skip
MORE = "simulated: true\nviewing: {eyes: exported}\nstated: {place: own, acuity_test: false}\n"
ROWS = "rows"
OPPOSITE = {"True": "False", "False": "True", "yes": "no", "no": "yes"}
Rows = list[dict[str, str]]


def remarks(workspace: Workspace) -> None:
    said = Reason(
        slot=2,
        region="Hair",
        rect=(1, 2, 30, 20),
        attribute="Noise",
        direction="worse",
        severity=2,
        text="=soft",
    )
    for name in ("Jude", "June"):
        say(workspace, name, said)
        trial, judge = trial_of(workspace, name, 2)
        for base, seconds in ((4, 2.5), (5, 1.5)):
            more = {"reasons": (said,), "looking": looked("a", seconds)}
            given = picked(judge, trial, f"{name}-looked-{base}", base, (1, 2, 4), **more)
            with workspace.database.writing() as session:
                save_ballot(session, given)
        leave(workspace, name, looked("b", 4.0))


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """The export of a study with everything that can be in a table, on simulated votes."""
    root = closed_joined_study(
        tmp_path_factory.mktemp("columns") / "study", more=MORE, before_closing=remarks
    )
    workspace = open_workspace(root, url=make_url(f"sqlite:///{root}/var/study.db"))
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    workspace.database.close()
    return workspace.folders.exports


@pytest.fixture
def folder(exported, tmp_path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "export"))


def read(path: Path) -> tuple[list[str], Rows]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file)
        return list(table.fieldnames or ()), list(table)


def write(path: Path, names: list[str], rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    manifest = path.with_name("manifest.json")
    content = json.loads(manifest.read_text())
    content["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content))


def other(text: str) -> str:
    """Return another value of the same kind, close by: what is barely to be seen has to be noticed, too."""
    if text in OPPOSITE:
        return OPPOSITE[text]
    try:
        return repr(float(text) * 1.001 + 0.001)
    except ValueError:
        return f"{text}x" if text else "1"


def misfits(folder: Path) -> list[str]:
    return [item.message for item in export_findings(folder) if item.verdict == "wrong"]


def noticed(path: Path, change: Callable[[Rows], object]) -> bool:
    """Whether a change of the rows is found; the file is put back."""
    kept = {file: file.read_bytes() for file in (path, path.with_name("manifest.json"))}
    names, rows = read(path)
    change(rows)
    write(path, names, rows)
    try:
        return any(item.verdict == "wrong" for item in export_findings(path.parent))
    finally:
        for file, data in kept.items():
            file.write_bytes(data)


def listed() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]*) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", cell)) for name, cell in rows if name.endswith(".csv")}


def test_the_export_is_honest_and_has_these_tables(exported):
    assert misfits(exported) == []
    assert tuple(sorted(path.name for path in exported.glob("*.csv"))) == TABLES
    assert set(listed()) <= set(TABLES)


@pytest.fixture
def ranked_once(folder, monkeypatch) -> None:
    """Compute once what the ledger makes of the ranking, for changes of files that are compared with it."""
    record = read_record(folder)
    expected = ranking._expected(Replay(record, record.opening), folder)
    monkeypatch.setattr(ranking, "_expected", lambda *_: expected)


@pytest.mark.parametrize("name", TABLES)
def test_what_nobody_notices_is_what_the_page_lists(name, folder, request):
    if name == ranking.RANKING:
        request.getfixturevalue("ranked_once")
    path, free = folder / name, listed().get(name, set())
    names, _ = read(path)
    assert free <= {*names, ROWS}

    def change(*columns: str) -> Callable[[Rows], object]:
        return lambda rows: rows[-1].update({column: other(rows[-1][column]) for column in columns})

    unnoticed = {column for column in names if column not in free and not noticed(path, change(column))}
    if ROWS not in free and not noticed(path, lambda rows: rows.pop()):
        unnoticed.add(ROWS)
    assert unnoticed == set()
    # All that is free at once, which is quicker than one by one and as strict.
    assert not noticed(path, change(*(free - {ROWS})))
    assert ROWS not in free or not noticed(path, lambda rows: rows.pop())


def test_evidence_of_looking_is_that_of_its_ballots(folder):
    path = folder / "looking.jsonl"
    lines = path.read_text().splitlines()
    first = json.loads(lines[0])
    first["looking"]["seconds"] = 3.0
    stranger = json.loads(lines[0]) | {"sequence": 1}
    for changed, words in (
        ([json.dumps(first), *lines[1:]], "does not match its hash in the ledger"),
        (lines[1:], "lacks the evidence of judge01"),
        ([*lines, json.dumps(stranger)], "has evidence of judge01, event 1, but the ledger names none"),
        ([*lines, lines[0]], "appears twice"),
    ):
        path.write_text("\n".join(changed) + "\n")
        assert any(words in message for message in misfits(folder)), words


def test_intervals_come_from_the_votes_and_the_seed_in_the_ledger(folder):
    """Not from votes.csv of the same export: both changed alike are noticed."""
    names, rows = read(folder / "ranking.csv")
    for row in rows:
        row["final_low"] = "0.0"
    write(folder / "ranking.csv", names, rows)
    assert any("final_low is 0.0, but the ledger gives" in message for message in misfits(folder))


@pytest.mark.usefixtures("ranked_once")
@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("ranking.tex", r"& \d+\.\d\d & \{\}\[(\d+\.\d\d), "),
        ("report.html", r"<td>(\d+\.\d\d)\xa0to"),
        ("summary.html", r"<td>(\d+\.\d\d)\xa0to"),
    ],
)
def test_a_printed_interval_is_that_of_the_ledger(folder, name, row):
    """A paper copies the table, not the CSV; the manifest is made to fit."""
    path = folder / name
    whole = path.read_text(encoding="utf-8")
    found = re.search(row, whole)
    assert found
    for change, noticed_by_the_table in ((0.01, True), (0.0, False)):
        low = f"{float(found[1]) + change:.2f}"
        path.write_text(whole[: found.start(1)] + low + whole[found.end(1) :], encoding="utf-8")
        told = [message for message in misfits(folder) if message.startswith(f"{name}, row 1 of the ranking")]
        assert bool(told) is noticed_by_the_table


def test_the_notes_say_what_the_ranking_does_not(exported):
    """Everywhere: in the notes, on the page, in the LaTeX caption (and the PDF, made of the page's parts)."""
    notes = json.loads((exported / "notes.json").read_text(encoding="utf-8"))
    awards = "every team gets an award: there are 6 awards, and 4 teams with a rank"
    apart = "no two teams can be told apart"
    assert notes["conclusions"][0] == awards
    assert any(line.startswith(apart) for line in notes["conclusions"])
    for name in ("report.html", "ranking.tex"):
        text = (exported / name).read_text(encoding="utf-8")
        assert awards in text
        assert apart in text
    page = (exported / "report.html").read_text(encoding="utf-8")
    assert "other rules would change says nothing here" in page
    assert "Changes among the first" not in page


def test_what_is_stated_is_declared_as_the_organisers_word_and_that_nobody_judged(exported, tmp_path):
    told = json.loads((exported / "compliance.json").read_text(encoding="utf-8"))
    assert told["simulated"] is True
    report = {item["about"]: (item["value"], item["source"]) for item in told["to_report"]}
    assert report["Environment: place"] == ("own", "stated by the organisers, not measured")
    assert report["Environment: screens"][0].startswith(
        "2 of 2 judges' browsers described the screen; size: "
    )
    (tmp_path / "later.yaml").write_text("stated: {acuity_test: Snellen chart}")
    asked = ["compliance", str(exported), "--stated", str(tmp_path / "later.yaml")]
    done = CliRunner().invoke(main, asked)
    assert "Snellen chart; stated by the organisers, not measured" in done.stdout
    assert ",own\n" in done.stdout


def test_every_column_of_every_table_is_described_in_it(exported):
    _, rows = read(exported / "columns.csv")
    told = {name: [row["column"] for row in rows if row["table"] == name] for name in TABLES}
    assert told == {name: read(exported / name)[0] for name in TABLES}
    assert all(row["title"] and row["meaning"] for row in rows)


def test_the_data_package_is_valid_and_its_types_are_those_of_the_values(exported):
    package = Package(str(exported / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])
    assert tuple(sorted(resource.path or "" for resource in package.resources)) == TABLES
    fields = {field.name: field for field in package.get_resource("votes").schema.fields}
    assert (fields["slot"].type, fields["seconds"].type, fields["judge"].type) == (
        "integer",
        "number",
        "string",
    )
    assert package.to_dict()["notes"] == told_first(exported)
    whole = (exported / "votes.csv").read_bytes()
    assert whole.startswith(codecs.BOM_UTF8)


def test_whole_numbers_stay_whole_beside_empty_cells():
    measured = pd.DataFrame({"team": ["a", "b"], "images": [5.0, None], "time_ms": [2.0, None]})
    assert _csv(measured, "measures.csv") == codecs.BOM_UTF8 + b"team,images,time_ms\na,5,2.0\nb,,\n"
    odd = pd.DataFrame({"depth": [24.5, float("inf"), None]})
    assert _csv(odd, "conditions.csv") == codecs.BOM_UTF8 + b'depth\n24.5\ninf\n""\n'


def told_first(folder: Path) -> list[str]:
    notes = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
    return [*notes["lines"], *notes["conclusions"]]


def test_the_workbook_has_what_the_tables_have_and_computes_nothing(exported):
    book = load_workbook(exported / "tables.xlsx")
    assert book.sheetnames == ["about", *(name.removesuffix(".csv") for name in TABLES)]
    told = [row[1] for row in book["about"].values if row[0] == "note"]
    assert told == told_first(exported)
    for name in TABLES:
        sheet = book[name.removesuffix(".csv")]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "b"}, name
        names, rows = read(exported / name)
        assert [cell.value for cell in sheet[1]] == names
        for row, line in zip(rows, sheet.iter_rows(min_row=2, values_only=True), strict=True):
            assert all(same(cell, row[key]) for cell, key in zip(line, names, strict=True)), (name, line)


def same(cell: object, text: str) -> bool:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell == pytest.approx(float(text), rel=1e-15)
    return text == ("" if cell is None else str(cell))


def test_the_readme_says_what_every_file_is_and_what_to_know_first(exported):
    text = (exported / "README.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, flags=re.MULTILINE))
    assert set(said) == {path.name for path in exported.iterdir()}
    assert all(said.values())
    assert all(f"- {note}" in text for note in told_first(exported))
    assert "every answer here is simulated" in text


def test_the_anonymous_copy_gives_the_same_points_and_no_judge_away(exported, tmp_path):
    kept = {"votes.csv", "design.csv", "looking.csv", "reasons.csv", "ranking.csv", "notes.json", "README.md"}
    dropped = {
        "ranking.tex",
        "conditions.csv",
        "ledger.jsonl",
        "opening.json",
        "report.html",
        "reasons.jsonl",
    }
    numbers = {row["judge"] for row in read(exported / "design.csv")[1]}
    trials = {row["trial"] for row in read(exported / "design.csv")[1]}
    files = anonymous_export(exported, tmp_path / "copy", title="Spring", simulated=True)
    there = {path.name for path in files}
    assert kept <= there
    assert not dropped & there
    for path in files:
        parts = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name) for name in book.namelist()]
        text = b"".join(parts).decode()
        assert not [word for word in numbers | trials | {"=soft"} if word in text], path.name
    names, rows = read(tmp_path / "copy" / "votes.csv")
    assert "at" not in names
    codes = [row["judge"] for row in rows]
    assert codes == sorted(codes)
    assert len(set(codes)) == 2
    of_both = [
        CliRunner().invoke(main, ["points", str(folder / "votes.csv")]).stdout
        for folder in (exported, tmp_path / "copy")
    ]
    assert of_both[0] == of_both[1] != ""
    assert Package(str(tmp_path / "copy" / "datapackage.json")).validate().valid
    readme = (tmp_path / "copy" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \|", readme, flags=re.MULTILINE)) == there
    assert "publish this copy or that, not both" in readme


def test_notes_of_the_anonymous_copy_name_no_judge():
    notes = StudyNotes(
        lines=(
            "judge03 is withdrawn (2026-03-01): Mia fell ill",
            "Owls is disqualified (2026-03-02): copied",
        ),
        withdrawn=("judge03",),
        conflicts={"judge01": ("team02",)},
        conclusions=("without judge01 another team is first",),
    )
    told = _without_names(notes, {"judge01": "person02"})
    assert told.lines == ("a judge is withdrawn (2026-03-01)", "Owls is disqualified (2026-03-02): copied")
    assert told.conclusions == ("without person02 another team is first",)
    assert (told.withdrawn, dict(told.conflicts)) == (("a judge",), {"person02": ("team02",)})


@pytest.mark.parametrize("command", ["rank", "audit"])
@pytest.mark.parametrize("name", ["points.csv", "ranking.csv"])
def test_an_exports_own_tables_are_read_by_the_commands(exported, command, name):
    done = CliRunner().invoke(main, [command, str(exported / name)])
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) > 1


def test_points_are_ranked_through_a_pipe_and_a_misspelt_column_is_named(exported):
    points = CliRunner().invoke(main, ["points", str(exported / "votes.csv")]).stdout
    ranked = CliRunner().invoke(main, ["rank", "-"], input=points)
    assert ranked.exit_code == 0, ranked.stderr
    direct = CliRunner().invoke(main, ["rank", str(exported / "points.csv")])
    assert ranked.stdout == direct.stdout
    misspelt = CliRunner().invoke(main, ["rank", "-"], input=points.replace("team,", "taem,", 1))
    assert (misspelt.exit_code, "did you mean 'team'?" in misspelt.stderr) == (2, True)
