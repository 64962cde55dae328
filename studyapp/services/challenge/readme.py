"""readme.txt of a submission: the four lines that these challenges ask for, in every spelling teams find."""

import codecs
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from studyapp.errors import Problem

README = "readme.txt"
LONGEST = 1 << 18
"""Bytes of a readme.txt."""
EXAMPLE = """\
runtime per image [s] : 0.342
CPU[1] / GPU[0] : 0
Extra Data [1] / No Extra Data [0] : 0
Other description : one line or more about the method
"""

_RUNTIME, _DEVICE = "runtime per image [s]", "CPU[1] / GPU[0]"
_DATA, _OTHER = "Extra Data [1] / No Extra Data [0]", "Other description"
_LINES: dict[str, str] = dict(zip((_RUNTIME, _DEVICE, _DATA, _OTHER), EXAMPLE.splitlines(), strict=True))
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?|[.,]\d+)(?:e([+-]?\d{1,3}))?(.*)")
_CHOICE = re.compile(r"([^\[\]/|]+?)\s*\[\s*([01])\s*\]")
_SECONDS = ("", "s", "sec", "secs", "second", "seconds", "[s]", "(s)")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Readme:
    """What a team says of its results.

    Attributes
    ----------
    runtime
        Seconds for an image.
    on_gpu
        Whether that is the time on a GPU.
    extra_data
        Whether the model saw more than the challenge's images.
    other
        The rest, in the team's words.
    """

    runtime: float
    on_gpu: bool
    extra_data: bool
    other: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)


def read_readme(data: bytes, name: str = README) -> tuple[Readme | None, list[Problem]]:
    """Read a readme.txt; return what it says, or everything that is wrong with it by its line.

    Parameters
    ----------
    data
        UTF-8 or UTF-16 with or without a byte order mark, or GB18030; any ends of lines.
    name
        What problems call it.

    Examples
    --------
    >>> text = "runtime per image[s]：0,342\\r\\nCPU[1]/GPU[0]:0\\r\\nextra data[1]/no extra data[0]:1"
    >>> read_readme(text.encode())
    (Readme(runtime=0.342, on_gpu=True, extra_data=True, other=''), [])
    >>> str(read_readme(b"runtime per image [s] : fast")[1][0])
    "readme.txt:1: 'fast' is no number of seconds; write for example runtime per image [s] : 0.342"
    """
    if len(data) > LONGEST:
        what = f"has {len(data):,} bytes, more than the {LONGEST:,} allowed"
        return None, [Problem(name, what, "describe the method shortly, and in full in the factsheet")]
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    places: dict[str, int] = {}
    for line, key, value in _fields(_text(data)):
        if key is None:
            remedy = f"write a name and a colon first, as in {_LINES[_RUNTIME]}"
            problems.append(Problem(name, f"{value[:60]!r} is none of the lines asked for", remedy, line))
        elif key in places:
            what = f"{key!r} stands here again, and in line {places[key]} already"
            problems.append(Problem(name, what, "keep one of the two", line))
        else:
            places[key] = line
            found[key] = _value(key, value)
            if found[key] is None:
                problems.append(Problem(name, _wrong(key, value), f"write for example {_LINES[key]}", line))
    problems += [
        Problem(name, f"there is no line {key!r}", f"add it, for example {_LINES[key]}")
        for key in (_RUNTIME, _DEVICE, _DATA)
        if key not in places
    ]
    if problems:
        return None, problems
    return Readme(found[_RUNTIME], found[_DEVICE], found[_DATA], found.get(_OTHER, "")), []


def _text(data: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data[:4]:
        encoding = "utf-16-be" if data[0] == 0 else "utf-16-le"
    for one in (encoding or "utf-8", "gb18030"):
        try:
            return data.decode(one)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _fields(text: str) -> Iterator[tuple[int, str | None, str]]:
    """Yield line number, field (None of a line that is none) and value; the description has many lines."""
    other: list[str] = []
    begun = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n|\u2028|\u2029", text), start=1):
        plain = unicodedata.normalize("NFKC", line).strip("\ufeff \t\v\f\0")
        label, mark, value = _parted(plain)
        key = _key(label) if mark else None
        if key == _OTHER and begun is None:
            begun = number
            other = [value]
        elif key == _OTHER or (key is None and begun is not None):
            other.append(plain)
        elif key is not None or plain:
            # Which figure stands for what is written in the label: some teams turn the two round.
            yield number, key, f"{label} : {value}" if key in (_DEVICE, _DATA) else value if key else plain
    if begun is not None:
        yield begun, _OTHER, "\n".join(other).strip()


def _parted(line: str) -> tuple[str, str, str]:
    """Part a line at its first colon or sign of equality."""
    found = re.search(r"[:=]", line)
    if found is None:
        return line, "", ""
    return line[: found.start()].strip(), found[0], line[found.end() :].strip()


def _key(label: str) -> str | None:
    letters = re.sub(r"[^a-z]", "", label.casefold())
    if letters.startswith(("runtime", "runningtime")):
        return _RUNTIME
    if letters in ("cpugpu", "gpucpu"):
        return _DEVICE
    if letters in ("extradatanoextradata", "noextradataextradata", "extradata"):
        return _DATA
    return _OTHER if letters in ("otherdescription", "otherdescriptions", "description", "other") else None


def _value(key: str, text: str) -> Any:
    if key == _RUNTIME:
        return _seconds(text)
    if key == _OTHER:
        return text
    label, _, value = text.rpartition(" : ")
    yes = "gpu" if key == _DEVICE else "extradata"
    value = re.sub(r"[\s\[\]()]", "", value.casefold()).rstrip(".;,")
    meant = {figure: re.sub(r"[^a-z]", "", word.casefold()) for word, figure in _CHOICE.findall(label)}
    usual = {"0": "gpu", "1": "cpu"} if key == _DEVICE else {"0": "noextradata", "1": "extradata"}
    words = {"cpu": "cpu", "gpu": "gpu"} if key == _DEVICE else {
        **dict.fromkeys(("yes", "true", "extradata"), "extradata"),
        **dict.fromkeys(("no", "none", "false", "noextradata"), "noextradata"),
    }  # fmt: skip
    chosen = (meant if len(meant) == 2 else usual).get(value) or words.get(value)
    return None if chosen is None else chosen == yes


def _seconds(text: str) -> float | None:
    found = _NUMBER.fullmatch(text.casefold())
    if found is None or found[3].strip().rstrip(".") not in _SECONDS:
        return None
    number = float(f"{found[1].replace(',', '.')}e{found[2] or 0}")
    return number if math.isfinite(number) else None


def _wrong(key: str, text: str) -> str:
    value = text.rpartition(" : ")[2] if key != _RUNTIME else text
    if not value:
        return f"nothing stands behind {key!r}"
    return (
        f"{value[:60]!r} is no number of seconds" if key == _RUNTIME else f"{value[:60]!r} is neither 0 nor 1"
    )
