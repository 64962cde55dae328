"""From answers of each table to ranking, export, report and proof; on real files and a real database."""

import csv
import json
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from frictionless import Package
from openpyxl import load_workbook

from analysis.cli import main
from analysis.errors import InputWarning
from analysis.exchange.forms import FORMS
from analysis.report.blocks import Pictures, texts_of
from analysis.rule_files import read_rule_file
from analysis.user_study.read import read_answers, user_study
from analysis.verify import verify_export, verify_folder
from analysis.verify.record import MisfitError, read_record
from analysis.verify.replay import Replay
from analysis.verify.results import check_answers, check_scores
from studyapp.app import create_app
from studyapp.cli import main as studyapp
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from studyapp.services.publishing.settings import Choice
from studyapp.services.results.anonymous_export import anonymous_copy
from studyapp.services.results.exports import export_study
from studyapp.services.results.other_forms import WrittenForm, write_forms
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.team_sheets import team_sheets
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import lifecycle
from studyapp.services.voting.drawing import Drawer
from studyapp.web.published import publish
from tests.accounts import owner_token
from tests.asked import add_controls, answer_all, ask
from tests.conftest import IMAGES, NOW
from tests.hidden import add_checks
from tests.services.voting import close

CHECKS = 'checks: {repeats: ["001"], golden: ["002"]}\n'
JUDGES = tuple(
    JudgeLine(name, f"{name.lower()}@example.org", test=name == "Tess")
    for name in ("Jude", "June", "Jack", "Jane", "Tess")
)
# Three judges make 21 comparisons of 6 pairs of teams, which cannot all meet equally often.
ADAPTIVE = "kind: pairwise, design: adaptive, pairs_per_judge: 7, identical: 1"
TABLES = {
    "pairwise": "pairs",
    ADAPTIVE: "pairs",
    "ranking": "votes",
    "acr_hr": "ratings",
    "slider": "ratings",
}
FILES = {
    "votes": ("votes.csv", "points.csv", {"points", "s3", "s3_low", "s3n"}),
    "pairs": ("pairs.csv", "worths.csv", {"bt", "bt_low", "bt_high", "win_share", "win_share_low"}),
    "ratings": ("ratings.csv", "opinions.csv", {"mos", "mos_low", "mos_high", "dmos", "dmos_low"}),
}
SCALES = {"slider": ("--scale", "0,100")}


@pytest.fixture(scope="module")
def equipped(tiled_folder, tmp_path_factory) -> Path:
    """Return the tiled study with references, anchors and a golden candidate; copy it."""
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("results") / "study"))
    add_controls(root)
    add_checks(root, "")
    return root


@pytest.fixture(scope="module", params=TABLES, ids=lambda kind: "adaptive" if kind == ADAPTIVE else kind)
def closed(request, equipped, tmp_path_factory) -> tuple[str, Path]:
    """Return the kind and folder of a study that judges answered, closed and exported; copy it."""
    folder = Path(shutil.copytree(equipped, tmp_path_factory.mktemp("closed") / "study"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        ask(folder, request.param, CHECKS)
        workspace = open_workspace(folder)
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, JUDGES, now=NOW)
            studies.open_study(session, now=NOW)
        if request.param == ADAPTIVE:
            Drawer(workspace).draw_all(now=NOW)
        answer_all(workspace, noise=1.5)
        close(workspace)
        with workspace.database.writing() as session:
            lifecycle.withdraw_judge(session, "jane@example.org", "did not look", now=NOW)
        export(workspace)
        workspace.database.close()
    return request.param, folder


def export(workspace) -> None:
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))


@pytest.fixture
def exported(closed, tmp_path) -> tuple[str, Path]:
    kind, folder = closed
    return TABLES[kind], Path(shutil.copytree(folder / "var" / "exports", tmp_path / "export"))


def misfits(folder: Path) -> dict[str, str]:
    return {item.check: item.message for item in verify_export(folder) if item.verdict == "wrong"}


def test_everything_is_exported_and_both_verifiers_find_that_it_fits(closed, monkeypatch):
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace)
    workspace.database.close()
    assert {item.check: item.message for item in findings if item.verdict == "wrong"} == {}
    answers, scores, columns = FILES[TABLES[kind]]
    there = {path.name for path in workspace.folders.exports.iterdir()}
    assert {answers, scores, "design.csv", "ranking.csv", "report.html", "report.pdf", "ranking.tex"} <= there
    assert "incomplete.txt" not in there  # no part of the report failed
    assert columns <= set(pd.read_csv(workspace.folders.exports / "ranking.csv"))
    described = Package(str(workspace.folders.exports / "datapackage.json")).validate()
    assert described.valid, described.flatten(["name", "rowNumber", "fieldName", "note"])
    told = {item.check for item in findings if item.check.startswith("export: ")}
    assert {f"export: {answers}", f"export: {scores}", "export: ranking.csv"} <= told


def test_each_team_has_a_sheet_that_names_nobody_else(closed, monkeypatch):
    """With its images, whatever judges were asked; who was withdrawn and why is told of nobody."""
    _, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.reading() as session:
        sheets = team_sheets(session, workspace, names=False)
    workspace.database.close()
    for sheet in sheets:
        document = sheet.document()
        assert sheet.problems == []
        assert [section.title for section in document.sections] == [
            "Your place",
            "Your images",
            "How to read this",
        ]
        assert sum(isinstance(block, Pictures) for block in document.sections[1].blocks) == 2
        text = "\n".join(texts_of(document))
        others = [name for team, name in sheet.teams.items() if team != sheet.team]
        assert not any(name in text for name in others)
        assert not re.search(r"judge\d|Jane|did not look", text)
        assert any(note.startswith("a judge is withdrawn (") for note in document.notes)
        assert document.summary[0].startswith("Rank ")


def test_the_ranking_follows_from_the_answers_that_count_alone(closed, monkeypatch):
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    exports = folder / "var" / "exports"
    answers, scores, _ = FILES[TABLES[kind]]
    table = pd.read_csv(exports / answers)
    assert set(table["judge"]) == {"judge01", "judge02", "judge03"}  # Jane is withdrawn, Tess is a test judge
    assert {"main", "repeat", "golden"} <= set(table["kind"])
    if kind in ("acr_hr", "slider"):
        assert "reference" in set(table["team"])
    assert "practice" not in set(table["kind"])
    ranking = pd.read_csv(exports / "ranking.csv")
    assert ranking["team"].is_unique
    assert set(ranking["team"]) == {"team01", "team02", "team03", "team04"}
    printed = CliRunner().invoke(studyapp, ["rank", str(folder), "--format", "json"])
    assert printed.exit_code == 0
    assert [row["team"] for row in json.loads(printed.stdout)["ranking"]] == ranking["team"].tolist()
    assert f"3 judges, {len(IMAGES)} images" in printed.stderr
    rule = str(exports / "rule.json")
    scale = SCALES.get(kind, ())
    drawn = CliRunner().invoke(
        main, ["bootstrap", str(exports / answers), "--rule", rule, "--seed", "7", *scale]
    )
    found = pd.read_csv(exports / "ranking.csv", dtype=str).set_index("team")
    rows = {row["team"]: row for row in csv.DictReader(drawn.stdout.splitlines())}
    for team, row in rows.items():
        for end in ("final", "final_low", "final_high"):
            assert float(row[end]) == pytest.approx(float(found.loc[team, end]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # of equal places
        given = read_answers(exports / answers, scale=(0, 100) if scale else None)
    alone = user_study(given, read_rule_file(exports / "rule.json")).scores_table()
    assert alone["team"].tolist() == pd.read_csv(exports / scores)["team"].tolist()


def test_a_study_of_any_kind_becomes_a_site(closed, tmp_path, monkeypatch):
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    files = sorted(path for path in (folder / "var" / "exports").iterdir() if path.is_file())
    shutil.copytree(folder / "var" / "exports", folder / "var" / "public", dirs_exist_ok=True)
    public = [folder / "var" / "public" / path.name for path in files]
    monkeypatch.setattr(publish, "public_export", lambda *_: public)
    workspace = open_workspace(folder)
    out = tmp_path / "out"
    with workspace.database.reading() as session:
        publish.publish_study(session, workspace, out, Choice(), progress=lambda *_: None)
    workspace.database.close()
    assert [item.message for item in verify_folder(out) if item.verdict == "wrong"] == []
    page = (out / "images" / "1" / "index.html").read_text()
    data = json.loads(re.search(r'id="published">(.*?)</script>', page, re.DOTALL)[1])
    assert {one["team"] for one in data["candidates"]} == {"team01", "team02", "team03", "team04"}
    assert [one["rank"] for one in data["candidates"]] == [1, 2, 3, 4]
    assert all(one["score"] is not None and "n " in one["score_text"] for one in data["candidates"])
    assert (data["reference"] is not None) == (kind == "dcr")
    answers = (out / "images" / "1" / "answers.html").read_text()
    assert "judge01" in answers
    assert "judge04" not in answers, "withdrawn"


def edited(name: str, change: Callable[[list[dict[str, str]]], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        change(rows)
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return apply


def other_answer(rows: list[dict[str, str]]) -> None:
    row = next(row for row in rows if row["kind"] == "main")
    name = next(name for name in ("answer", "score", "rank") if name in row)
    row[name] = {"a": "b", "b": "a", "tie": "a", "bad": "a"}.get(
        row[name], "2" if row[name][:1] != "2" else "3"
    )


def more(column: str) -> Callable[[list[dict[str, str]]], None]:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0][column] = str(float(rows[0][column]) + 0.01)

    return change


LEADS = {"votes": "s3", "pairs": "bt", "ratings": "mos"}


@pytest.mark.parametrize("what", ["answers", "a row", "scores", "ranking", "interval"])
def test_whatever_is_changed_in_the_export_is_named(exported, what):
    table, folder = exported
    answers, scores, _ = FILES[table]
    lead = LEADS[table]
    change, named = {
        "answers": (edited(answers, other_answer), answers),
        "a row": (edited(answers, lambda rows: rows.pop()), answers),
        "scores": (edited(scores, more(lead)), scores),
        "ranking": (edited("ranking.csv", more(lead)), "ranking.csv"),
        "interval": (edited("ranking.csv", more("final_low")), "ranking.csv"),
    }[what]
    change(folder)
    found = misfits(folder)
    assert named in found
    assert set(found) == {named, "manifest"}


def test_a_disqualified_team_is_in_no_answer_and_the_others_are_ranked(closed, tmp_path, monkeypatch):
    _, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = Path(shutil.copytree(folder, tmp_path / "study"))
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team03", "used the test images", now=NOW)
    with workspace.database.reading() as session:
        result = rank_study(session, workspace)
    workspace.database.close()
    assert sorted(result.table["team"]) == ["team01", "team02", "team04"]
    shown = result.user.answers.table
    named = {team for name in ("team", "team_a", "team_b") if name in shown for team in shown[name]}
    assert "team03" not in named
    assert any("Third eye is disqualified" in note for note in result.notes)


def test_the_report_has_the_parts_of_its_table(closed):
    kind, folder = closed
    text = (folder / "var" / "exports" / "report.html").read_text(encoding="utf-8")
    heads = re.findall(r"<h2>\d+\. (.*?)</h2>", text)
    assert set(PARTS[TABLES[kind]]) <= set(heads)


PARTS = {
    "pairs": (
        "Final ranking",
        "Which team was preferred?",
        "Do the comparisons agree?",
        "Left and right",
    ),
    "ratings": ("Final ranking", "Opinion scores", "Do the judges agree?", "Judges worth a second look"),
    "votes": ("Final ranking", "Where the points come from", "Do the judges agree?"),
}


OTHER_FORMS = {
    "pairs": ("arena", ["judge", "image", "team_a", "team_b", "answer"], "raters"),
    "ratings": ("raters", ["judge", "image", "team", "score"], "arena"),
    "votes": ("ranking-matrix", ["judge", "image", "team", "rank"], "arena"),
}
"""By table: a form of another tool, what it holds, and a form of another table."""


def test_the_declaration_follows_from_the_export(closed):
    kind, folder = closed
    exports = folder / "var" / "exports"
    told = json.loads((exports / "compliance.json").read_text(encoding="utf-8"))
    done = CliRunner().invoke(main, ["compliance", str(folder), "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, told), done.output
    assert (told["observers"], told["informal"]) == (3, True)
    report = {item["about"]: item["value"] for item in told["to_report"]}
    assert report["Subjects: not counted"] == "judge04: did not look; 1 test judge"
    assert report["Test design: training"].endswith("answered by 3 of 3 judges")
    hidden = report["Test design: hidden trials"]
    assert "1 image of repeats; 1 image of golden" in hidden
    assert "3 repeats answered" in hidden
    assert ("1 per judge with two identical images" in hidden) is (TABLES[kind] == "pairs")
    page = (exports / "report.html").read_text(encoding="utf-8")
    assert "in the words of ITU-R BT.500-15" in page
    for name, points in told["declarations"].items():
        assert f"<td>{name}</td><td>{points['summary']}</td>" in page


def test_answers_are_printed_in_the_form_of_another_tool_and_come_back(closed, tmp_path, monkeypatch):
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    form, same, stranger = OTHER_FORMS[TABLES[kind]]

    def printed(*options: str):
        return CliRunner().invoke(studyapp, ["export", str(folder), "--as", *options])

    if TABLES[kind] != "votes":
        assert "the format has no trials that do not count; use --leave-out" in printed(form).output
    found = printed(form, "--leave-out")
    assert found.exit_code == 0, found.output
    assert "is withdrawn" in found.stderr
    (tmp_path / "theirs").write_text(found.stdout, encoding="utf-8")
    back = CliRunner().invoke(main, ["convert", str(tmp_path / "theirs"), "--from", form])
    (tmp_path / "ours.csv").write_text(back.stdout, encoding="utf-8")
    tables = []
    for path in (tmp_path / "ours.csv", folder / "var" / "exports" / FILES[TABLES[kind]][0]):
        table = pd.read_csv(path, keep_default_na=False, dtype={"judge": str, "image": str})
        main_trials = table[table["kind"] == "main"] if "kind" in table else table
        tables.append(sorted(map(tuple, main_trials[same].to_numpy())))
    assert tables[0] == tables[1]
    assert f"{stranger} is a format for " in printed(stranger).output
    assert "'codabenhc' is not a form: did you mean 'codabench'?" in printed("codabenhc").output
    scores = json.loads(printed("codabench", "--team", "team02").stdout)
    ranking = pd.read_csv(folder / "var" / "exports" / "ranking.csv").set_index("team")
    assert scores["rank"] == ranking.loc["team02", "rank"]
    assert CliRunner().invoke(studyapp, ["export", str(folder), "--team", "team02"]).exit_code == 2


def test_an_export_its_anonymous_copy_and_the_other_formats_explain_themselves(closed, tmp_path, monkeypatch):
    """Every file is named, every column explained, and what happened to the study is told in each form."""
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    folders = workspace.folders
    with workspace.database.reading() as session:
        anonymous_copy(session, workspace)
        written = write_forms(session, workspace)
    workspace.database.close()
    for place, told in (
        (folders.exports, r"judge04 is withdrawn \(.*did not look"),
        (folders.anonymous, r"person\d\d is withdrawn \([\d-]+\)(?!:)"),
    ):
        readme = (place / "README.md").read_text(encoding="utf-8")
        said = dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", readme, flags=re.MULTILINE))
        assert set(said) == {path.name for path in place.iterdir()}
        package = json.loads((place / "datapackage.json").read_text(encoding="utf-8"))
        columns = pd.read_csv(place / "columns.csv", dtype=str, keep_default_na=False)
        for resource in package["resources"]:
            names = list(pd.read_csv(place / resource["path"], nrows=0))
            assert [field["name"] for field in resource["schema"]["fields"]] == names
            assert columns["column"][columns["table"] == resource["path"]].tolist() == names
        tables = {path.name for path in place.glob("*.csv")}
        assert {resource["path"] for resource in package["resources"]} == tables
        fields = [field for resource in package["resources"] for field in resource["schema"]["fields"]]
        meanings = [field["description"] for field in fields]
        explained = [*said.values(), *columns["title"], *columns["meaning"], *meanings]
        explained += [resource["description"] for resource in package["resources"]]
        assert all(text.strip() for text in explained)
        alone = [text for text in meanings if re.match(r"(its|their|the same|the other)\b", text)]
        assert alone == [], "each meaning stands alone in datapackage.json"
        about = load_workbook(place / "tables.xlsx", read_only=True)["about"].values
        notes = [str(row[1]) for row in about if row[0] == "note"]
        for text in (readme, *package["notes"][:1], *notes[:1], (place / "notes.json").read_text()):
            assert re.search(told, text)
    for name in ("report.html", "summary.html", "ranking.tex", "compliance.md"):
        text = (folders.exports / name).read_text(encoding="utf-8")
        assert re.search(r"judge04\b.{0,40}(is withdrawn|did not look)", text, re.DOTALL), name
    readme = (folders.forms / "README.md").read_text(encoding="utf-8")
    assert "judge04 is withdrawn" in readme
    ours = pd.read_csv(folders.exports / FILES[TABLES[kind]][0], dtype=str)
    assert {one.form for one in written} == {
        name for name, form in FORMS.items() if form.table in (TABLES[kind], "scores")
    }
    for one in written:
        assert f"| {one.form} | {FORMS[one.form].says} |" in readme
        assert one.files, one
        read = FORMS[one.form].read
        if one.form == "codabench" or read is None:
            continue
        back = read((folders.forms / one.files[0]).read_bytes())
        counted = back[back["kind"] == "main"] if "kind" in back else back
        assert len(counted) == expected_rows(one, ours), one


def expected_rows(one: WrittenForm, ours: pd.DataFrame) -> int:
    """How many rows of answers that count a form has to give back."""
    rows = ours[ours["kind"] == "main"]
    if one.form in ("form", "wide"):  # which have one team for each place
        placed = rows[rows["rank"].notna()]
        ties = placed[placed.duplicated(["judge", "image", "rank"])]
        tied = pd.MultiIndex.from_frame(ties[["judge", "image"]])
        rows = placed[~pd.MultiIndex.from_frame(placed[["judge", "image"]]).isin(tied)]
        return len(rows.drop_duplicates(["judge", "image"]) if one.form == "form" else rows)
    if one.form == "picks":
        return int(rows["rank"].notna().sum())
    if one.form == "pwcmp":
        return int(rows["answer"].isin(["a", "b"]).sum())
    return len(rows)


def test_the_organisers_pages_show_the_scores_of_the_table(closed, tmp_path, monkeypatch):
    kind, folder = closed
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = Path(shutil.copytree(folder, tmp_path / "study"))
    workspace = open_workspace(folder)
    workspace.database.close()
    token = owner_token(folder)
    app = create_app(folder)
    client = app.test_client()
    client.get(f"/o/{token}")
    overview = client.get("/console").get_data(as_text=True)
    assert f"<dt>Protocol</dt><dd>{'pairwise' if kind == ADAPTIVE else kind}</dd>" in overview
    page = client.get("/console/ranking").get_data(as_text=True)
    app.extensions["studyapp"].workspace.database.close()
    head = page[page.index("<thead>") : page.index("</thead>")]
    heads = [title for title in re.findall(r"<th[^>]*>([^<]*)", head) if title]
    named = {
        "votes": ["Points", "S3", "S3n"],
        "pairs": ["Win share", "Bradley-Terry"],
        "ratings": ["MOS", "DMOS"],
    }
    assert heads == ["Rank", "Name", "Final", "Group", "Award", *named[TABLES[kind]]]
    assert re.search(r"<td class=\"number\">-?[\d.]+ \[-?[\d.]+, -?[\d.]+\]</td>", page)
    assert "known-worse" not in page
    assert {"votes": "S3, mean", "pairs": "Bradley-Terry, log", "ratings": "MOS, mean"}[TABLES[kind]] in page
    assert "bootstrap resamples of judges and images, seed" in page
    report = (folder / "var" / "exports" / "report.html").read_text(encoding="utf-8")
    for text in (page, report):
        assert ("win share depends on whom a team met" in text) == (kind == ADAPTIVE)


def test_the_verifier_speaks_for_every_column_of_answers_and_scores(exported):
    table, folder = exported
    answers, scores, _ = FILES[table]
    record = read_record(folder)
    replay = Replay(record, record.opening)
    for name, check in ((answers, check_answers), (scores, check_scores)):
        check(replay, folder)
        whole = (folder / name).read_bytes()
        with (folder / name).open(newline="", encoding="utf-8-sig") as file:
            columns = csv.DictReader(file).fieldnames
        for column in columns:
            edited(name, lambda rows, column=column: rows[0].update({column: f"7{rows[0][column]}"}))(folder)
            with pytest.raises(MisfitError, match=name):
                check(replay, folder)
            (folder / name).write_bytes(whole)


def test_a_team_that_no_answer_is_about_is_named_and_has_no_rank(equipped, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = Path(shutil.copytree(equipped, tmp_path / "study"))
    ask(folder, "kind: pairwise")
    workspace = open_workspace(folder)
    away = JudgeLine("Jude", "jude@example.org", ("team02",))
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, (away,), now=NOW)
        studies.open_study(session, now=NOW)
    answer_all(workspace)
    close(workspace)
    with workspace.database.reading() as session:
        result = rank_study(session, workspace)
    workspace.database.close()
    assert sorted(result.table["team"]) == ["team01", "team03", "team04"]
    assert "no rank because no answer counts: Second light" in result.notes
    assert "no rank because no answer counts: Second light" in result.facts.lines  # for the report
