"""Plots of few and of many rows: none taller than a page, no words over each other, gaps that show."""

from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.fonts import fonts_for
from analysis.looking.plot import looking_plot
from analysis.plots.canvas import TALLEST, short_names
from analysis.plots.heat import heat_map
from analysis.plots.rules import rank_lines
from analysis.plots.teams import bars, interval_plot, sorted_dots, stacked_places
from analysis.report.blocks import Document, Plot, Section, Table, texts_of
from analysis.report.pdf import to_pdf
from analysis.report.write import make_document
from analysis.scripts import isolated
from tests.made_up_studies import PROTOCOLS, made_up
from tests.made_up_studies import SIZES as TEAMS

SIZES = (1, 2, 12, 33, 64, 150)
SHORT = (33,)


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
        stacked_places(
            names(teams), rng.integers(0, 3, (teams, 3)), np.full(teams, 9), labels=("1st", "2nd", "3rd")
        ),
        heat_map(chances, rows=names(teams), columns=list(map(str, range(1, teams + 1))), text=".2f", **axis),
        heat_map(many, rows=names(teams), columns=names(300, "image"), missing="not shown", **axis),
        heat_map(many[:, :3].T, rows=names(3), columns=names(teams), **axis),
        rank_lines(np.linspace(0, 1, 3), ranks, names(teams), label="w", announced=0.5, prizes=3),
    ]


def words(figure: Figure) -> list[Text]:
    """All that is written in a figure, drawn by now; ticks beyond the ends of their axis are not."""
    beyond = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in set(axis.get_ticklabels()) - set(ticks(axis))
    }
    found = [one for one in figure.findobj(Text) if isinstance(one, Text) and id(one) not in beyond]
    return [one for one in found if one.get_visible() and one.get_text().strip()]


def ticks(axis: Axis) -> list[Text]:
    if not axis.axes.axison:
        return []
    low, high = sorted(axis.get_view_interval())
    inside = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    both = [label for tick in inside for label in (tick.label1, tick.label2)]
    return [label for label in both if label.get_visible() and label.get_text()]


def box_of(text: Text) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in pixels, without the arrow of an annotation."""
    return Text.get_window_extent(text).extents


def problems(figure: Figure) -> list[str]:
    """What a reader would stumble over: words over each other or cut off, unexplained gaps, half counts."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    found = []
    if figure.get_figheight() > TALLEST:
        found.append("taller than a page")
    for text in words(figure):
        left, bottom, right, top = box_of(text)
        if min(left, bottom) < -1 or right > figure.bbox.x1 + 1 or top > figure.bbox.y1 + 1:
            found.append(f"cut off: {text.get_text()!r}")
    for axes in figure.axes:
        found += [f"over each other: {one!r}, {other!r}" for one, other in over_each_other(axes)]
        found += [f"no whole numbers: {axis.get_label_text()}" for axis in half_counts(axes)]
        for image in axes.get_images():
            values = np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)
            said = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
            hatched = sum(bool(patch.get_hatch()) for patch in axes.patches)
            others = sum(not patch.get_hatch() for patch in axes.patches)
            if np.isnan(values).sum() != hatched + others or bool(axes.patches) != bool(said):
                found.append("gaps that look like 0, or that are not explained")
            if (values < 0).any() and sum(image.get_clim()) != 0:
                found.append("0 is not in the middle of the shades")
    return found


def over_each_other(axes) -> list[tuple[str, str]]:
    found = []
    for texts in (
        ticks(axes.xaxis),
        ticks(axes.yaxis),
        [one for one in axes.texts if one.get_text() != "\u2212"],
    ):
        if any(0 < text.get_rotation() < 90 for text in texts):  # slanted: what matters is their distance
            size = float(texts[0].get_fontsize()) * axes.figure.dpi / 72
            far = [abs(box_of(one)[2] - box_of(other)[2]) for one, other in pairwise(texts)]
            found += [("slanted", f"{distance:.1f}") for distance in far if distance < 0.98 * size]
            continue
        boxes = np.array([box_of(text) for text in texts]).reshape(-1, 4)
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        over = np.triu(((low < boxes[:, 2:]) & (boxes[:, :2] < high)).all(axis=-1), 1)
        found += [(texts[one].get_text(), texts[other].get_text()) for one, other in np.argwhere(over)]
    return found


def half_counts(axes):
    counts = [
        axis
        for axis in (axes.xaxis, axes.yaxis)
        if axis.get_label_text() in ("ballots", "first choices", "reasons")
    ]
    return [axis for axis in counts if not all(float(tick).is_integer() for tick in axis.get_majorticklocs())]


@pytest.mark.parametrize(
    "teams", [pytest.param(size, marks=[] if size in SHORT else pytest.mark.slow) for size in SIZES]
)
def test_every_plot_fits_a_page_and_its_words_stand_apart(teams):
    figures = by_teams(teams)
    for figure in figures:
        assert problems(figure) == []
    if teams in (33, 150):
        blocks = tuple(Plot("What it shows. " * 20, "", lambda figure=figure: figure) for figure in figures)
        assert to_pdf(Document("T", "", (), (Section("All", blocks),))).startswith(b"%PDF-")


QUICK = (("ranking", 7, True), ("pairwise", 2, False))
WHOLE = [(protocol, size, odd) for protocol in PROTOCOLS for size in TEAMS for odd in (False, True)]


@pytest.mark.parametrize(
    ("protocol", "teams", "odd"),
    [*QUICK, *(pytest.param(*case, marks=pytest.mark.slow) for case in WHOLE if case not in QUICK)],
)
def test_the_plots_of_a_report_can_be_read(protocol, teams, odd):
    study = made_up(protocol, teams, odd=odd, metrics=False)
    document = make_document(study)
    plots = [block for section in document.sections for block in section.blocks if isinstance(block, Plot)]
    assert document.failures == ()
    with fonts_for(texts_of(document), document.names):
        found = {plot.caption: problems(plot.figure) for plot in plots}
        root = ElementTree.fromstring(plots[0].svg)
    assert not any(found.values()), {caption: said for caption, said in found.items() if said}
    names = set(short_names(study.teams))
    for plot in plots:
        for axes in plot.figure.axes:
            rows = [label.get_text() for label in axes.get_yticklabels()]
            if names & set(rows):
                assert rows == short_names(study.teams)
    # Words of the page are text, in letters that its reader has, and the plot says what it is.
    said = {element.tag.split("}")[1]: element.text for element in root[:2]}
    assert said == {"title": plots[0].caption, "desc": plots[0].alt}
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert names <= set(texts)
    cut = [team for team in study.teams if isolated(team) not in names]
    assert all(team in plots[0].caption for team in cut)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["Ada", "A" * 60], ["Ada", "AAAAAAAAAAAAAAAAAAA…"]),
        (
            [f"{'Team of ' * 6}{end}" for end in "12"],
            ["Team of Team o…of Team of 1", "Team of Team o…of Team of 2"],
        ),
        (["e\u0301" * 30], ["e\u0301" * 22 + "…"]),
    ],
)
def test_names_that_are_cut_stay_apart_and_keep_their_accents(names, short):
    assert short_names(names) == short


def test_disagreement_is_marked_and_0_is_white():
    values = np.array([[1.0, -0.4], [0.8, 1.0]])
    figure = heat_map(
        values, rows="AB", columns="AB", label="r", low=-0.4, high=0.8, around_0=True, itself="x"
    )
    (image,) = figure.axes[0].get_images()
    np.testing.assert_allclose(image.to_rgba(np.zeros(1))[0, :3], 0.97, atol=0.01)
    assert [(text.get_text(), text.get_position()) for text in figure.axes[0].texts] == [("\u2212", (1, 0))]


def test_rows_without_a_value_and_values_without_an_interval_look_like_neither():
    gap = np.nan
    figure = interval_plot(
        "ABC", np.array([1, 2, gap]), np.array([1, gap, gap]), np.array([1, gap, gap]), label="x"
    )
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["no value"]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [np.asarray(line.get_ydata()).tolist() for line in dots] == [[0], [1, 2]]
    assert dots[1].get_markerfacecolor() == "white"
    assert sum(line.get_marker() == "|" for line in axes.lines) == 2  # its ends are wider than the dot


def test_a_cell_that_was_not_shown_is_no_zero():
    """The gap is hatched, and the plot says what that means."""
    values = np.array([[0.0, np.nan], [3.0, 1.0]])
    axis = {"rows": names(2), "columns": names(2), "label": "points", "low": 0.0, "high": 3.0}
    shown = []
    for filled in (False, True):
        given = np.nan_to_num(values) if filled else values
        figure = heat_map(given, missing="not shown", **axis)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        box = figure.axes[0].get_window_extent()
        picture = np.asarray(canvas.buffer_rgba())[:, :, :3]
        height = picture.shape[0]
        right = picture[height - int(box.y1) + 4 : height - int(box.y1) + int(box.height / 2) - 4,
                        int(box.x0 + box.width / 2) + 4 : int(box.x1) - 4]  # fmt: skip
        shown.append(len(np.unique(right.reshape(-1, 3), axis=0)))
        said = [text.get_text() for legend in figure.legends for text in legend.texts]
        assert said == ([] if filled else ["not shown"])
    assert shown[0] > 1 == shown[1]


@pytest.mark.parametrize("most", [1, 2, 3, 700])
def test_axes_of_counts_have_whole_numbers(most):
    counts = np.array([[most, 0, 0], [0, 1, 1]])
    stacked = stacked_places(["Ada", "Bea"], counts, counts.sum(axis=1), labels=("1st", "2nd", "3rd"))
    beside = bars(["1", "2"], np.array([most, 0]), label="n", title="slot", expected=np.array([0.5, 0.5]))
    for figure, axis in ((stacked, stacked.axes[0].xaxis), (beside, beside.axes[0].yaxis)):
        FigureCanvasAgg(figure).draw()
        assert all(float(tick).is_integer() for tick in axis.get_majorticklocs())


def test_a_map_of_a_narrow_image_has_room_for_its_words():
    seconds = np.ones((40, 2))
    name, area = "an image with a long name " * 4, 4096.0 * seconds
    figure = looking_plot(seconds, area, cell=64, picture=None, judges=3, minutes=12.5, image=name)
    assert problems(figure) == []


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
