"""A report as one self-contained HTML page: plots are parts of it, pictures data URIs."""

import base64
import re
from collections.abc import Callable
from hashlib import sha256
from html import escape
from pathlib import Path

from analysis.fonts import MAIN, fonts_for
from analysis.report.blocks import Block, Document, Pictures, Plot, Section, Table, Text, cells, texts_of
from analysis.scripts import Piece, isolated, splitter

Mark = Callable[[str], str]
_ORDER = re.compile(rf"font-family: '{MAIN}', ((?:'[^']+'(?:, )?)+)")
USUAL = ('"Segoe UI"', '"Helvetica Neue"', "Arial")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
STYLE = """
:root { color: #1c2329; background: #fff; font: 16px/1.5 "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .5rem; padding-top: .75rem; border-top: 2px solid #12344d; }
p { margin: .5rem 0; max-width: 46rem; }
p, li, figcaption { overflow-wrap: anywhere; }
a { color: #12507b; }
nav { font-size: .9rem; margin: 1rem 0; }
nav ol { columns: 2 18rem; padding-left: 1.75rem; margin: 0; }
figure { margin: 1rem 0 1.5rem; }
figure img, figure svg { max-width: 100%; height: auto; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; font-size: .8125rem; line-height: 1.3; }
.pictures > div { width: min-content; }
.pictures img { max-width: none; display: block; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35; }
th, td { padding: .28rem .7rem; text-align: left; }
th { border: solid #1c2329; border-width: 1.5px 0; vertical-align: bottom; }
td { border-bottom: 1px solid #e1e6ea; vertical-align: top; }
tr:last-child td { border-bottom: 1.5px solid #1c2329; }
.subtitle { color: #56626c; margin-bottom: 1.25rem; }
.banner { position: sticky; top: 0; margin: 0 0 1.5rem; padding: .6rem 1rem; }
.banner { background: #1c2329; color: #fff; font-weight: 700; letter-spacing: .02em; }
.summary { background: #f2f5f8; border-left: 4px solid #12344d; padding: .5rem 1.25rem; margin: 1rem 0; }
.notes { border: 1px solid #12344d; border-left-width: 4px; padding: .5rem 1.25rem; margin: 1rem 0; }
.notes h2 { font-size: 1rem; margin: .25rem 0; padding: 0; border: 0; }
.notes ul { margin: .25rem 0; padding-left: 1.25rem; max-width: 46rem; }
.caption, figcaption { color: #3d4851; font-size: .875rem; max-width: 46rem; }
.caption { margin: 1.25rem 0 0; break-after: avoid; }
.wide { overflow-x: auto; margin: .35rem 0 1.5rem; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media screen and (max-width: 40rem) { .pictures { flex-wrap: nowrap; overflow-x: auto; } }
@page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page); font-size: 8pt; } }
@media print {
  :root { font-size: 11.5px; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  .banner { position: static; }
  .banner, .notes, .summary, th { print-color-adjust: exact; }
  figure, tr, .notes, .summary { break-inside: avoid; }
  figcaption { break-before: avoid; }
  p { orphans: 3; widows: 3; }
  a { color: inherit; text-decoration: none; }
  thead { display: table-header-group; }
  h2, .caption { break-after: avoid; }
  .wide { overflow: visible; }
  .short { break-inside: avoid; }
  th, td { padding: .2em .5em; }
  .tenths9 { font-size: .79rem; }
  .tenths8 { font-size: .7rem; }
  .tenths7 { font-size: .61rem; }
  .tenths6 { font-size: .53rem; }
  .tenths5 { font-size: .44rem; }
  .tenths4 { font-size: .35rem; }
  .pictures { flex-wrap: nowrap; }
  .pictures > div { flex: 0 1 auto; width: 24%; }
  .pictures img { max-width: 100%; height: auto; }
}
"""


_ID = re.compile(r'(\bid="|\bhref="#|url\(#)')
_TITLE = re.compile(r"<title>.*?</desc>\s*|<metadata>.*?</metadata>\s*", flags=re.DOTALL)
SHORT = 25
"""Rows of a table that stays on one page when it is printed."""
WIDEST = 135
"""Characters of a row, with two between columns, that fit on a page; wider tables are printed smaller."""
_LONG = 30  # characters of a cell; longer ones are broken into lines


def to_html(document: Document) -> str:
    """Return the page."""
    mark = _written(document, _marked)
    quoted = _written(document, _quoted)
    title = mark(document.title)
    banner = f'<div class="banner" role="note">{escape(document.banner)}</div>\n' if document.banner else ""
    summary = "".join(f"<p>{mark(line)}</p>\n" for line in document.summary)
    summary = summary and f'<div class="summary">\n{summary}</div>\n'
    contents = "".join(
        f'<li><a href="#s{number}">{escape(section.title)}</a></li>\n'
        for number, section in enumerate(document.sections, start=1)
    )
    sections = "".join(
        _section(number, section, mark, quoted) for number, section in enumerate(document.sections, start=1)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}{_fonts(document)}{_every_page(document.banner)}</style>\n"
        f"</head>\n<body>\n{banner}"
        f'<h1>{title}</h1>\n<p class="subtitle">{escape(document.subtitle)}</p>\n'
        f"{_lines('This report is not complete', document.failures, mark)}"
        f"{_lines('Before you read the results', document.notes, mark)}"
        f'{summary}<nav aria-label="Contents"><ol>\n{contents}</ol></nav>\n'
        f"{sections}</body>\n</html>\n"
    )


def _fonts(document: Document) -> str:
    """Letters that not every machine has a font for, a few kilobytes; elsewhere the reader's own fonts do."""
    with fonts_for(texts_of(document), document.names) as fonts:
        if not fonts.files:
            return ""
        faces = [_face(*one) for one in fonts.files]
        order = {"": fonts.order(), **{language: fonts.order(language) for language in ("zh", "ja", "ko")}}
    families = {
        language: ", ".join([*(f'"{name}"' for name in names[1:]), *USUAL, "sans-serif"])
        for language, names in order.items()
    }
    rules = [
        f"{f':lang({language})' if language else ':root'} {{ font-family: {names}; }}\n"
        for language, names in families.items()
    ]
    return "".join([*faces, *rules])


def _face(family: str, weight: int, path: Path) -> str:
    """Without the range Chromium paints boxes and leaves them where the font is ready a moment later."""
    from fontTools.ttLib import TTFont

    with TTFont(path) as font:
        letters = ", ".join(f"U+{code:X}" for code in sorted(font.getBestCmap() or ()))
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; unicode-range: {letters}; '
        f'src: url("data:font/ttf;base64,{data}"); }}\n'
    )


def _every_page(banner: str | None) -> str:
    """The banner above each printed page, in browsers that print what a style sheet says of margins."""
    if not banner:
        return ""
    text = "".join(
        letter if letter.isalnum() or letter == " " else f"\\{ord(letter):x} " for letter in banner
    )
    return f'@page {{ @top-left {{ content: "{text}"; font: 700 8pt sans-serif; white-space: nowrap; }} }}\n'


def _written(document: Document, piece: Callable[[Piece], str]) -> Mark:
    split = splitter(document.names)
    return lambda text: "".join(map(piece, split(text)))


def _marked(piece: Piece) -> str:
    """Set a name from right to left apart, and say which language's characters a name has."""
    tag = "bdi" if piece.from_right else "span"
    language = f' lang="{piece.language}"' if piece.language else ""
    text = escape(piece.text)
    return f"<{tag}{language}>{text}</{tag}>" if language or piece.from_right else text


def _quoted(piece: Piece) -> str:
    """For attributes, which hold no tags: signs that set a name apart."""
    return escape(isolated(piece.text), quote=True)


def _lines(head: str, lines: tuple[str, ...], mark: Mark) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{mark(line)}</li>\n" for line in lines)
    return f'<div class="notes" role="note">\n<h2>{escape(head)}</h2>\n<ul>\n{items}</ul></div>\n'


def _section(number: int, section: Section, mark: Mark, quoted: Mark) -> str:
    blocks = "".join(_block(block, mark, quoted) for block in section.blocks)
    return f'<section id="s{number}">\n<h2>{number}. {escape(section.title)}</h2>\n{blocks}</section>\n'


def _block(block: Block, mark: Mark, quoted: Mark) -> str:
    if isinstance(block, Text):
        return f"<p>{mark(block.text)}</p>\n"
    if isinstance(block, Pictures):
        return _pictures(block, mark, quoted)
    return _table(block, mark, quoted) if isinstance(block, Table) else _plot(block, mark, quoted)


def _table(table: Table, mark: Mark, quoted: Mark) -> str:
    head, numeric, rows = cells(table)
    kinds = [' class="number"' if is_number else "" for is_number in numeric]
    top = "".join(f'<th scope="col"{kind}>{mark(name)}</th>' for name, kind in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{mark(text)}</td>" for text, kind in zip(row, kinds, strict=True))
        + "</tr>\n"
        for row in rows
    )
    caption, label = mark(table.caption), quoted(table.caption)
    inside = f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody>\n"
    lead = f'<p class="caption">{caption}</p>\n'
    around = "wide short" if len(rows) <= SHORT else "wide"
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    width = sum(min(width, _LONG) + 2 for width in widths)
    # A class: where the page is served, no style is allowed but that of its head.
    tenths = max(4, int(10 * WIDEST / width)) if width > WIDEST else 10
    shrink = f' class="tenths{tenths}"' if tenths < 10 else ""
    return f'{lead}<div class="{around}"><table{shrink} aria-label="{label}">\n{inside}</table></div>\n'


def _pictures(block: Pictures, mark: Mark, quoted: Mark) -> str:
    images = "".join(
        f'<div><img src="data:image/jpeg;base64,{base64.b64encode(data).decode()}" alt="{quoted(label)}">'
        f"{mark(label)}</div>\n"
        for label, data in block.shown
    )
    caption = f"<figcaption>{mark(block.caption)}</figcaption>"
    return f'<figure>\n<div class="pictures">\n{images}</div>\n{caption}\n</figure>\n'


def _plot(plot: Plot, mark: Mark, quoted: Mark) -> str:
    caption = f"<figcaption>{mark(plot.caption)}</figcaption>"
    return f"<figure>\n{_inline(plot.svg, quoted(plot.alt))}{caption}\n</figure>\n"


def _inline(svg: str, label: str) -> str:
    """Return a plot as a part of the page, so that its words can be found and copied.

    Its ids get a prefix, as those of other plots are the same. Its title would come up under the pointer.
    """
    own = sha256(svg.encode()).hexdigest()[:8]
    svg = _TITLE.sub("", svg[svg.index("<svg") :])
    svg = svg.replace('role="img"', f'role="img" aria-label="{label}"', 1)
    svg = _ORDER.sub(rf"font-family: \1, '{MAIN}'", svg)  # as in the page's own text: see _face
    return _ID.sub(rf"\g<1>p{own}-", svg)
