"""A report as PDF, by Typst: tagged for screen readers, text in any script, the same bytes every time."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.fonts import Fonts, fonts_for
from analysis.report.blocks import Block, Document, Plot, Table, Text, cells, texts_of
from analysis.scripts import Split, isolated, splitter

LAYOUT = Path(__file__).with_name("report.typ")
Words = str | list[dict[str, str | None]]
_ran_in: set[int] = set()
"""The process in which Typst ran, and processes that it was forked from."""
_ALONE = "import json, sys, typst; sys.stdout.buffer.write(typst.compile(**json.load(sys.stdin)))"


def to_pdf(document: Document) -> bytes:
    """Return the report as A4 pages, with the banner of simulated votes on every page.

    It meets PDF/UA-1 if there is a font for every letter.
    """
    import typst

    with (
        fonts_for(texts_of(document), document.names) as fonts,
        TemporaryDirectory(prefix="studyapp-pdf-") as made,
    ):
        folder = Path(made)
        plain = _plain(document, fonts, folder)
        (folder / "document.json").write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        (folder / "main.typ").write_bytes(LAYOUT.read_bytes())
        if not fonts.unshown:
            try:
                return _compiled(folder, fonts, "ua-1")
            except (
                typst.TypstError,
                subprocess.CalledProcessError,
            ):  # a letter that a font has and the standard forbids
                pass
        return _compiled(folder, fonts)


def _compiled(folder: Path, fonts: Fonts, *standards: str) -> bytes:
    """Compile what is in the folder; in a process of its own where this one was forked since Typst ran.

    Typst keeps threads, which a forked process does not have: it would wait for them for ever.
    """
    import typst

    options: dict[str, Any] = {
        "input": str(folder / "main.typ"),
        "root": str(folder),
        "font_paths": [str(place) for place in fonts.folders],
        "ignore_system_fonts": True,
        "pdf_standards": list(standards),
        "timestamp": 0,
    }
    if _ran_in and os.getpid() not in _ran_in:
        command, given = [sys.executable, "-c", _ALONE], json.dumps(options).encode()
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout  # noqa: S603 (ours)
    _ran_in.add(os.getpid())
    return typst.compile(**options)


def _plain(document: Document, fonts: Fonts, folder: Path) -> dict[str, Any]:
    """Return what the layout reads, and put the pictures into the folder."""
    words = _in_words(splitter(document.names))
    orders = {language: fonts.order(language) for language in ("zh", "ja", "ko")}

    numbers = count(1)

    def file(data: bytes, kind: str) -> str:
        name = f"{next(numbers)}.{kind}"
        (folder / name).write_bytes(data)
        return name

    return {
        "name": document.title,
        "title": words(document.title),
        "short": words(document.title[:90]),
        "subtitle": words(document.subtitle),
        "banner": document.banner,
        "fonts": {"any": fonts.order(), **orders},
        **{
            name: [words(line) for line in getattr(document, name)]
            for name in ("failures", "notes", "summary")
        },
        "sections": [
            {
                "title": words(f"{number}. {section.title}"),
                "blocks": [_block(block, words, file) for block in section.blocks],
            }
            for number, section in enumerate(document.sections, start=1)
        ],
    }


def _in_words(split: Split) -> Callable[[str], Words]:
    """Set names from right to left apart, and mark East Asian ones with their language."""

    def words(text: str) -> Words:
        pieces = split(text)
        if all(piece.language is None for piece in pieces):
            return "".join(isolated(piece.text) for piece in pieces)
        return [{"text": isolated(piece.text), "language": piece.language} for piece in pieces]

    return words


def _block(block: Block, words: Callable[[str], Words], file: Callable[[bytes, str], str]) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": "text", "text": words(block.text)}
    if isinstance(block, Table):
        return {"kind": "table", "caption": words(block.caption), **_table(block, words)}
    if isinstance(block, Plot):
        picture = file(block.svg.encode(), "svg")
        return {"kind": "plot", "file": picture, "alt": block.alt, "caption": words(block.caption)}
    shown = [
        {
            "file": file(data, "jpg"),
            "alt": label,
            "label": words(label),
            "width": _width_of(data),
        }
        for label, data in block.shown
    ]
    columns = min(len(shown), 4) or 1
    return {"kind": "pictures", "shown": shown, "columns": columns, "caption": words(block.caption)}


def _table(table: Table, words: Callable[[str], Words]) -> dict[str, Any]:
    head, numeric, rows = cells(table)
    return {
        "head": [words(text) for text in head],
        "numeric": numeric,
        "rows": [[words(text) for text in row] for row in rows],
    }


def _width_of(data: bytes) -> int:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return image.width
