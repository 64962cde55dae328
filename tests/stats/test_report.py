"""The report: complete, self-contained, marked as simulated, the same bytes every time."""

import json
import multiprocessing
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pypdfium2 import PdfDocument

from analysis.cli import main
from analysis.efficiency.measures import validate_measures
from analysis.errors import AnalysisError
from analysis.paired.table import validate_paired
from analysis.parts import Parts
from analysis.report import write
from analysis.report.blocks import Document, Plot, Section, Table, Text, cells
from analysis.report.html import to_html
from analysis.report.latex import to_latex
from analysis.report.pdf import to_pdf
from analysis.report.study import Study, make_study
from analysis.report.write import make_document, write_report
from analysis.scripts import splitter
from analysis.study_notes import StudyNotes
from tests import shortcuts
from tests.drawn_study import drawn_study

TEAMS = ("Ada", "Bea & Co", "Cyd <b>", "Dot", "Eva")
SCORES = pd.DataFrame(
    {"team": TEAMS, "s2": [80.0, 75.5, 70.25, 60.0, 90.0], "escore": [30.0, 22.5, 15.0, 7.5, 0.0]}
)


def votes(judges: int = 4, images: int = 5, *, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for judge in range(judges):
        for image in range(images):
            worth = np.arange(5)[::-1] + 1.5 * rng.standard_normal(5)
            rank = np.argsort(np.argsort(-worth)) + 1
            for slot, team in enumerate(rng.permutation(5), start=1):
                place = rank[team] if rank[team] <= 3 else np.nan
                rows.append((f"judge {judge}", f"{image:03}", TEAMS[team], slot, place))
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


class Page(HTMLParser):
    """Collects the attributes that could reach outside, and the text."""

    def __init__(self, html: str):
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def blocks_of(document: Document, kind: type) -> list:
    return [block for section in document.sections for block in section.blocks if isinstance(block, kind)]


def words_of(document: Document) -> str:
    """Everything that a reader of the report reads outside the plots."""
    texts = [block.text for block in blocks_of(document, Text)]
    rows = [str(cells(table)) for table in blocks_of(document, Table)]
    return "\n".join([*document.summary, *texts, *rows, *(plot.alt for plot in blocks_of(document, Plot))])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A report with every section: all parts, one careless judge, times."""
    folder = tmp_path_factory.mktemp("whole")
    return write_report(
        drawn_study(study(), scores=SCORES, rule="raim-2025", seed=12), folder, title="Study <1> & more"
    )


@pytest.fixture(scope="module")
def html(whole):
    return whole.html.read_text(encoding="utf-8")


def study() -> pd.DataFrame:
    table = votes(6, 12)
    careless = table["judge"] == "judge 5"
    table.loc[careless, "rank"] = table.loc[careless, "slot"].where(table["slot"] <= 3)
    return table.assign(seconds=np.where(careless, 1.5, 30.0), simulated=True)


def test_twice_the_same_input_is_the_same_bytes(whole, tmp_path):
    shuffled = study().sample(frac=1, random_state=1)
    again = write_report(
        drawn_study(shuffled, scores=SCORES, rule="raim-2025", seed=12), tmp_path, title="Study <1> & more"
    )
    assert again.html.read_bytes() == whole.html.read_bytes()
    assert again.pdf.read_bytes() == whole.pdf.read_bytes()
    assert again.latex.read_bytes() == whole.latex.read_bytes()


def test_a_process_that_was_forked_after_a_pdf_was_made_makes_the_same(tmp_path):
    """Typst's threads are not there, and nobody may wait for them."""
    document = Document("T", "", (), (Section("All", (Text("Some words."),)),))
    first = to_pdf(document)
    forked = multiprocessing.get_context("fork").Process(
        target=lambda: (tmp_path / "report.pdf").write_bytes(to_pdf(document))
    )
    forked.start()
    forked.join(60)
    forked.kill()
    assert (tmp_path / "report.pdf").read_bytes() == first


def test_the_page_needs_nothing_from_outside(html):
    page = Page(html)
    assert all(link.startswith(("#", "data:image/")) for link in page.links)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert page.tags.count("svg") == 11
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {use for use in re.findall(r'(?:href="#|url\(#)([^")]+)', html)} <= set(ids)
    assert "Cyd &lt;b&gt;</text>" in html


def test_every_section_is_there(html):
    text = Page(html).text
    for title in (
        "Final ranking",
        "How certain is the ranking?",
        "Would another rule change the result?",
        "Where the points come from",
        "Do the judges agree?",
        "Judges",
        "Images",
        "Judges worth a second look",
        "Position on the screen",
        "Audit",
        "All images",
        "How this was computed",
    ):
        assert f". {title}" in text


def test_names_are_escaped(html):
    assert "<b>" not in html
    assert "Cyd &lt;b&gt;" in html
    assert "<h1>Study &lt;1&gt; &amp; more</h1>" in html


def test_the_final_ranking_is_in_the_order_of_the_finals(html):
    first_table = html.split("<tbody>")[1].split("</tbody>")[0]
    finals = [float(row.split("</td>")[2].split(">")[-1]) for row in first_table.split("<tr>")[1:]]
    assert finals == sorted(finals, reverse=True)
    assert "raim-2025: 0.2*s2 + 0.8*(escore + 100*u/top(u))" in html


def test_a_careless_judge_is_proposed_and_the_ranking_shown_without(html):
    assert "Proposed for exclusion: judge 5" in html
    assert "Final without judge 5" in html


def test_the_pages_carry_the_banner_of_simulated_votes(whole, html):
    assert "SIMULATED ANSWERS" in html
    assert '@top-left { content: "SIMULATED ANSWERS\\3a  no person' in html, "on each printed page"
    pages = [page.get_textpage().get_text_range() for page in PdfDocument(whole.pdf)]
    assert len(pages) > 3
    assert all("SIMULATED ANSWERS" in page for page in pages)
    assert "SIMULATED ANSWERS" in whole.latex.read_text(encoding="utf-8")


def test_the_latex_table_escapes_names(whole):
    latex = whole.latex.read_text(encoding="utf-8")
    assert "Bea \\& Co &" in latex
    assert latex.count("\\\\\n") == 6
    assert "Study \\textless{}1\\textgreater{} \\& more" in latex


def test_versions_seed_and_hashes_are_given(html):
    assert "Random seed 12." in html
    assert f"numpy {np.__version__}" in html
    assert re.search(r"<td>[0-9a-f]{64}</td>", html)


@pytest.mark.parametrize("asked", [True, False])
def test_votes_of_people_are_marked_only_on_request(asked):
    document = make_document(make_study(drawn_study(votes(3, 2).assign(simulated=False)), simulated=asked))
    assert (document.banner is not None) == asked


def test_judges_are_numbered_for_publication():
    table = votes(3, 2)
    table["judge"] = table["judge"].map({"judge 0": "Olga", "judge 1": "June", "judge 2": "Jude"})
    words = words_of(make_document(make_study(drawn_study(table), anonymous=True)))
    assert not {"Olga", "June", "Jude"} & set(re.findall(r"\w+", words))
    assert "judge 3" in words


def test_names_stand_for_the_identifiers_of_teams():
    names = {team: f"The {team[0]} Team" for team in TEAMS}
    document = make_document(
        make_study(drawn_study(votes(3, 2), scores=SCORES, rule="raim-2024"), team_names=names)
    )
    assert "The A Team" in words_of(document)
    assert "Ada" not in words_of(document)
    with pytest.raises(AnalysisError, match="no name for Ada"):
        make_study(drawn_study(votes(2, 2)), team_names={team: team for team in TEAMS[1:]})


@pytest.mark.usefixtures("blank_plots")
def test_weights_of_ones_own():
    rule = "0.5*s2 + 0.5*100*minmax(u) + 0.1*escore"
    document = make_document(make_study(drawn_study(votes(3, 2), scores=SCORES, rule=rule)))
    assert f"Final: {rule}." in words_of(document)
    for block in blocks_of(document, Plot):
        block.draw()


@pytest.mark.parametrize(("judges", "images"), [(1, 1), (1, 3), (3, 1)])
def test_the_smallest_studies_have_a_report(judges, images):
    document = make_document(make_study(drawn_study(votes(judges, images))))
    assert to_pdf(document).startswith(b"%PDF-")


def test_votes_that_leave_everything_open_have_a_report_that_says_so(tmp_path):
    """Two judges of opposite opinion: all S3 equal, no ranking."""
    table = pd.DataFrame(
        {
            "judge": ["June", "June", "Jude", "Jude"],
            "image": "001",
            "team": ["Ada", "Bea", "Ada", "Bea"],
            "slot": [1, 2, 1, 2],
            "rank": [1, 2, 2, 1],
        }
    )
    html = write_report(drawn_study(table), tmp_path).html.read_text(encoding="utf-8")
    assert "all teams have the same S3" in html


def test_a_team_without_votes_and_missing_parts_have_a_report():
    table = votes(3, 3)
    table = table[table["judge"] != "judge 2"]
    table.loc[table["team"] == "Eva", "rank"] = np.nan
    scores = SCORES.assign(s2=[80.0, np.nan, 70.0, 60.0, 50.0])
    document = make_document(make_study(drawn_study(_closed(table), scores=scores, rule="raim-2024")))
    assert "no rank for Bea & Co: s2 is missing" in words_of(document)
    for block in blocks_of(document, Plot):
        block.draw()


@pytest.mark.parametrize(
    "row",
    [
        {
            "Better": "W" * 33,
            "Next": "W" * 33,
            "Difference": -3.27,
            "Interval": "-33.13 to 39.67",
            "Apart": "no",
        },
        {
            "Team": "Institute of Image Restoration",
            **{f"S{n}, interval": "-18.56 to 18.70" for n in range(9)},
        },
        {"Team": "\u56fe\u50cf\u590d\u539f" * 12, "Input": "f" * 64, "Interval": "0.0001 to 0.0002", "n": 7},
    ],
)
def test_no_cell_of_a_table_runs_into_the_next(row):
    table = Table("wide", pd.DataFrame([row, row]))
    page = PdfDocument(to_pdf(Document("T", "", (), (Section("S", (table,)),))))[0]
    text = page.get_textpage()
    boxes = {text.get_charbox(place) for place in range(text.count_chars())}
    assert all(right < page.get_width() - 50 for _, _, right, _ in boxes)
    for left, bottom, right, top in boxes:
        middle, line = (left + right) / 2, (bottom + top) / 2
        over = [box for box in boxes if box[0] < middle < box[2] and box[1] < line < box[3]]
        assert len(over) <= 1


def _closed(table: pd.DataFrame) -> pd.DataFrame:
    """Close the gaps that a removed team leaves in the ranks."""
    ranks = table.groupby(["judge", "image"])["rank"].rank(method="first")
    return table.assign(rank=ranks)


def test_names_that_plots_could_trip_over():
    """Dollar signs are no formulas, long names are cut, letters without a glyph do not stop the report."""
    table = votes(3, 2)
    names = dict(zip(TEAMS, ("$x^", "$a$ & $b$", "清华", "A" * 60, "\\frac"), strict=True))
    document = make_document(make_study(drawn_study(table.assign(team=table["team"].map(names)))))
    assert "A" * 60 in words_of(document)
    assert to_html(document)
    assert to_pdf(document)


def test_with_many_judges_the_tables_show_those_who_agree_least():
    table = votes(70, 2)
    document = make_document(make_study(drawn_study(table)))
    judges = next(section for section in document.sections if section.title == "Judges")
    shown = next(block for block in judges.blocks if isinstance(block, Table))
    assert shown.caption.startswith("The 60 of 70 judges")
    assert len(shown.frame) == 60


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(AnalysisError, match="already exists; choose another name"):
        write_report(drawn_study(votes(2, 2)), blocked)


@pytest.mark.usefixtures("blank_plots")
def test_the_command_writes_the_report_and_hashes_its_files(tmp_path):
    source = tmp_path / "votes.csv"
    votes(3, 2).to_csv(source, index=False)
    result = CliRunner().invoke(
        main, ["report", str(source), "--output", str(tmp_path / "out"), "--title", "Ours"]
    )
    assert result.exit_code == 0, result.output
    made = {path.name: path for path in map(Path, result.stdout.splitlines())}
    page, pdf, latex = (made[name] for name in ("report.html", "report.pdf", "ranking.tex"))
    html = page.read_text(encoding="utf-8")
    assert "<h1>Ours</h1>" in html
    assert "<td>votes.csv</td>" in html
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert latex.exists()


@pytest.mark.usefixtures("blank_plots")
def test_the_command_prints_its_paths_for_scripts(tmp_path):
    arguments = ["report", "-", "--output", str(tmp_path), "--format", "json"]
    result = CliRunner().invoke(main, arguments, input=votes(2, 2).to_csv(index=False))
    assert result.exit_code == 0, (result.output, result.exception)
    assert json.loads(result.stdout)["pdf"] == str(tmp_path / "report.pdf")


REDUCED_NAME = "20*psnr/50"
PAIRED = pd.DataFrame(
    [(team, f"1{image:02}", REDUCED_NAME, 25.0 + t + image, 10 + 0.4 * (t + image))
     for image in range(4) for t, team in enumerate((*TEAMS, "Not judged"))],
    columns=["team", "image", "formula", "psnr", "score"],
)  # fmt: skip
MEASURES = pd.DataFrame(
    {
        "team": TEAMS,
        "params_m": [1.0, 2, 3, 4, 5],
        "flops_g": [1.0, 2, 3, 4, 5],
        "time_ms": [10.0, 10.4, 30, 40, 50],
        "time_low_ms": [9.5, 9.9, 29, 39, 49],
        "time_high_ms": [10.5, 10.9, 31, 41, 51],
        "device": ["a CPU"] * 5,
        "comparable": ["no"] * 5,
    }
)
WEIGHTS_SHA = "ab" * 32
ABOUT = {
    "formula": {"per": "image", "score": REDUCED_NAME},
    "metrics": [
        {
            "name": "psnr",
            "title": "PSNR (dB)",
            "better": "higher",
            "colour": "RGB",
            "backend": "own",
            "device": "cpu",
        },
        {
            "name": "lpips",
            "title": "LPIPS",
            "better": "lower",
            "colour": "RGB",
            "weights": {"alex.pth": WEIGHTS_SHA},
        },
    ],
    "problems": [{"team": "Eva", "image": "103", "problem": "paired/teams/Eva/103.png is missing"}],
}


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    parts = Parts(paired=validate_paired(PAIRED), measures=validate_measures(MEASURES))
    out = tmp_path_factory.mktemp("joined")
    with shortcuts.taking("blank_plots"):
        return write_report(drawn_study(votes(), parts=parts, rule="raim-2025"), out, about=ABOUT)


def test_all_three_parts_stand_in_the_report_each_with_its_interval(joined):
    text = Page(joined.html.read_text(encoding="utf-8")).text
    assert "The paired score (S2)" in text
    assert f"S2 is {REDUCED_NAME}." in text
    assert "Efficiency (EScore)" in text
    assert "NOT COMPARABLE WITH GPU TIMES: all models" in text
    assert WEIGHTS_SHA in text
    assert "paired/teams/Eva/103.png is missing" in text
    for part in ("S2", "S3", "EScore"):
        assert f"{part}, 95 % interval" in text
    assert "the pairs of S2 and the times of EScore" in text
    assert "Not judged" in text  # scored, but in no ballot: it stands in the table of means alone
    assert REDUCED_NAME in joined.latex.read_text(encoding="utf-8")
    assert joined.pdf.read_bytes().startswith(b"%PDF")


def test_the_tables_of_the_parts_hold_what_was_given():
    parts = Parts(paired=validate_paired(PAIRED), measures=validate_measures(MEASURES))
    names = {team: f"{team} (name)" for team in TEAMS}
    study = make_study(drawn_study(votes(), parts=parts, rule="raim-2025"), about=ABOUT, team_names=names)
    tables = blocks_of(make_document(study), Table)
    means = next(table.frame for table in tables if "over all 4 pairs" in table.caption).set_index("Team")
    assert means.loc["Ada (name)", ["n", "PSNR", "S2"]].tolist() == [4, 26.5, pytest.approx(10.6)]
    points = next(table.frame for table in tables if table.caption.startswith("Points for ranks"))
    assert points["EScore"].sum() == pytest.approx(15 * 5)
    # Ada and Bea are apart in everything but time, where their intervals overlap: one rank step of 10/4.
    assert points.set_index("Team").loc["Ada (name)", "95 % interval"] == "27.50\u00a0to\u00a030.00"


def test_the_latex_caption_says_what_was_drawn_for_the_finals(joined):
    both = "two-way bootstrap over judges and images"
    more = "resampled pairs of S2, times of EScore resampled within their intervals"
    assert f"Intervals (95\\%, 200 draws): {both}, {more}." in joined.latex.read_text(encoding="utf-8")
    parts = Parts(paired=validate_paired(PAIRED), measures=validate_measures(MEASURES))
    alone = to_latex(make_study(drawn_study(votes(), parts=parts)))  # S3 alone makes the finals
    assert f"draws): {both}.}}" in alone
    assert "draws): nothing was there to draw from.}" in to_latex(make_study(drawn_study(votes(1, 3))))
    assert "draws): nothing was there to draw from.}" in to_latex(make_study(drawn_study(votes(1, 1))))


def test_points_for_efficiency_count_the_models_that_have_the_measure():
    measures = MEASURES.drop(columns=["time_low_ms", "time_high_ms"])
    gaps = measures.assign(flops_g=[1, 2, 3, 4, np.nan], time_ms=[1, 2, 3, np.nan, np.nan])
    said = []
    for table in (measures, gaps):
        study = make_study(drawn_study(votes(), parts=Parts(measures=validate_measures(table))))
        said.append(words_of(make_document(study)))
    assert "N is 5 in all 3." in said[0]
    assert "N is 5 for params_m, 4 for flops_g and 3 for time_ms." in said[1]


@pytest.mark.usefixtures("blank_plots")
def test_a_study_of_votes_alone_has_no_empty_sections(tmp_path):
    text = Page(write_report(drawn_study(votes()), tmp_path).html.read_text(encoding="utf-8")).text
    assert "paired score" not in text
    assert "Efficiency" not in text


NOTES = StudyNotes(
    lines=(
        "Fay is disqualified (2026-01-02): trained on the test images",
        "amendment 1 of title (2026-01-01)",
    ),
    disqualified=("Fay",),
    withdrawn=("judge 9",),
    conflicts={"judge 1": ("Ada",)},
    test_judges=2,
    images=7,
)


def test_what_happened_to_the_study_stands_first_and_the_audit_names_causes(tmp_path):
    """Judge 1 has a conflict with Ada, Eva handed in nothing for image 004, Fay left the votes."""
    table = votes()
    table = table[~((table["judge"] == "judge 1") & (table["team"] == "Ada"))]
    table = table[~((table["image"] == "004") & (table["team"] == "Eva"))]
    source, notes = tmp_path / "votes.csv", tmp_path / "notes.json"
    table = _closed(table)
    table.to_csv(source, index=False)
    if True:
        notes.write_text(NOTES.to_json(), encoding="utf-8")
        arguments = [
            "report",
            str(source),
            "--notes",
            str(notes),
            "--output",
            str(tmp_path),
            "--format",
            "json",
        ]
        result = CliRunner().invoke(main, [*arguments, "--figures", "svg"])
        assert result.exit_code == 0, (result.output, result.exception)
        audited = CliRunner().invoke(
            main, ["audit", str(_scores(tmp_path)), "--votes", str(source), "--notes", str(notes)]
        )
    told = json.loads(result.stdout)
    assert told["notes"] == list(NOTES.lines)
    text = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    first, rest = text.split("Final ranking", 1)
    latex = (tmp_path / "ranking.tex").read_text(encoding="utf-8")
    for note in (*NOTES.lines, "2 of 7 images have no ballots", "Eva was shown on 4 of 5 images"):
        assert note in first
        assert note in latex.split("Final ranking of")[0]
    assert "5 of 7 images" in first
    for cause in (
        "no candidate on an image: Eva on 004",
        "conflicts of interest: judge 1 with Ada",
        "because Fay left the votes (disqualified)",
        "judge 9: removed from the votes with all ballots",
        "2, whose ballots are not in the votes",
    ):
        assert cause in rest
        assert cause in audited.stdout
    figures = [Path(name) for name in told["figures"]]
    assert len(figures) >= 5
    assert all(figure.read_text(encoding="utf-8").startswith("<?xml") for figure in figures)
    assert figures[0].name == "01-final-ranking.svg"


def _scores(folder: Path) -> Path:
    (folder / "scores.csv").write_text("team,escore\nAda,20\nBea,10\n")
    return folder / "scores.csv"


def test_notes_that_are_none_are_refused(tmp_path):
    source = tmp_path / "votes.csv"
    votes(2, 2).to_csv(source, index=False)
    for text, why in (
        ("no", "is not valid JSON"),
        ('{"lins": []}', "lins"),
        ('{"images": "7"}', "images is '7'"),
    ):
        (tmp_path / "notes.json").write_text(text)
        arguments = [
            "report",
            str(source),
            "--notes",
            str(tmp_path / "notes.json"),
            "--output",
            str(tmp_path / "r"),
        ]
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code, why in result.stderr) == (2, True), result.output


@pytest.mark.usefixtures("blank_plots")
def test_a_part_that_fails_is_named_and_the_rest_is_written(tmp_path, monkeypatch):
    """A figure, a section and the PDF fail; page, command line and exit status say so."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("it broke")

    parts = dict(write.PARTS["votes"]) | {"Judges": broken, "Final ranking": broken}
    monkeypatch.setattr(write, "PARTS", {"votes": parts})
    monkeypatch.setattr(write, "to_pdf", broken)
    monkeypatch.setattr("analysis.report.ranking_part.stacked_places", broken)
    (tmp_path / "report.pdf").write_text("of an earlier report")
    source = tmp_path / "votes.csv"
    votes(3, 3).to_csv(source, index=False)
    result = CliRunner().invoke(main, ["report", str(source), "--output", str(tmp_path)])
    assert result.exit_code == 1
    failed = {"Judges", "Final ranking", "Where the points come from, a figure", "report.pdf", "summary.pdf"}
    told = {f"incomplete: {what} failed (RuntimeError: it broke)" for what in failed}
    assert set(result.stderr.splitlines()) == told
    written = ("report.html", "ranking.tex", "summary.html")
    assert result.stdout.splitlines() == [str(tmp_path / name) for name in written]
    assert not (tmp_path / "report.pdf").exists()
    text = Page((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "This report is not complete" in text
    assert all(f"{what} failed (RuntimeError: it broke)" in text for what in failed)
    assert "The ranking, without intervals." in text
    assert "Do the judges agree?" in text


@pytest.mark.usefixtures("blank_plots")
def test_without_a_bootstrap_the_ranking_is_written_all_the_same(tmp_path, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("analysis.report.study.bootstrap_summary", broken)
    paths = write_report(drawn_study(votes(3, 3)), tmp_path)
    assert any("ranking.tex" in failure for failure in paths.failures)
    assert "Ada & " in paths.latex.read_text(encoding="utf-8")
    assert "interval" not in paths.latex.read_text(encoding="utf-8").split("\\caption")[0]
    assert paths.pdf.read_bytes().startswith(b"%PDF")


def test_finals_that_differ_are_not_printed_alike():
    """100 S3n of 2000 images can differ in the third decimal; S2 of 0.4 times a little sooner."""
    scores = pd.DataFrame({"team": TEAMS, "s2": [80.0, 80.001, 80.002, 60.0, 90.0]})
    study = make_study(drawn_study(votes(3, 3), scores=scores, rule="s2"))
    table = blocks_of(make_document(study), Table)[0]
    rows = [row[2] for row in cells(table)[2]]
    assert rows == ["90.000", "80.002", "80.001", "80.000", "60.000"]
    latex = to_latex(study)
    assert "80.002" in latex
    assert "80.001" in latex


def test_a_tie_at_zero_gives_nobody_a_place_of_the_prizes():
    """By first places alone all but the winner tie at 0: that is no way from place 4 to place 2."""
    rows = [
        (f"judge {judge}", f"{image:03}", team, TEAMS.index(team) + 1)
        for judge in range(2)
        for image in range(3)
        for team in TEAMS
    ]
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "rank"])
    table["rank"] = table["rank"].where(table["rank"] <= 3)
    study = make_study(drawn_study(table, rule={"final": {"score": "user-study", "awards": [1, 1]}}))
    flips = study.bootstrap["flips"]["first_places"]
    assert flips["ranks"]["Eva"] == 2
    assert set(flips["prize_changes"]) <= {"Bea & Co"}
    words = [line for line in make_document(study).summary if "user study" in line]
    assert words
    assert not any("Eva" in line for line in words)


RTL = (
    "\u05e4\u05e8\u05d9\u05e7 \u05e7\u05d1\u05d5\u05e6\u05d4 7",
    "\u0641\u0631\u064a\u0642 \u0627\u0644\u062a\u0631\u0645\u064a\u0645",
)


def test_names_from_right_to_left_are_set_apart_and_drawn_in_order():
    names: dict[str, str] = dict(zip(TEAMS, ("Ada", RTL[0], "Cyd", RTL[1], "Eva"), strict=True))
    study: Study = make_study(drawn_study(votes(3, 3)), team_names=names)
    document = make_document(study)
    page = to_html(document)
    for name in RTL:
        bare = re.sub(r"data:[^\"]*|<title>.*?</title>", "", page)
        marked = bare.count(f"<bdi>{name}</bdi>") + bare.count(f"\u2068{name}\u2069")
        assert marked == bare.count(name) > 5
    # A list of such names keeps its order: each is a piece of its own.
    split = splitter(RTL)
    assert [piece.text for piece in split(f"{RTL[0]}, {RTL[1]} and Ada")] == [
        RTL[0],
        ", ",
        RTL[1],
        " and Ada",
    ]
    assert [piece.text for piece in split("reason: \u05d0 \u05d1, 3")] == ["reason: ", "\u05d0 \u05d1,", " 3"]
