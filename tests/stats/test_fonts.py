"""Names beyond DejaVu Sans: drawn in a font that is found, or named where there is none."""

import io
import warnings

import numpy as np
import pandas as pd
import pypdfium2
import pytest
from click.testing import CliRunner
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from PIL import Image

from analysis import fonts
from analysis.cli import main
from analysis.fonts import MAIN, families, fonts_for, unshown_in_words
from analysis.imaging.crops import as_jpeg
from analysis.plots.canvas import png, style
from analysis.report.blocks import Document, Pictures, Section, Table, Text
from analysis.report.html import to_html
from analysis.report.pdf import to_pdf

LETTER = "\U00020bb7"  # a rare Han character, in hardly any font
NAMES = {
    "zh": "图像复原队（清华大学）",
    "ja": "画像復元チーム骨",
    "ko": "이미지 복원 팀",
    "Arab": "فريق ترميم الصور",
    "Hebr": "צוות שחזור 7",
    "Deva": "छवि पुनर्स्थापन दल",
    "Thai": "ทีมฟื้นฟูภาพถ่าย",
}


@pytest.fixture
def found_anew():
    """Fonts are looked for once in a process; here, and after, once more."""
    kept = (fonts._faces, fonts._best_face)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture
def nothing_found(monkeypatch):
    monkeypatch.setattr(fonts, "_best_face", lambda _key, _letters: None)


@pytest.fixture
def han(tmp_path, monkeypatch, found_anew):
    """Put a font that has LETTER, as a filled square, into the folder of STUDYAPP_FONTS."""
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
    builder.setupNameTable({"familyName": "Test Han", "styleName": "Regular"})
    builder.setupPost()
    builder.save(tmp_path / "han.ttf")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    monkeypatch.setenv("STUDYAPP_FONTS", str(tmp_path))


def black(text: str) -> int:
    """Dark pixels of a text, drawn as the plots draw theirs."""
    with warnings.catch_warnings(), rc_context(style()):
        warnings.simplefilter("error")
        figure = Figure(figsize=(2, 1))
        figure.text(0.1, 0.3, text, fontsize=20)
        drawn = png(figure, dpi=100)
    return dark(Image.open(io.BytesIO(drawn)))


def dark(picture) -> int:
    return int((np.asarray(picture.convert("L")) < 60).sum())


def test_a_font_of_the_folder_is_used_in_plots_and_pdf(han):
    installed = len(fontManager.ttflist)
    with fonts_for([LETTER]) as found:
        assert (found.unshown, len(families())) == ({}, 2)
        assert black(LETTER * 4) > 1000, "four filled squares"
    assert (families(), len(fontManager.ttflist)) == ([MAIN], installed)
    page = pypdfium2.PdfDocument(to_pdf(Document("T", "", (LETTER * 4,), ())))[0]
    blank = pypdfium2.PdfDocument(to_pdf(Document("T", "", ("    ",), ())))[0]
    assert dark(page.render().to_pil()) - dark(blank.render().to_pil()) > 100
    assert LETTER * 4 in page.get_textpage().get_text_range()


def test_names_in_every_script_are_shaped_and_can_be_copied():
    """The standard of the PDF allows no letter without a glyph."""
    names = tuple(NAMES.values())
    table = Table("Teams.", pd.DataFrame({"Team": names, "Rank": range(len(names))}))
    lines = (Text(f"{name}, then 3 of {name}.") for name in names)
    shown = Pictures("Beside each other.", ((names[3], as_jpeg(np.zeros((9, 16, 3), np.uint8))),))
    blocks = (table, *lines, shown)
    document = Document(" ".join(names[:3]), "", (), (Section("All", blocks),), names=names)
    made = to_pdf(document)
    assert b"<pdfuaid:part>1" in made
    assert to_pdf(document) == made
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made))
    assert {name: text.count(name) for name in names[4:]} == dict.fromkeys(names[4:], 3)
    assert text.count(names[3]) == 4, "and below its picture"
    assert {name: text.count(name) for name in names[:3]} == dict.fromkeys(names[:3], 5), "and title, footer"
    page = to_html(document)
    assert to_html(document) == page
    assert page.count("@font-face") == 10, "regular and bold of what not every machine has"
    assert "unicode-range: U+30C1, U+30E0, U+30FC, " in page
    assert f'<td><span lang="ja">{NAMES["ja"]}</span></td>' in page
    assert f"<p><bdi>{NAMES['Hebr']}</bdi>, then 3 of <bdi>{NAMES['Hebr']}</bdi>.</p>" in page
    with fonts_for(names, names) as found:
        assert set(found.families) == {"zh", "ja", "ko", "Deva", "Thai"}, "DejaVu Sans has the others"
        widths = {name: black(name) for name in names}
    assert all(width > 150 for width in widths.values()), widths


@pytest.mark.usefixtures("nothing_found")
def test_without_a_font_the_letters_are_named(tmp_path):
    names = [NAMES["ko"], "Équipe Ωμέγα", NAMES["Deva"], "команда 1", NAMES["Arab"]]
    with fonts_for(names, names) as found:
        told = unshown_in_words(found, names)
    assert [line.split(":")[0] for line in told] == [
        "Devanagari letters in 1 name",
        "Korean letters in 1 name",
    ]
    assert told[1].endswith(
        "no font found, so plots and PDF show boxes for 미 (U+BBF8), 복 (U+BCF5), 원 (U+C6D0), 이 (U+C774), "
        "지 (U+C9C0) and 1 more; install studyapp[fonts], or put a font into the folder that "
        "STUDYAPP_FONTS names"
    )
    rows = [
        (judge, image, team, slot, rank)
        for judge in ("j1", "j2", "j3")
        for image in ("001", "002", "003", "004")
        for slot, (team, rank) in enumerate([("a", 1), (NAMES["zh"], 2), ("c", 3), ("d", None)], start=1)
    ]
    columns = pd.Index(["judge", "image", "team", "slot", "rank"])
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "votes.csv", index=False)
    ran = CliRunner().invoke(
        main, ["report", str(tmp_path / "votes.csv"), "--output", str(tmp_path / "r"), "--draws", "100"]
    )
    assert ran.exit_code == 1
    assert "incomplete: Chinese letters in 1 name: no font found" in ran.stderr
    assert "Chinese letters in 1 name: no font found" in (tmp_path / "r/report.html").read_text("utf-8")
    text = pypdfium2.PdfDocument(tmp_path / "r/report.pdf")[0].get_textpage().get_text_range()
    assert "Chinese letters in 1 name: no font found" in text.replace("\r\n", " ")
