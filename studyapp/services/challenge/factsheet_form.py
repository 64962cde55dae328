"""What a factsheet holds, and reading it from a form or from YAML: every problem names its field."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from analysis.texts import Text, say
from studyapp.core.one_line import one_line
from studyapp.core.refused import in_words
from studyapp.core.strict import Strict
from studyapp.errors import StudyError

LARGEST = 200_000
"""Bytes of a YAML file."""
_MOST_NAMES = 60
_DEEPEST, _MOST_VALUES = 4, 1000
WHOLE = ""
"""The name under which stands what is wrong with a file as a whole."""


class BadSheetError(StudyError):
    """A factsheet that cannot be kept: what is wrong, by the name of the field."""

    def __init__(self, problems: Mapping[str, Text | str]) -> None:
        super().__init__(
            "; ".join(f"{name}: {what}" if name else str(what) for name, what in problems.items())
        )
        self.problems = dict(problems)


def _line(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        return "" if value is None or isinstance(value, str) else value
    return one_line(value.strip())


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return "" if value is None else value
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    for letter in value:
        if letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cs"):
            sign = f"U+{ord(letter):04X}"
            raise ValueError(say("there is a control character, %(sign)s; remove it", sign=sign))
    return value


def _lines(value: Any) -> Any:
    """Names: a list, or a text with one on each line."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.splitlines()
    return [item for item in value if item is not None and item != ""] if isinstance(value, list) else value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        raise ValueError(say("must be a number"))
    return value


def _address(value: Any) -> Any:
    value = _line(value)
    if isinstance(value, str) and value and not value.startswith(("https://", "http://")):
        raise ValueError(say("must begin with https:// or http://"))
    return value


def _answer(value: Any) -> Any:
    return None if value == "" else value


Line = Annotated[str, Field(max_length=200), BeforeValidator(_line)]
Name = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_line)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_lines), Field(max_length=_MOST_NAMES)]
Link = Annotated[str, Field(max_length=500), BeforeValidator(_address)]
_Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
Number = Annotated[_Amount | None, BeforeValidator(_number)]
Answer = Annotated[bool | None, BeforeValidator(_answer)]
Prose = Annotated[str, Field(max_length=2000), BeforeValidator(_text)]
Method = Annotated[str, Field(max_length=20_000), BeforeValidator(_text)]


class Sheet(Strict):
    """What a team says of itself and its method. What is empty is not said yet.

    Attributes
    ----------
    parameters_m, flops_g
        Millions of parameters; billions of FLOPs for an input of 3x1024x1024, as `studyapp measure` has them.
    runtime_s
        Seconds for an image on `hardware`.
    extra_data, pretrained, ensemble
        Whether there were any; with the fields of the same name and `_which` they say which.
    """

    team: Line = ""
    leader: Line = ""
    leader_email: Line = ""
    members: Names = ()
    affiliations: Names = ()
    user_names: Names = ()
    method: Method = ""
    parameters_m: Number = None
    flops_g: Number = None
    runtime_s: Number = None
    hardware: Line = ""
    extra_data: Answer = None
    extra_data_which: Prose = ""
    pretrained: Answer = None
    pretrained_which: Prose = ""
    ensemble: Answer = None
    ensemble_which: Prose = ""
    code: Link = ""
    results: Link = ""
    paper: Link = ""

    @property
    def lacking(self) -> list[str]:
        """The fields without which it is not complete, in order."""
        wanted = [name for name in _WANTED if getattr(self, name) in ("", (), None)]
        unsaid = [f"{name}_which" for name in ANSWERS if getattr(self, name) and not self._which(name)]
        return [name for name in Sheet.model_fields if name in (*wanted, *unsaid)]

    def _which(self, name: str) -> str:
        return getattr(self, f"{name}_which")


ANSWERS = ("extra_data", "pretrained", "ensemble")
NUMBERS = ("parameters_m", "flops_g", "runtime_s")
_WANTED = (
    "team", "leader", "leader_email", "affiliations", "method", *NUMBERS, "hardware", *ANSWERS,
)  # fmt: skip
_IN_YAML = {
    "team": "the team's name, as it is to be printed",
    "leader": "",
    "leader_email": "only organisers see it",
    "members": "all others, as they are to be printed: [name, name]",
    "affiliations": "of all members, each once",
    "user_names": "accounts under which results were handed in elsewhere",
    "method": "a text of several lines after `|`",
    "parameters_m": "millions of parameters",
    "flops_g": "billions of FLOPs for an input of 3x1024x1024; a multiply-accumulate is two",
    "runtime_s": "seconds for an image, on the hardware below",
    "hardware": "",
    "extra_data": "true or false: data besides that of the challenge",
    "extra_data_which": "",
    "pretrained": "true or false: weights that others trained, losses included",
    "pretrained_which": "",
    "ensemble": "true or false: of models, or of turned and mirrored inputs",
    "ensemble_which": "",
    "code": "https://...",
    "results": "https://...",
    "paper": "https://...",
}


def read_sheet(values: Any) -> Sheet:
    """Return the factsheet with these values.

    Raises
    ------
    BadSheetError
        Naming every field that is wrong.
    """
    if not isinstance(values, Mapping):
        raise BadSheetError({WHOLE: say("a factsheet has a line for each field, such as `team: Night Owls`")})
    try:
        return Sheet.model_validate(dict(values))
    except ValidationError as error:
        problems: dict[str, Text | str] = {}
        for item in error.errors():
            name = str(item["loc"][0]) if item["loc"] else WHOLE
            what = in_words(item)
            if len(item["loc"]) > 1 and isinstance(item["loc"][1], int):
                what = say("line %(number)s %(what)s", number=item["loc"][1] + 1, what=what)
            problems.setdefault(name[:80], what)
        raise BadSheetError(problems) from None


def read_yaml(data: bytes) -> Sheet:
    """Return the factsheet of a YAML file that a stranger wrote.

    Raises
    ------
    BadSheetError
        Naming every field that is wrong, or what is wrong with the file.
    """
    if len(data) > LARGEST:
        said = say("the file has more than %(most)s bytes; hand in long texts by a link", most=f"{LARGEST:,}")
        raise BadSheetError({WHOLE: said})
    try:
        text = data.decode("utf-8-sig")
        _refuse_tricks(text)
        _refuse_twice(yaml.compose(text, Loader=yaml.SafeLoader))
        values = yaml.safe_load(text)
    except UnicodeDecodeError:
        raise BadSheetError({WHOLE: say("the file is not UTF-8; save it as UTF-8")}) from None
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        said = say("line %(line)s is not YAML; texts with a colon or a quote go into quotes", line=line)
        raise BadSheetError({WHOLE: said}) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise BadSheetError({WHOLE: say("the file is not YAML")}) from None
    return read_sheet(values)


def _refuse_tricks(text: str) -> None:
    """Refuse what a factsheet never needs and readers of YAML take minutes and gigabytes for."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or number > _MOST_VALUES:
            raise BadSheetError({WHOLE: say("this is more than a factsheet; write a line for each field")})
        # Each use of an anchor repeats what it names: a few lines can become any number of values.
        if getattr(event, "anchor", None):
            raise BadSheetError({WHOLE: say("write values out: & and * are not read")})


def _refuse_twice(node: yaml.Node | None) -> None:
    """YAML takes the last of two values of a field without a word."""
    if not isinstance(node, yaml.MappingNode):
        return
    names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadSheetError({str(twice[0])[:80]: say("is in the file twice; keep one")})


def as_yaml(sheet: Sheet) -> str:
    """Write a factsheet as YAML, with what each field means."""
    lines = ["# A factsheet. Lines that begin with # are comments; leave empty what you do not know yet."]
    for name, value in sheet.model_dump(mode="json").items():
        if meaning := _IN_YAML[name]:
            lines += ["", f"# {meaning}"]
        empty = value is None or value == ""
        lines.append(f"{name}:" if empty else _dumped(name, value))
    return "\n".join(lines) + "\n"


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def _dumped(name: str, value: Any) -> str:
    said = yaml.dump({name: value}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return said.rstrip("\n")
