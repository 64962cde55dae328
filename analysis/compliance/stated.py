"""What only the organisers can know of how judges looked: the key `stated` of study.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.yaml_text import read_yaml

STATED: Mapping[str, str] = {
    "place": "where judges sat: controlled (a room set up for the study), own (each at a place of their own) "
    "or public",
    "viewing_distance": "how far judges sat from the screen, for example 60 cm, or 2 screen heights",
    "room_illumination": "the light of the room, for example below 20 lux",
    "displays": "make, size and resolution of the screens",
    "display_calibration": "how screens were calibrated; `false`: they were not",
    "acuity_test": "how visual acuity was tested, for example Snellen chart; `false`: it was not",
    "colour_vision_test": "how colour vision was tested, for example Ishihara plates; `false`: it was not",
    "observers": "age, sex and recruitment of the judges, and whether they were paid",
    "expertise": "experts, non-experts or both",
    "involvement": "whether judges took part in developing the methods shown; `false`: nobody did",
}
"""Each thing that may be stated, and what it is."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "place": ("controlled", "own", "public"),
    "expertise": ("experts", "non-experts", "both"),
}
DENIABLE = ("display_calibration", "acuity_test", "colour_vision_test", "involvement")
"""What may be `false`: it was not done."""

FEWEST = 15
"""Observers below which a test is called informal (ITU-R BT.500-15, ITU-T P.910)."""

_LONGEST = 500


def check_stated(raw: Any, *, what: str = "stated") -> dict[str, str | bool]:
    """Return what is stated, checked.

    Raises
    ------
    AnalysisError
        For an unknown key or an unusable value.

    Examples
    --------
    >>> check_stated({"place": "own", "acuity_test": False})
    {'place': 'own', 'acuity_test': False}
    """
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise AnalysisError(f"{what} is {raw!r}; give keys such as viewing_distance, each with a text")
    return {key: _checked(key, raw[key], what) for key in raw}


def _checked(key: Any, value: Any, what: str) -> str | bool:
    if key not in STATED:
        raise AnalysisError(f"{what}: unknown key {key!r}; {hint(str(key), STATED)}")
    if value is False and key in DENIABLE:
        return False
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        no = ", or false if it was not" if key in DENIABLE else ""
        raise AnalysisError(f"{what}.{key} is {value!r}; give one line of text{no}: {STATED[key]}")
    if len(value) > _LONGEST:
        raise AnalysisError(f"{what}.{key} has {len(value)} characters; {_LONGEST} at most")
    if key in CHOICES and value not in CHOICES[key]:
        raise AnalysisError(f"{what}.{key} is {value!r}; write {' or '.join(CHOICES[key])}")
    return value


def read_stated(path: Path) -> dict[str, str | bool]:
    """Read the key `stated` of a study.yaml, or of any YAML or JSON file.

    Raises
    ------
    AnalysisError
        If the file cannot be read or has no usable statements.
    """
    raw = read_yaml(path, named=str(path))
    if not isinstance(raw, Mapping) or "stated" not in raw:
        raise AnalysisError(f"{path}: no key `stated`; docs/compliance.md lists what it may contain")
    return check_stated(raw["stated"], what=f"{path}: stated")
