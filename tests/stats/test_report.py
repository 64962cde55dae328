"""The report: complete, self-contained, marked as simulated, the same bytes every time."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.ranking import Weights
from analysis.report import write_report

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


def test_twice_the_same_input_is_the_same_bytes(tmp_path):
    table = votes()
    first = write_report(table, tmp_path / "a", scores=SCORES, preset="raim-2025")
    second = write_report(
        table.sample(frac=1, random_state=1), tmp_path / "b", scores=SCORES, preset="raim-2025"
    )
    assert first.html.read_bytes() == second.html.read_bytes()


def test_the_page_needs_nothing_from_outside(tmp_path):
    page = Page(write_report(votes(), tmp_path).html.read_text(encoding="utf-8"))
    assert all(link.startswith(("#", "data:image/")) for link in page.links)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)


def test_names_are_escaped(tmp_path):
    html = write_report(votes(), tmp_path, title="Study <1> & more").html.read_text(encoding="utf-8")
    assert "<b>" not in html
    assert "Cyd &lt;b&gt;" in html
    assert "<h1>Study &lt;1&gt; &amp; more</h1>" in html


def test_the_final_ranking_is_in_the_order_of_the_finals(tmp_path):
    html = write_report(votes(), tmp_path, scores=SCORES, preset="raim-2024").html.read_text(encoding="utf-8")
    first_table = html.split("<tbody>")[1].split("</tbody>")[0]
    finals = [float(row.split("</td>")[2].split(">")[-1]) for row in first_table.split("<tr>")[1:]]
    assert finals == sorted(finals, reverse=True)
    assert "0.4 * S2 + 0.6 * (100 * S3n)" in html


@pytest.mark.parametrize(
    ("marked", "option", "expected"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_simulated_votes_are_marked(tmp_path, marked, option, expected):
    table = votes().assign(simulated=marked)
    html = write_report(table, tmp_path, simulated=option).html.read_text(encoding="utf-8")
    assert ("SIMULATED VOTES" in html) == expected


def test_versions_seed_and_hashes_are_given(tmp_path):
    html = write_report(votes(), tmp_path, seed=12).html.read_text(encoding="utf-8")
    assert "Random seed 12." in html
    assert f"numpy {np.__version__}" in html
    assert re.search(r"<td>[0-9a-f]{64}</td>", html)


def test_weights_of_ones_own(tmp_path):
    paths = write_report(
        votes(), tmp_path, scores=SCORES, preset="weights", weights=Weights(s2=0.5, s3=0.5, escore=0.1)
    )
    assert "0.5 * S2 + 0.5 * (100 * S3n) + 0.1 * EScore" in paths.html.read_text(encoding="utf-8")


@pytest.mark.parametrize(("judges", "images"), [(1, 1), (1, 3), (3, 1)])
def test_the_smallest_studies_have_a_report(tmp_path, judges, images):
    assert write_report(votes(judges, images), tmp_path).html.exists()


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(AnalysisError, match="cannot write"):
        write_report(votes(), blocked)


def test_the_command_writes_the_report_and_hashes_its_files(tmp_path):
    source = tmp_path / "votes.csv"
    votes().to_csv(source, index=False)
    result = CliRunner().invoke(
        main, ["report", str(source), "--output", str(tmp_path / "out"), "--title", "Ours"]
    )
    assert result.exit_code == 0, result.output
    html = Path(result.stdout.splitlines()[0]).read_text(encoding="utf-8")
    assert "<h1>Ours</h1>" in html
    assert "<td>votes.csv</td>" in html
