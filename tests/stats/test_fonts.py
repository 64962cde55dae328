"""Names beyond DejaVu Sans: drawn in a font that is installed, or named where there is none."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from PIL import Image

from analysis import fonts
from analysis.fonts import MAIN, families, font_notes, lacking
from analysis.plots.canvas import png, style
from analysis.report.write import write_report
from tests.drawn_study import drawn_study

LETTER = "\U00020bb7"  # a rare Han character, in hardly any font
INSTALLED_BY_TEST = "Studyapp Test Han"


@pytest.fixture
def han(tmp_path, monkeypatch):
    """Install a font that has LETTER, as a filled square."""
    pen = TTGlyphPen(None)
    for place in ((100, 0), (100, 800), (900, 800), (900, 0)):
        (pen.lineTo if pen.points else pen.moveTo)(place)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "han"])
    builder.setupCharacterMap({ord(LETTER): "han"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "han": square})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "han": (1000, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupNameTable({"familyName": INSTALLED_BY_TEST, "styleName": "Regular"})
    builder.setupPost()
    builder.save(tmp_path / "han.ttf")
    monkeypatch.setattr(fonts, "OTHERS", (INSTALLED_BY_TEST,))
    before = list(fontManager.ttflist)
    fontManager.addfont(tmp_path / "han.ttf")
    yield
    fontManager.ttflist[:] = before


def black(text: str) -> int:
    """Dark pixels of a text, drawn as the plots draw theirs."""
    with warnings.catch_warnings(), rc_context(style()):
        warnings.simplefilter("error")
        figure = Figure(figsize=(2, 1))
        figure.text(0.1, 0.3, text, fontsize=20)
        drawn = png(figure, dpi=100)
    return int((np.asarray(Image.open(io.BytesIO(drawn)).convert("L")) < 60).sum())


def test_a_font_that_is_installed_is_used(han):
    assert families() == [MAIN, INSTALLED_BY_TEST]
    assert lacking([LETTER], families()) == []
    assert black(LETTER * 4) > 1000, "four filled squares"
    assert font_notes([LETTER]) == [
        f"The tables of the PDF cannot show {LETTER} (U+20BB7); the HTML page can."
    ]


def test_without_one_the_letters_are_named(monkeypatch):
    monkeypatch.setattr(fonts, "OTHERS", ())
    assert black(LETTER * 4) < 1000
    plots, tables = font_notes(["Équipe", f"a{LETTER}\n\u200b", LETTER])
    assert plots.startswith(f"The plots show boxes instead of {LETTER} (U+20BB7) because no installed font")
    assert "PDF" in tables
    assert font_notes(["Équipe Ωμέγα", "команда 1"]) == []
    assert "and 88 more" in font_notes([chr(0x4E00 + step) for step in range(100)])[0]


def test_the_report_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "OTHERS", ())
    rows = [
        (judge, image, team, slot, rank)
        for judge in ("j1", "j2", "j3")
        for image in ("001", "002", "003", "004")
        for slot, (team, rank) in enumerate([("a", 1), (f"{LETTER}", 2), ("c", 3), ("d", None)], start=1)
    ]
    votes = pd.DataFrame(rows, columns=pd.Index(["judge", "image", "team", "slot", "rank"]))
    paths = write_report(drawn_study(votes), tmp_path)
    page = paths.html.read_text(encoding="utf-8")
    assert f"instead of {LETTER} (U+20BB7)" in page
