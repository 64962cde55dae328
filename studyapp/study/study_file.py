"""study.yaml: its schema, and reading it with every problem named at its line."""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, WithJsonSchema, model_validator

from analysis.compliance.stated import CHOICES, DENIABLE, STATED, check_stated
from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.imaging import MAX_PIXELS, Policy
from analysis.rule import POINTS, Rule, read_rule
from analysis.rule.value import ALONE
from analysis.rule.words import KEY_MEANINGS
from analysis.texts import say
from studyapp.core.canonical import canonical_json
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE, Checks
from studyapp.core.one_line import OneLine
from studyapp.core.reasons import ReasonRules
from studyapp.core.records import damaged
from studyapp.core.refused import in_words
from studyapp.core.small_files import read_small_file
from studyapp.core.strict import Key, Strict
from studyapp.core.viewing import ViewingRules
from studyapp.core.wording import Worded
from studyapp.errors import Problem, ProblemsFoundError
from studyapp.protocols import KINDS, AnyProtocol, Ranking, TopK

STUDY_FILE = "study.yaml"

_SYNTAX = {
    "mapping values are not allowed here": "a colon where none is allowed (put text with a colon in quotes)",
    "found character '\\t'": "a tab; indent with spaces",
    "found unexpected end of stream": "a quotation mark that is never closed",
    "expected <block end>": "indented differently from the lines above",
    "expected '<document start>'": "indented differently from the lines above",
    "could not find expected ':'": "a key without its colon",
    "expected ',' or": "a bracket that is never closed, or a comma that is missing",
    "found undefined alias": "a * that refers to nothing (put the text in quotes)",
    "cannot start any token": "a character that is not allowed here (put the text in quotes)",
    "special characters are not allowed": "a control character (delete it)",
}
"""What the YAML parser says, by its beginning, and what it means to somebody who writes a study.yaml."""


class Team(Strict):
    """A participating team; `id` is its folder's name under teams/."""

    id: Key = Field(description="The name of the team's folder in teams/.", examples=["team01"])
    name: OneLine = Field(
        min_length=1, max_length=120, description="Its name in results.", examples=["First team"]
    )
    members: tuple[OneLine, ...] = Field(
        default=(), description="Who is in it.", examples=[["Ada Lovelace", "李明"]]
    )
    affiliations: tuple[OneLine, ...] = Field(
        default=(), description="Where they work.", examples=[["University of Somewhere"]]
    )


USUAL_CRITERIA = (
    (say("Textures and details"), say("Fine and natural, like those of a good photograph.")),
    (
        say("Noise"),
        say(
            "Removed, colour noise above all. Some luminance noise may stay where its removal would leave "
            "flat areas over-smooth."
        ),
    ),
    (
        say("Artifacts"),
        say("As few as possible: worm-like patterns, colour blocks, banding, over-sharpening and the like."),
    ),
    (say("Fidelity"), say("Loyal to the given input: nothing invented, nothing lost.")),
)
_NAME = Annotated[OneLine, Field(min_length=1, max_length=80)]
_TEXT = Annotated[str, Field(min_length=1, max_length=600)]


class Criterion(Strict):
    """One thing judges are asked to look at."""

    name: Annotated[str, Worded(_NAME, usual=tuple(name for name, _ in USUAL_CRITERIA))] = Field(
        description="What to look at.", examples=[{"en": "Noise", "zh_Hans": "噪声"}]
    )
    text: Annotated[str, Worded(_TEXT, usual=tuple(text for _, text in USUAL_CRITERIA))] = Field(
        description="What is good there.",
        examples=[{"en": "Removed, but not at the cost of detail.", "zh_Hans": "去除噪声，但不损失细节。"}],
    )


DEFAULT_CRITERIA = tuple(Criterion(name=name, text=text) for name, text in USUAL_CRITERIA)


Metric = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._+-]{0,63}$")]
_FORMULA = {"type": ["string", "number"]}
_ENTRY: dict[str, Any] = {
    "type": "object",
    "required": ["score"],
    "additionalProperties": False,
    "properties": {
        "score": _FORMULA,
        "per": {"enum": ["team", "image"], "default": "team"},
        "require": {"type": ["string", "array"], "items": {"type": "string"}},
        "order": {"type": ["string", "array"], "items": {"type": "string"}},
        "better": {"enum": ["higher", "lower"], "default": "higher"},
        "base": {"type": ["string", "object"]},
        "awards": {"type": "array", "items": {"type": "integer"}},
    },
}
for _key, _meaning in KEY_MEANINGS.items():
    _ENTRY["properties"][_key] = {**_ENTRY["properties"][_key], "description": _meaning}
_RULES = {
    "default": None,
    "anyOf": [
        {"type": "null"},
        _FORMULA,
        {"type": "object", "additionalProperties": {"title": "scores", "anyOf": [_FORMULA, _ENTRY]}},
    ],
    "description": "The final score and what it is made of: a preset's name, a formula, or formulas by name; "
    "without it, the user study alone.",
}


def _readable(rules: Any) -> Any:
    if rules is None:
        return rules
    try:
        read_rule(rules)
    except AnalysisError as error:
        raise ValueError(str(error)) from None
    return rules


_STATED = {
    "default": {},
    "type": "object",
    "additionalProperties": False,
    "properties": {
        key: {
            "description": meaning,
            "anyOf": [
                {"enum": list(CHOICES[key])} if key in CHOICES else {"type": "string", "minLength": 1},
                *([{"const": False}] if key in DENIABLE else []),
            ],
        }
        for key, meaning in STATED.items()
    },
    "description": "What the study cannot know of how judges looked; for `studyapp analyse compliance`.",
}


def _sayable(stated: Any) -> dict[str, str | bool]:
    try:
        return check_stated(stated)
    except AnalysisError as error:
        raise ValueError(str(error)) from None


class Limits(Strict):
    """Bounds on what is read."""

    max_pixels: int = Field(
        default=MAX_PIXELS,
        ge=1,
        description="The largest image that is read: its width times its height.",
        examples=[100_000_000],
    )


class StudyFile(Strict):
    """The organiser's description of a study."""

    title: Annotated[str, Worded(Annotated[OneLine, Field(min_length=1, max_length=200)])] = Field(
        description="The study's name, on every page and in the report.",
        examples=[{"en": "Night scenes", "zh_Hans": "夜景"}],
    )
    seed: int = Field(
        default=0,
        ge=0,
        description="For analysis and simulation; the blinding key is a separate secret.",
        examples=[1],
    )
    simulated: bool = Field(
        default=False, description="True if the answers come from a simulation; every output says so."
    )
    contact: OneLine | None = Field(
        default=None,
        max_length=200,
        description="Whom judges can ask, such as a name and an address; shown on their pages.",
        examples=["Olga Test, olga@example.org"],
    )
    break_after_minutes: int = Field(
        default=25,
        ge=0,
        le=240,
        description="Minutes of work after which judges are advised to rest; 0 for never.",
    )
    practice: Key | None = Field(
        default=None,
        description="The image of the practice trial; it never counts. Quote a name of digits.",
        examples=["000"],
    )
    protocol: AnyProtocol = Field(
        default=TopK(),
        description="How judges are asked. It never changes once a judge is invited.",
        examples=[{"kind": "top_k", "places": 3, "points": [3, 2, 1]}],
    )
    criteria: tuple[Criterion, ...] = Field(
        default=DEFAULT_CRITERIA,
        description="What judges are asked to look at: the guidelines list it. By default textures and "
        "details, noise, artifacts, fidelity.",
    )
    reasons: ReasonRules = Field(
        default=ReasonRules(), description="The words in which judges say why, and how many an answer needs."
    )
    rules: Annotated[Any, AfterValidator(_readable), WithJsonSchema(_RULES)] = Field(
        default=None,
        examples=[{"s2": "reduced", "final": {"score": "raim-2025", "awards": [1, 2, 3]}}],
    )
    extra_metrics: tuple[Metric, ...] = Field(
        default=(),
        description="More columns for `studyapp score`: any pyiqa metric, by name.",
        examples=[["lpips"]],
    )
    checks: Checks = Field(
        default=Checks(), description="Hidden trials that check the judges; they never count."
    )
    # These two are not written where there is nothing, so that studies from before them keep their digests.
    viewing: ViewingRules = Field(
        default=ViewingRules(),
        exclude_if=lambda viewing: viewing == ViewingRules(),
        description="What a judge's screen, place and eyes must be like before the first answer.",
    )
    stated: Annotated[Any, AfterValidator(_sayable), WithJsonSchema(_STATED)] = Field(
        default_factory=dict,
        exclude_if=lambda stated: not stated,
        examples=[{"place": "own", "displays": "own screens, 24 to 32 inches", "acuity_test": False}],
    )
    color: Literal["srgb"] = Field(
        default="srgb",
        exclude_if=lambda color: color == "srgb",
        description="The colour space in which judges see and metrics measure all images.",
    )
    other_colors: Literal["alike", "convert", "refuse"] = Field(
        default="alike",
        exclude_if=lambda choice: choice == "alike",
        description="Which image files in another colour space are converted: those of images all whose "
        "files are in the same, all, or none.",
    )
    gain_maps: Literal["refuse", "base"] = Field(
        default="refuse",
        exclude_if=lambda choice: choice == "refuse",
        description="What happens to files with an HDR gain map; base: their SDR picture is taken.",
    )
    limits: Limits = Field(default=Limits(), description="How large images may be.")
    # A draft may still have too few of them: `studyapp.study.folder` says so.
    teams: tuple[Team, ...] = Field(description="The teams whose results are compared.")

    @property
    def policy(self) -> Policy:
        """What may be done to image files, for judging and scoring alike."""
        return Policy(
            self.limits.max_pixels,
            convert=self.other_colors != "refuse",
            mix=self.other_colors == "convert",
            base=self.gain_maps == "base",
        )

    @property
    def rule(self) -> Rule:
        """The rule that the study goes by, its S2 and EScore written out."""
        alone = ALONE[self.protocol.table]
        points = getattr(self.protocol, "points", POINTS)  # worth something only where places are given
        if isinstance(self.protocol, Ranking):  # which gives a place to every team
            points = (*points, *[0.0] * (len(self.teams) - len(points)))
        rules = alone if self.rules is None else self.rules
        return read_rule(rules, points=points, alone=alone).with_usual("s2", "escore")

    @model_validator(mode="after")
    def _teams_are_distinct(self) -> "StudyFile":
        for attribute in ("id", "name"):
            values = [getattr(team, attribute).casefold() for team in self.teams]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"team {attribute} used twice: {', '.join(twice)}; give every team its own")
        return self

    @model_validator(mode="after")
    def _checks_fit(self) -> "StudyFile":
        for name in ("repeats", "golden"):
            if self.practice is not None and self.practice in getattr(self.checks, name):
                raise ValueError(
                    f"checks.{name} names the practice image {self.practice!r}, which does not count; "
                    "name images that count"
                )
        words = {word.casefold() for team in self.teams for word in (team.id, team.name)}
        if self.checks.golden and KNOWN_WORSE in words:
            raise ValueError(
                f"{KNOWN_WORSE!r} is the name of golden candidates; call the team something else"
            )
        for control in (control for control in CONTROLS if control in words):
            raise ValueError(
                f"{control!r} is the name of pictures in {control}/; call the team something else"
            )
        return self


def load_study_file(path: Path) -> StudyFile:
    """Read and validate study.yaml.

    Parameters
    ----------
    path
        The file itself.

    Raises
    ------
    ProblemsFoundError
        Naming every problem at once, each with its line and, for an unknown key, the nearest known one.
    """
    try:
        text = read_small_file(path).decode("utf-8")
    except FileNotFoundError:
        problem = Problem(
            path.name, "missing", "create a study folder with `studyapp init DIR`, or give the right one"
        )
        raise ProblemsFoundError([problem]) from None
    except OSError as error:
        raise ProblemsFoundError(
            [Problem(path.name, f"cannot be read ({error.strerror})", "replace it with an ordinary file")]
        ) from None
    except UnicodeDecodeError as error:
        raise ProblemsFoundError(
            [Problem(path.name, f"not UTF-8 at byte {error.start}", "save it as UTF-8")]
        ) from None
    return read_study_text(path.name, text)


def read_study_text(name: str, text: str) -> StudyFile:
    """Validate the text of a study.yaml; `name` is what problems call the file.

    Raises
    ------
    ProblemsFoundError
        As `load_study_file` does.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProblemsFoundError([_syntax(name, error)]) from None
    except (RecursionError, ValueError):
        problem = Problem(name, "nested too deeply, or a number is too long", "write it more simply")
        raise ProblemsFoundError([problem]) from None
    try:
        return StudyFile.model_validate(raw)
    except ValidationError as error:
        raise ProblemsFoundError([_problem(name, node, item) for item in error.errors()]) from None


@lru_cache(maxsize=8)
def reason_rules(text: str) -> ReasonRules:
    """Return what the study asks of reasons, from its study file as its row keeps it."""
    return ReasonRules.model_validate(_registered(text)["reasons"])


@lru_cache(maxsize=8)
def viewing_rules(text: str) -> ViewingRules:
    """Return what the study demands of screen, room and eyes, from its study file as its row keeps it."""
    return ViewingRules.model_validate(_registered(text).get("viewing", {}))


def _registered(text: str) -> dict[str, Any]:
    """Return the study file that the study's row keeps."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or "reasons" not in found:
        raise damaged("the study file that was registered")
    return found


def rules_of(file: StudyFile) -> dict[str, Any]:
    """Return what of the study file decides the results, as the ledger keeps it."""
    whole = file.model_dump(mode="json")
    return {
        "title": str(file.title),
        "protocol": whole["protocol"],
        "rule": file.rule.plain(),
        "reasons": {
            **whole["reasons"],
            "regions": [str(word) for word in file.reasons.regions],
            "attributes": [str(word) for word in file.reasons.attributes],
        },
        "simulated": file.simulated,
        "seed": file.seed,
        "study_file_sha256": hashlib.sha256(canonical_json(whole)).hexdigest(),
    }


def _syntax(name: str, error: yaml.YAMLError) -> Problem:
    """What the YAML parser stumbled over, in words where they are known."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    words = next((words for start, words in _SYNTAX.items() if start in said), said)
    return Problem(
        name, f"not valid YAML: {words}", "fix the YAML syntax on this line", mark and mark.line + 1
    )


def _problem(name: str, node: yaml.Node | None, item: Any) -> Problem:
    location = item["loc"]
    if location == ("rules",) and (named := re.search(r"^Value error, rule '?(\w+)", item["msg"])):
        location = ("rules", named[1])
    if location == ("stated",) and (named := re.search(r"stated\.(\w+)|unknown key '(\w+)'", item["msg"])):
        location = ("stated", named[1] or named[2])
    # A protocol's own keys come with its kind before them, which the file has elsewhere.
    written = location[:1] + location[2:] if location[0:1] == ("protocol",) else location
    line = _line_of(node, written)
    where = ".".join(str(part) for part in written) or "the file"
    if item["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        return Problem(name, f"unknown key {where!r}", hint(str(location[-1]), known), line)
    if item["type"] == "missing":
        return Problem(
            name, f"{where!r} is missing", "add it (`studyapp schema` prints what is expected)", line
        )
    return Problem(name, f"{where}: {in_words(item)}", "`studyapp schema` prints what is expected", line)


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    if location[:1] == ("protocol",):
        return list(KINDS[location[1]].model_fields)
    model: Any = StudyFile
    for part in location:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        model = next(
            (
                kind
                for kind in (annotation, *get_args(annotation))
                if isinstance(kind, type) and issubclass(kind, BaseModel)
            ),
            None,
        )
        if model is None:
            return []
    return list(model.model_fields)


def _line_of(node: yaml.Node | None, location: tuple[Any, ...]) -> int | None:
    for part in location:
        if isinstance(node, yaml.MappingNode):
            match = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if match is None:
                break
            node = match[1]
            if part == location[-1]:
                return match[0].start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
    return node.start_mark.line + 1 if node is not None else None
