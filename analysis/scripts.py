"""Writing systems of names: which way they are read, and which language's letters they use.

A name that is read from right to left must be set apart in a sentence; otherwise a number after it would
appear before it. Chinese, Japanese and Korean share codes for characters that each draws in its own way.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

_EAST_ASIAN = (
    "\u1100-\u11ff\u2e80-\u2fff\u3000-\u30ff\u3100-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_EAST_ASIAN}]+")
_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")


class Piece(NamedTuple):
    """A part of a text. `language` is zh, ja or ko, where letters are drawn as that language does."""

    text: str
    language: str | None = None
    from_right: bool = False


Split = Callable[[str], list[Piece]]


def from_right(text: str) -> bool:
    """Whether a text has letters that are written from right to left.

    Examples
    --------
    >>> from_right("שם 1"), from_right("name 1")
    (True, False)
    """
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def isolated(text: str) -> str:
    """Set a text from right to left apart from what is around it, by signs that nobody sees.

    Examples
    --------
    >>> isolated("שם 1") == "\u2068שם 1\u2069", isolated("name 1")
    (True, 'name 1')
    """
    return f"\u2068{text}\u2069" if from_right(text) else text


def language_of(text: str) -> str | None:
    """Return zh, ja or ko for a text in East Asian letters; characters alone are taken for Chinese.

    Examples
    --------
    >>> [language_of(name) for name in ("team 1", "图像队", "画像チーム", "이미지 팀")]
    [None, 'zh', 'ja', 'ko']
    """
    if not _RUN.search(text):
        return None
    return "ja" if _KANA.search(text) else "ko" if _HANGUL.search(text) else "zh"


def splitter(names: Iterable[str]) -> Split:
    """Return a function that splits a text into pieces, each of one language and one direction.

    Parameters
    ----------
    names
        The names that may occur in the text, each kept whole. Other words are known by their letters.

    Examples
    --------
    >>> [(piece.text, piece.language) for piece in splitter(["チーム 図"])("チーム 図, then 图")]
    [('チーム 図', 'ja'), (', then ', None), ('图', 'zh')]
    """
    known = sorted((name for name in set(names) if _is_special(name)), key=len, reverse=True)
    split = re.compile(f"({'|'.join(map(re.escape, known))})" if known else "(?!)")

    def pieces(text: str) -> list[Piece]:
        if not _is_special(text):
            return [Piece(text)] if text else []
        found: list[Piece] = []
        for place, part in enumerate(split.split(text)):
            found += [_whole(part)] if place % 2 else _words(part)
        return _merged(found)

    return pieces


def _is_special(text: str) -> bool:
    return from_right(text) or _RUN.search(text) is not None


def _whole(name: str) -> Piece:
    return Piece(name, language_of(name), from_right(name))


def _words(text: str) -> list[Piece]:
    """Split where no name is known: words from right to left with the spaces between them are one piece."""
    if not _is_special(text):
        return [Piece(text)] if text else []
    made: list[Piece] = []
    run = ""
    for word in re.split(r"(\s+)", text):
        if from_right(word) or (run and word.isspace()):
            run += word
            continue
        made += [*_right(run), *_east_asian(word)]
        run = ""
    return [*made, *_right(run)]


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Join plain neighbours."""
    made: list[Piece] = []
    for piece in pieces:
        plain = piece.language is None and not piece.from_right
        if plain and made and made[-1].language is None and not made[-1].from_right:
            made[-1] = Piece(made[-1].text + piece.text)
        else:
            made.append(piece)
    return made


def _right(run: str) -> list[Piece]:
    kept = run.rstrip()
    pieces = [_whole(kept)] if kept else []
    return [*pieces, Piece(run[len(kept) :])] if len(kept) < len(run) else pieces


def _east_asian(text: str) -> list[Piece]:
    made: list[Piece] = []
    end = 0
    for found in _RUN.finditer(text):
        made += [Piece(text[end : found.start()])] if found.start() > end else []
        made.append(_whole(found.group()))
        end = found.end()
    return [*made, Piece(text[end:])] if end < len(text) else made
