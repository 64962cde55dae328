"""Plots of few and of many rows: none taller than a page, no words over each other, gaps that show."""

import itertools

import numpy as np
import pypdfium2
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analysis.plots.canvas import TALLEST
from analysis.plots.heat import heat_map
from analysis.plots.rules import rank_lines
from analysis.plots.teams import bars, interval_plot, sorted_dots, stacked_places
from analysis.report.blocks import Document, Plot, Section, Table
from analysis.report.pdf import to_pdf

SIZES = (1, 2, 12, 33, 64, 150)
SHORT = (2, 33)


def names(count: int, word: str = "Team of Länge") -> list[str]:
    return [f"{word} {number}" for number in range(count)]


def by_teams(teams: int) -> list[Figure]:
    """Every plot with a row for each team, over as many columns as reports have."""
    rng = np.random.default_rng(teams)
    value = rng.normal(size=teams)
    groups = [list(range(start, min(start + 5, teams))) for start in range(teams)]
    chances = rng.dirichlet(np.ones(teams), size=teams)
    ranks = np.tile(np.arange(1, teams + 1), (3, 1))
    many = rng.random((teams, 300))
    axis = {"label": "x", "low": 0.0, "high": 1.0}
    return [
        interval_plot(
            names(teams), value, value - 1, value + 1, label="x", groups=groups, line=0.0, line_label="l"
        ),
        stacked_places(names(teams), rng.integers(0, 3, (teams, 3)), labels=("1st", "2nd", "3rd")),
        heat_map(chances, rows=names(teams), columns=list(map(str, range(1, teams + 1))), text=".2f", **axis),
        heat_map(many, rows=names(teams), columns=names(300, "image"), missing="not shown", **axis),
        heat_map(many[:, :3].T, rows=names(3), columns=names(teams), **axis),
        rank_lines(np.linspace(0, 1, 3), ranks, names(teams), label="w", announced=0.5, prizes=3),
    ]


@pytest.mark.parametrize(
    "teams", [pytest.param(size, marks=[] if size in SHORT else pytest.mark.slow) for size in SIZES]
)
def test_every_plot_fits_a_page_and_its_words_stand_apart(teams):
    figures = by_teams(teams)
    for figure in figures:
        assert figure.get_figheight() <= TALLEST
        FigureCanvasAgg(figure).draw()
        axes = figure.axes[0]
        for axis in (axes.xaxis, axes.yaxis):
            boxes = [label.get_window_extent() for label in axis.get_ticklabels() if label.get_text()]
            if axis is axes.yaxis or not any(label.get_rotation() for label in axis.get_ticklabels()):
                assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))
            else:  # slanted: what matters is the distance between the lines, about a font size
                apart = [abs(one.x1 - other.x1) for one, other in itertools.pairwise(boxes)]
                size = float(axis.get_ticklabels()[0].get_fontsize()) * figure.dpi / 72
                assert min(apart, default=size) >= 0.98 * size
        written = [text.get_window_extent() for text in axes.texts]
        assert not any(one.overlaps(other) for one, other in itertools.combinations(written, 2))
    if teams in (33, 150):
        blocks = tuple(Plot("What it shows. " * 20, "", lambda figure=figure: figure) for figure in figures)
        assert to_pdf(Document("T", "", (), (Section("All", blocks),))).startswith(b"%PDF-")


def test_a_cell_that_was_not_shown_is_no_zero():
    """Both were white; now the gap is hatched, and the plot says what that means."""
    values = np.array([[0.0, np.nan], [3.0, 1.0]])
    axis = {"rows": names(2), "columns": names(2), "label": "points", "low": 0.0, "high": 3.0}
    shown = []
    for missing in ("not shown", ""):
        figure = heat_map(values, missing=missing, **axis)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        box = figure.axes[0].get_window_extent()
        picture = np.asarray(canvas.buffer_rgba())[:, :, :3]
        height = picture.shape[0]
        right = picture[height - int(box.y1) + 4 : height - int(box.y1) + int(box.height / 2) - 4,
                        int(box.x0 + box.width / 2) + 4 : int(box.x1) - 4]  # fmt: skip
        shown.append(len(np.unique(right.reshape(-1, 3), axis=0)))
        assert [text.get_text() for legend in figure.legends for text in legend.texts] == [missing][
            : bool(missing)
        ]
    assert shown[0] > 1 == shown[1]


@pytest.mark.parametrize("most", [1, 2, 3, 700])
def test_axes_of_counts_have_whole_numbers(most):
    counts = np.array([[most, 0, 0], [0, 1, 1]])
    stacked = stacked_places(["Ada", "Bea"], counts, labels=("1st", "2nd", "3rd"))
    beside = bars(["1", "2"], np.array([most, 0]), label="n", title="slot", expected=np.array([0.5, 0.5]))
    for figure, axis in ((stacked, stacked.axes[0].xaxis), (beside, beside.axes[0].yaxis)):
        FigureCanvasAgg(figure).draw()
        assert all(float(tick).is_integer() for tick in axis.get_majorticklocs())


def test_the_ends_of_many_dots_are_named_beside_the_plot():
    figure = sorted_dots(np.linspace(0, 1, 300), names(300, "image"), label="W", chance=0.3)
    assert "highest: image 299, image 298, image 297\nlowest: image 2, image 1, image 0" in (
        figure.axes[0].get_xlabel()
    )


def test_teams_that_share_a_rank_are_all_named():
    ranks = np.array([[1, 1, 3], [1, 2, 0], [1, 2, 0]])
    figure = rank_lines(
        np.linspace(0, 1, 3), ranks, ["Ada", "Bea", "Cyd"], label="w", announced=None, prizes=1
    )
    found = sorted((text.get_text(), getattr(text, "xy")[1]) for text in figure.axes[0].texts)  # noqa: B009
    assert found == [("1  Ada", 1), ("1  Ada", 1), ("1  Bea", 2), ("2  Bea", 2), ("3  Cyd", 3)]


def test_a_table_whose_cells_are_taller_than_a_page_breaks_over_pages():
    import pandas as pd

    frame = pd.DataFrame({"Which": ["many"], "Names": [", ".join(names(900))]})
    document = Document("T", "", (), (Section("All", (Table("Long.", frame),)),))
    assert len(pypdfium2.PdfDocument(to_pdf(document))) > 1
