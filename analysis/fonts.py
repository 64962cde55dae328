"""Fonts of plots and PDF: DejaVu Sans, which matplotlib brings, and for what it lacks fonts of this machine.

Only the letters in use are cut out of such a font, as one regular and one bold face. matplotlib would draw
variable fonts thin, a PDF stays small, and its bytes depend on no other font.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import category, combining

from analysis.amounts import how_many
from analysis.font_cut import cut
from analysis.scripts import splitter

MAIN = "DejaVu Sans"
MAIN_FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
FOLDER = "STUDYAPP_FONTS"
PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
"""What the extra [fonts] installs."""

LIKED: Mapping[str, tuple[str, ...]] = {
    "zh": (
        *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei"),
        *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimSun", "Droid Sans Fallback"),
    ),
    "ja": (
        *("Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans", "Hiragino Sans", "Yu Gothic", "Meiryo"),
        *("IPAexGothic", "MS Gothic"),
    ),
    "ko": (
        *("Noto Sans CJK KR", "Noto Sans KR", "Source Han Sans K", "Apple SD Gothic Neo", "Malgun Gothic"),
        *("NanumGothic", "UnDotum"),
    ),
    "Deva": ("Noto Sans Devanagari", "Kohinoor Devanagari", "Nirmala UI", "Mangal", "Lohit Devanagari"),
    "Thai": ("Noto Sans Thai", "Thonburi", "Leelawadee UI", "Loma"),
}
"""Families by language or script, the best first; any other that has the letters comes after them."""
_NAMES = {"zh": "Chinese", "ja": "Japanese", "ko": "Korean", "Zyyy": "Other"}
_EAST_ASIAN = ("Hani", "Hira", "Kana", "Hang", "Bopo", "Zyyy")
_UNUSABLE = ("lastresort", "last resort", "adobe blank", "notdef")
_FAMILIES: ContextVar[tuple[str, ...]] = ContextVar("families", default=())


@dataclass(frozen=True)
class Face:
    """A face in a font file. `given` ones were put into the folder that STUDYAPP_FONTS names."""

    path: Path
    index: int
    family: str
    variable: bool
    bold: bool
    plain: bool
    given: bool


@dataclass(frozen=True)
class Fonts:
    """Fonts for some texts.

    Attributes
    ----------
    folders
        Where their files are.
    families
        By language or script, what is used beside DejaVu Sans.
    unshown
        By language or script, letters that no font has.
    files
        Family, weight and file of each font that was cut.
    """

    folders: tuple[Path, ...]
    families: Mapping[str, str]
    unshown: Mapping[str, str]
    files: tuple[tuple[str, int, Path], ...] = ()

    def order(self, language: str | None = None) -> list[str]:
        """The families in the order in which each letter is looked for, those of a language first."""
        own = self.families.get(language or "")
        first = [own] if own else []
        return [MAIN, *first, *(name for name in self.families.values() if name not in first)]


def families() -> list[str]:
    """Return the families for matplotlib's `font.family`; each glyph comes from the first that has it."""
    return [MAIN, *_FAMILIES.get()]


@contextmanager
def fonts_for(texts: Iterable[str], names: Iterable[str] = ()) -> Iterator[Fonts]:
    """Find fonts for texts, and for the plots drawn within.

    Parameters
    ----------
    names
        What the texts may contain; the letters of a name are those of one language.
    """
    from matplotlib.font_manager import fontManager

    chosen, unshown = _chosen(_lacking_in_main(texts, names))
    with TemporaryDirectory(prefix="studyapp-fonts-", ignore_cleanup_errors=True) as made:
        used: dict[str, str] = {}
        files: list[tuple[str, int, Path]] = []
        for key, letters, faces in chosen:
            try:
                installed = _install(key, letters, faces, Path(made))
            except Exception:  # a damaged font is no reason to have no report
                logging.getLogger(__name__).warning("%s cannot be used", faces[0].path, exc_info=True)
                unshown[key] = "".join(sorted({*unshown.get(key, ""), *letters}))
            else:
                used[f"{key}, more" if key in used else key] = installed[0][0]
                files += installed
        held = _FAMILIES.set((*used.values(), *_FAMILIES.get()))
        try:
            yield Fonts((main_folder(), Path(made)), used, unshown, tuple(files))
        finally:
            _FAMILIES.reset(held)
            fontManager.ttflist[:] = [one for one in fontManager.ttflist if not one.fname.startswith(made)]


def _install(key: str, letters: str, faces: tuple["Face", ...], folder: Path) -> list[tuple[str, int, Path]]:
    """Cut letters out of a regular and a bold face; return family, weight and file of each."""
    from matplotlib.font_manager import fontManager

    which = repr((letters, [(face.path.name, face.index) for face in faces]))
    name = f"Studyapp {key} {sha256(which.encode()).hexdigest()[:10]}"
    # Characters, kana and whole syllables stand beside each other; parts of syllables are put together.
    shaped = key not in ("zh", "ja", "ko") or any(
        combining(letter) or "\u1100" <= letter < "\u1200" for letter in letters
    )
    made = []
    for face, weight in zip(faces, (400, 700), strict=False):
        path = folder / f"{name} {weight}.ttf"
        path.write_bytes(cut(face.path, face.index, letters, weight, name, shaped=shaped))
        fontManager.addfont(path)
        made.append((name, weight, path))
    return made


def unshown_in_words(fonts: Fonts, names: Iterable[str]) -> list[str]:
    """Say which letters plots and PDF cannot show, and what to do."""
    names = list(dict.fromkeys(names))
    told = []
    for key, letters in fonts.unshown.items():
        count = sum(any(letter in name for letter in letters) for name in names)
        where = f" in {how_many(count, 'names')}" if count else ""
        told.append(
            f"{name_of(key)} letters{where}: no font found, so plots and PDF show boxes for "
            f"{_some(letters)}; install studyapp[fonts], or put a font into the folder that {FOLDER} names"
        )
    return told


def name_of(key: str) -> str:
    """Return the name of a language or script.

    Examples
    --------
    >>> name_of("ko"), name_of("Deva")
    ('Korean', 'Devanagari')
    """
    from fontTools.unicodedata import script_name

    return _NAMES.get(key) or script_name(key).replace("_", " ")


def _some(letters: str, most: int = 5) -> str:
    more = f" and {len(letters) - most} more" if len(letters) > most else ""
    return ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters[:most]) + more


def _lacking_in_main(texts: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Return the letters that DejaVu Sans lacks by language or script, in the order of their codes."""
    from fontTools.unicodedata import script

    split, known, lacking = splitter(names), _letters_of_main(), defaultdict(set)
    for text in {text for text in texts if not text.isascii()}:
        for piece in split(text):
            last = "Zyyy"
            for letter in piece.text:
                own = script(letter)
                last = last if own in ("Zinh", "Zyyy") else own
                if letter not in known and category(letter)[0] not in "CZ":
                    east_asian = piece.language if last in _EAST_ASIAN else None
                    lacking[east_asian or last].add(letter)
    return {key: "".join(sorted(letters)) for key, letters in sorted(lacking.items())}


@cache
def main_folder() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@cache
def _letters_of_main() -> frozenset[str]:
    """What both DejaVu Sans and its bold face have."""
    from matplotlib.ft2font import FT2Font

    each = [FT2Font(str(main_folder() / name)).get_charmap() for name in MAIN_FILES]
    return frozenset(map(chr, set(each[0]) & set(each[1])))


Chosen = tuple[str, str, tuple[Face, ...]]


def _chosen(wanted: Mapping[str, str]) -> tuple[list[Chosen], dict[str, str]]:
    """Return for each language or script letters and the faces that have them, and letters that none has."""
    chosen: list[Chosen] = []
    unshown: dict[str, str] = {}
    for key, letters in wanted.items():
        left = letters
        for _ in range(2):  # a second font for what the best one lacks
            if not left or (found := _best_face(key, left)) is None:
                break
            face, has = found
            chosen.append((key, has, (face, *_bold_of(face))))
            left = "".join(letter for letter in left if letter not in has)
        if left:
            unshown[key] = left
    return chosen, unshown


@lru_cache(maxsize=64)
def _best_face(key: str, letters: str) -> tuple[Face, str] | None:
    """Return the first face, by liking, that has all letters, or the one that has most, and what it has."""
    liked = LIKED.get(key, (f"Noto Sans {name_of(key)}",))
    places = {family: place for place, family in enumerate(liked)}

    def liking(face: Face) -> tuple[Any, ...]:
        place = places.get(face.family, len(places))
        return (not face.given, place, not face.plain, face.bold, str(face.path), face.index)

    best: tuple[Face, str] | None = None
    for face in sorted(_faces(), key=liking):
        has = _has(face, letters)
        if len(has) > (len(best[1]) if best else 0):
            best = (face, has)
        if len(has) == len(letters):
            break
    return best


def _bold_of(face: Face) -> list[Face]:
    if face.variable:
        return [face]
    return [one for one in _faces() if one.bold and (one.family, one.given) == (face.family, face.given)][:1]


def _has(face: Face, letters: str) -> str:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(face.path), face_index=face.index)
    return "".join(letter for letter in letters if font.get_char_index(ord(letter)))


@cache
def _faces() -> tuple[Face, ...]:
    """Return every usable face: of the folder given, of the extra, and of the system."""
    from matplotlib.font_manager import findSystemFonts

    given = os.environ.get(FOLDER)
    of_extra = [
        place
        for name in PACKAGES
        if (spec := find_spec(name)) is not None
        for place in spec.submodule_search_locations or ()
    ]
    files = {Path(name): False for name in sorted([*findSystemFonts(), *_files_of(of_extra)])}
    files |= {Path(name): True for name in sorted(_files_of([given] if given else []))}
    return tuple(face for path, own in files.items() for face in _faces_of(path, own))


def _files_of(folders: Iterable[str]) -> list[str]:
    kinds = (".ttf", ".otf", ".ttc", ".otc")
    return [
        str(file) for folder in folders for file in Path(folder).rglob("*") if file.suffix.lower() in kinds
    ]


def _faces_of(path: Path, given: bool) -> Iterator[Face]:
    from matplotlib.ft2font import FaceFlags, FT2Font, StyleFlags

    try:
        count = FT2Font(str(path)).num_faces
        for index in range(count):
            font = FT2Font(str(path), face_index=index)
            usable = FaceFlags.SCALABLE in font.face_flags and FaceFlags.SFNT in font.face_flags
            if not usable or font.family_name.lower().startswith(_UNUSABLE):
                continue
            variable = FaceFlags.MULTIPLE_MASTERS in font.face_flags
            yield Face(
                path,
                index,
                _family_of(font.family_name, font.style_name),
                variable,
                bold=StyleFlags.BOLD in font.style_flags and not variable,
                plain=(variable or font.style_name in ("Regular", "Book", "Roman", "Normal", "Medium", "W3"))
                and StyleFlags.ITALIC not in font.style_flags,
                given=given,
            )
    except (OSError, RuntimeError, UnicodeDecodeError):
        return  # a font that FreeType cannot open is no font


def _family_of(family: str, style: str) -> str:
    """A variable font is named after its first weight: Noto Sans CJK JP Thin."""
    return family.removesuffix(f" {style}")
