"""The summary: two pages whatever the study is, every sentence with what it rests on."""

import numpy as np
import pandas as pd
import pypdfium2
import pytest

from analysis.pairs import validate_pairs
from analysis.parts import Parts
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.ratings import validate_ratings
from analysis.report.blocks import Document, Section, Table, Text, cells
from analysis.report.html import to_html
from analysis.report.pdf import to_pdf
from analysis.report.study import Study, make_study
from analysis.report.summary_part import short_summary, summary_document
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.study_notes import StudyNotes
from tests.drawn_study import drawn_study

JUDGES, IMAGES = ("Jo", "Ian", "June", "Olga"), ("1", "2", "3")
OFF = StudyNotes(
    lines=tuple(
        f"team Team{number} was disqualified (2026-07-01): {'it used the test set ' * 30}"
        for number in range(9)
    ),
    disqualified=("Team1",),
)


def votes(teams: int, *, judges: int = 6, images: int = 8, spread: float = 1.5) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    quality = np.linspace(spread, -spread, teams)
    ranks = simulate_ranks(quality, judges=judges, images=images, image_sd=0.5, judge_sd=0.3, rng=rng)[0]
    return simulated_votes(ranks, rng=rng)


def of_votes(teams: int, **options: object) -> Study:
    notes, rule = options.pop("notes", None), options.pop("rule", "user-study")
    return make_study(drawn_study(votes(teams, **options), rule=rule), title="A study", notes=notes)


def of_pairs() -> Study:
    names = [f"Team{number}" for number in range(7)]
    rng = np.random.default_rng(1)
    rows = [
        (judge, image, one, other, "a" if rng.random() < 0.7 else ("b", "tie")[rng.integers(2)])
        for judge in JUDGES
        for image in IMAGES
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    ]
    table = pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer"])
    study = observe(validate_pairs(table), Parts(), read_rule("bt"))
    return make_study(joint_draws(study, draws=200, seed=1), title="A study")


def of_ratings(score=None) -> Study:
    rng = np.random.default_rng(1)
    rows = [
        (judge, image, team, score or float(np.clip(round(4 - n / 2 + rng.normal()), 1, 5)))
        for judge in JUDGES
        for image in IMAGES
        for n, team in enumerate(("Ada", "Bea", "Cid", "reference"))
    ]
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "score"])
    study = observe(validate_ratings(table, scale=(1, 5)), Parts(), read_rule("mos"))
    return make_study(joint_draws(study, draws=200, seed=1), title="A study")


def tied() -> Study:
    """Two judges of opposite opinion."""
    rows = [
        (judge, image, team, place + 1, rank)
        for judge, ranks in (("Jo", (1, 2)), ("Ian", (2, 1)))
        for image in IMAGES
        for place, (team, rank) in enumerate(zip(("Ada", "Bea"), ranks, strict=True))
    ]
    return make_study(drawn_study(pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])))


STUDIES = {
    "2 teams": (lambda: of_votes(2, images=4), "Every team gets an award"),
    "7 teams": (lambda: of_votes(7), "comes first with a final score of"),
    "12 teams and much that happened": (lambda: of_votes(12, notes=OFF), "3 more notes: see the report"),
    "30 teams": (
        lambda: of_votes(30, judges=3, images=4, rule="100*u/top(u)"),
        "Final ranking. The first 12 of 30 teams; the report has all.",
    ),
    "one judge": (lambda: of_votes(4, judges=1), "only one judge: nothing is known about other judges"),
    "no agreement": (lambda: of_votes(6, spread=0.0), "No two teams can be told apart"),
    "all tied": (tied, "all teams have the same u"),
    "pairs": (of_pairs, "bt is the Bradley-Terry log worth from the comparisons"),
    "ratings": (of_ratings, "mos is the mean opinion score"),
    "ratings all the same": (lambda: of_ratings(3.0), "share first place"),
}


def words_of(document: Document) -> str:
    blocks = [block for section in document.sections for block in section.blocks]
    texts = [block.text for block in blocks if isinstance(block, Text)]
    tables = [f"{block.caption} {cells(block)}" for block in blocks if isinstance(block, Table)]
    return "\n".join([*document.notes, *texts, *tables])


def table(rows: int, columns: int) -> str:
    frame = pd.DataFrame({f"column {number}": ["text"] * rows for number in range(columns)})
    return to_html(Document("t", "s", (), (Section("S", (Table("c", frame),)),))).partition("<section")[2]


def test_a_table_is_printed_on_one_page_and_none_of_its_columns_is_cut_off():
    assert 'class="wide short"' in table(25, 3)
    assert 'class="wide"' in table(26, 3)
    assert "tenths" not in table(1, 12)
    assert 'class="tenths5"' in table(1, 22)
    assert "style=" not in table(1, 99)  # a server allows the page no style but that of its head


@pytest.mark.parametrize("name", STUDIES)
def test_a_summary_has_two_pages_whatever_the_study_is(name):
    make, expected = STUDIES[name]
    study = make()
    document = summary_document(study)
    words = words_of(document)
    assert expected in words
    for number, what in ((len(study.user.judges), "judge"), (len(study.user.images), "image")):
        assert f"{number} {what}" in words
    assert f"{study.user.size} {study.user.answers_are}" in words
    assert "nan" not in words
    assert "None" not in words
    assert "What must not be concluded" in to_html(document)
    assert len(pypdfium2.PdfDocument(to_pdf(document))) <= 2
    assert short_summary(study)
