"""Fonts of the plots: DejaVu Sans, and an installed font for what it lacks (Chinese, Korean, ...)."""

import unicodedata
from collections.abc import Iterable

MAIN = "DejaVu Sans"
"""Comes with matplotlib; has Latin, Greek, Cyrillic, Arabic and many other alphabets."""

OTHERS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)


def families() -> list[str]:
    """Return the families for matplotlib's `font.family`; each glyph comes from the first that has it."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return [MAIN, *(name for name in OTHERS if name in installed)]


def lacking(texts: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the characters of texts that none of these families has, in the order of their codes.

    Examples
    --------
    >>> lacking(["Équipe Ωμέγα", "Tēām\\t1"], [MAIN])
    []
    >>> lacking(["队 one"], [MAIN])
    ['队']
    """
    from matplotlib.font_manager import fontManager, get_font

    fonts = [get_font(fontManager.findfont(name, fallback_to_default=False)) for name in names]
    shown = {letter for text in texts for letter in text if unicodedata.category(letter)[0] not in "CZ"}
    return sorted(letter for letter in shown if not any(font.get_char_index(ord(letter)) for font in fonts))


def font_notes(texts: Iterable[str]) -> list[str]:
    """Say which characters plots and PDF tables cannot show; empty if they can show all."""
    texts = list(texts)
    notes = []
    if letters := lacking(texts, families()):
        notes.append(
            f"The plots show boxes instead of {_some(letters)} because no installed font has them. Install "
            "one (for example Noto Sans CJK) and write the report again."
        )
    if letters := lacking(texts, [MAIN]):
        notes.append(f"The tables of the PDF cannot show {_some(letters)}; the HTML page can.")
    return notes


def _some(letters: list[str], most: int = 12) -> str:
    more = f" and {len(letters) - most} more" if len(letters) > most else ""
    return ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters[:most]) + more
