"""A report as PDF, by reportlab: flowing text, tables that break across pages, reproducible bytes."""

import io
from html import escape
from pathlib import Path
from typing import Any

from analysis.plots.canvas import png
from analysis.report.bidi import Mark, drawn, from_right, in_one_line, marker
from analysis.report.blocks import Block, Document, Pictures, Section, Table, Text, cells

MARGIN = 56.0
ONE_PAGE_ROWS = 25
PAGE = (595.28, 841.89)
WIDTH = PAGE[0] - 2 * MARGIN
TALLEST = 620.0  # points of a figure; its caption stands on the same page
INK = "#12344d"
FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"


def to_pdf(document: Document) -> bytes:
    """Return the report as A4 pages, with the banner of simulated votes on every page."""
    from reportlab.platypus import SimpleDocTemplate

    _register_fonts()
    target = io.BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN + 8,
        bottomMargin=MARGIN,
        title=document.title,
        author="studyapp",
        invariant=1,
    )

    def frame(canvas: Any, page: Any) -> None:
        _page_frame(canvas, document, page.page)

    template.build(_story(document), onFirstPage=frame, onLaterPages=frame)
    return target.getvalue()


def _story(document: Document) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    styles, mark = _styles(), marker(document.names, plain=escape, marked=_from_right)
    story: list[Any] = [
        Paragraph(mark(document.title), styles["title"]),
        Paragraph(escape(document.subtitle), styles["caption"]),
        Spacer(1, 8),
        *_lines("This report is not complete", document.failures, styles, mark),
        *_lines("Before you read the results", document.notes, styles, mark),
        *(Paragraph(mark(line), styles["lead"]) for line in document.summary),
    ]
    for number, section in enumerate(document.sections, start=1):
        story += _section(number, section, styles, mark)
    return story


def _from_right(name: str) -> str:
    shown = escape(drawn(name))
    return f"<nobr>{shown}</nobr>" if in_one_line(name) else shown


def _lines(head: str, lines: tuple[str, ...], styles: dict[str, Any], mark: Mark) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    if not lines:
        return []
    items = [Paragraph(mark(line), styles["note"], bulletText="\u2022") for line in lines]
    return [Paragraph(escape(head), styles["note_head"]), *items, Spacer(1, 6)]


def _section(number: int, section: Section, styles: dict[str, Any], mark: Mark) -> list[Any]:
    from reportlab.platypus import CondPageBreak, Paragraph

    heading = Paragraph(f"{number}. {escape(section.title)}", styles["heading"])
    blocks = [flowable for block in section.blocks for flowable in _block(block, styles, mark)]
    return [CondPageBreak(120), heading, *blocks]


def _block(block: Block, styles: dict[str, Any], mark: Mark) -> list[Any]:
    from reportlab.platypus import CondPageBreak, Image, KeepTogether, Paragraph, Spacer

    if isinstance(block, Text):
        return [Paragraph(mark(block.text), styles["text"])]
    if isinstance(block, Table):
        caption = Paragraph(mark(block.caption), styles["caption"])
        parts = [Spacer(1, 4), CondPageBreak(70), caption, _table(block, styles, mark), Spacer(1, 8)]
        return [KeepTogether(parts)] if len(block.frame) <= ONE_PAGE_ROWS else parts
    if isinstance(block, Pictures):
        return []  # in the page only; the table before them says the same
    image = Image(io.BytesIO(png(block.figure)))
    scale = min(WIDTH / image.imageWidth, TALLEST / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return [KeepTogether([image, Paragraph(mark(block.caption), styles["caption"]), Spacer(1, 8)])]


def _table(table: Table, styles: dict[str, Any], mark: Mark) -> Any:
    """Columns of words share what the columns of figures leave, and wrap."""
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    head, numeric, rows = cells(table)
    size, pad = styles["cell"].fontSize, 8.0
    widths = _widths([head, *rows], size, pad)
    body = [
        [
            Paragraph(mark(text), styles["figure" if number else "cell"])
            for text, number in zip(row, numeric, strict=True)
        ]
        for row in rows
    ]
    top = [
        Paragraph(mark(text), styles["figure_head" if number else "cell_head"])
        for text, number in zip(head, numeric, strict=True)
    ]
    made = LongTable([top, *body], colWidths=widths, repeatRows=1, splitInRow=1, hAlign="LEFT")
    made.setStyle(
        TableStyle(
            [
                ("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor(INK)),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
                ("LINEBELOW", (0, 1), (-1, -2), 0.25, HexColor("#d5dce2")),
                ("LINEBELOW", (0, -1), (-1, -1), 0.8, HexColor(INK)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), pad / 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), pad / 2),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        )
    )
    return made


def _widths(lines: list[list[str]], size: float, pad: float) -> list[float]:
    """Natural widths; if they do not fit, heads are wrapped, then the widest columns narrowed."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    head, *rows = [[stringWidth(text, BOLD, size) + pad + 2 for text in line] for line in lines]
    words = [
        max(stringWidth(word, BOLD, size) for word in [*text.split(), ""]) + pad + 2 for text in lines[0]
    ]
    widths = [max(column) for column in zip(head, *rows, strict=True)]
    if sum(widths) <= WIDTH:
        return widths
    widths = [max(column) for column in zip(words, *rows, strict=True)]
    limit = max(widths)
    while sum(min(width, limit) for width in widths) > WIDTH and limit > 30:
        limit -= 2
    return [min(width, limit) for width in widths]


def _page_frame(canvas: Any, document: Document, number: int) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor("#56626c")
    title = document.title[:90]
    canvas.drawString(MARGIN, MARGIN / 2, drawn(title) if from_right(title) else title)
    canvas.drawRightString(PAGE[0] - MARGIN, MARGIN / 2, str(number))
    if document.banner:
        canvas.setFillColor("#1c2329")
        canvas.rect(0, PAGE[1] - 30, PAGE[0], 30, stroke=0, fill=1)
        canvas.setFillColor("#ffffff")
        canvas.setFont(BOLD, 8.5)
        canvas.drawString(MARGIN, PAGE[1] - 19, document.banner)
    canvas.restoreState()


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    text = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=12.5, spaceAfter=5)
    cell = ParagraphStyle("cell", fontName=FONT, fontSize=7.2, leading=9)
    right: Any = {"alignment": 2}
    return {
        "text": text,
        "lead": ParagraphStyle(
            "lead", parent=text, backColor=HexColor("#f2f5f8"), borderPadding=4, spaceAfter=8
        ),
        "caption": ParagraphStyle(
            "caption", parent=text, fontSize=8, leading=10.5, textColor=HexColor("#3d4851"), spaceAfter=3
        ),
        "title": ParagraphStyle("title", parent=text, fontName=BOLD, fontSize=18, leading=22, spaceAfter=4),
        "heading": ParagraphStyle(
            "heading", parent=text, fontName=BOLD, fontSize=12, leading=15, spaceBefore=12, spaceAfter=5
        ),
        "note": ParagraphStyle("note", parent=text, leftIndent=10, bulletIndent=1, spaceAfter=2),
        "note_head": ParagraphStyle("note_head", parent=text, fontName=BOLD, spaceAfter=3),
        "cell": cell,
        "figure": ParagraphStyle("figure", parent=cell, **right),
        "cell_head": ParagraphStyle("cell_head", parent=cell, fontName=BOLD),
        "figure_head": ParagraphStyle("figure_head", parent=cell, fontName=BOLD, **right),
    }


def _register_fonts() -> None:
    """DejaVu Sans, which knows most alphabets, comes with matplotlib."""
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
