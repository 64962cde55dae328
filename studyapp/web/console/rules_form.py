"""The form of the rules: what of a study file it shows, and what of a sent form changes the file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from analysis.compliance.stated import DENIABLE, STATED
from analysis.rule import PRESETS
from analysis.rule.value import ALONE, AWARDS, FINAL
from studyapp.core.viewing import QUESTIONS, ViewingRules
from studyapp.core.wording import plain
from studyapp.protocols import KINDS
from studyapp.study.editing import Place
from studyapp.study.study_file import StudyFile

OWN = "own"
"""The choice of a formula of one's own instead of a preset."""

PICTURES = ("other-colors", "gain-maps")
"""Fields of what may be done to image files."""

MORE_ROWS = 2
"""Empty rows below those that are filled in."""

_LISTS = re.compile(r"[,;\s]+")
_NUMBER = re.compile(r"-?\d+")
Form = Mapping[str, str]


@dataclass(frozen=True)
class Setting:
    """One setting of a protocol: how it is asked, and what is said of it."""

    name: str
    kind: str
    """number, numbers, yes or one."""
    value: str
    options: tuple[str, ...]
    help: str


def shown(file: StudyFile) -> dict[str, str]:
    """Return what the form's fields say of a study file."""
    fields = {"title": str(file.title), "kind": file.protocol.kind}  # pyright: ignore[reportAttributeAccessIssue]
    for setting in settings(file.protocol.kind, file.protocol.model_dump()):  # pyright: ignore[reportAttributeAccessIssue]
        fields[f"p-{setting.name}"] = setting.value
    reasons = file.reasons
    fields |= {
        "reasons-required": str(reasons.required),
        "reasons-most": str(reasons.most),
        "reasons-regions": "\n".join(map(str, reasons.regions)),
        "reasons-attributes": "\n".join(map(str, reasons.attributes)),
        "repeats": ", ".join(file.checks.repeats),
        "golden": ", ".join(file.checks.golden),
        "extra-metrics": ", ".join(file.extra_metrics),
        **{name: getattr(file, name.replace("-", "_")) for name in PICTURES},
    }
    for number, criterion in enumerate(file.criteria):
        fields |= {
            f"criterion-name-{number}": str(criterion.name),
            f"criterion-text-{number}": str(criterion.text),
        }
    for key in STATED:
        value = file.stated.get(key)
        fields[f"stated-{key}"] = value if isinstance(value, str) else ""
        if key in DENIABLE:
            fields[f"denied-{key}"] = "yes" if value is False else ""
    return fields | _viewing_shown(file.viewing) | _rules_shown(file)


def settings(kind: str, values: Mapping[str, Any]) -> list[Setting]:
    """Return the settings of a kind of protocol, with values where there are some."""
    found = []
    for name, field in KINDS[kind].model_fields.items():
        if name == "kind":
            continue
        value = values.get(name, field.get_default(call_default_factory=True))
        options: tuple[str, ...] = ()
        if field.annotation is bool:
            how, text = "yes", "yes" if value else ""
        elif isinstance(value, list | tuple):
            how, text = "numbers", ", ".join(f"{item:g}" for item in value)
        elif isinstance(value, str):
            how, text, options = "one", value, tuple(map(str, get_args(field.annotation)))
        else:
            how, text = "number", "" if value is None else str(value)
        found.append(Setting(name, how, text, options, field.description or ""))
    return found


def changes(form: Form, file: StudyFile, *, sealed: bool) -> dict[Place, Any]:
    """Return what a sent form changes in the file; sections that say what they said stay untouched.

    Parameters
    ----------
    sealed
        Whether judges are invited: then fields of what is sealed are not in the form.
    """
    before, found = shown(file), dict[Place, Any]()
    sealed = sealed or "kind" not in form
    form = {name: value for name, value in form.items() if not _is_empty_row(name, form)}

    def differs(*beginnings: str) -> bool:
        if not any(name.startswith(beginnings) for name in form):  # a section that was not sent
            return False
        names = {name for name in (*before, *form) if name.startswith(beginnings)}
        return any(_text(form.get(name)) != _text(before.get(name)) for name in names)

    if differs("title"):
        found["title",] = _text(form.get("title"))
    if not sealed and differs("kind", "p-"):
        found["protocol",] = _protocol(form)
    for name in ("regions", "attributes"):
        if differs(f"reasons-{name}"):
            found["reasons", name] = _as_before(_lines(form, f"reasons-{name}"), getattr(file.reasons, name))
    for name in ("required", "most"):
        if not sealed and differs(f"reasons-{name}"):
            found["reasons", name] = _number(form.get(f"reasons-{name}"))
    if differs("criterion-"):
        found["criteria",] = _criteria(form, file)
    for name in ("repeats", "golden"):
        if not sealed and differs(name):
            found["checks", name] = _listed(form.get(name)) or None
    pictures = [name for name in PICTURES if not sealed and differs(name)]
    found |= {(name.replace("-", "_"),): _text(form.get(name)) for name in pictures}
    wholes = (
        ("extra_metrics", ("extra-metrics",), lambda sent: _listed(sent.get("extra-metrics"))),
        ("viewing", ("viewing-",), _viewing),
        ("stated", ("stated-", "denied-"), _stated),
    )
    found |= {(key,): made(form) or None for key, beginnings, made in wholes if differs(*beginnings)}
    if differs("preset", "final-", "awards", "rule-"):
        found["rules",] = rules_of_form(form, file)
    return found


def rules_of_form(form: Form, file: StudyFile) -> Any:
    """Return `rules` as study.yaml has it: a preset's name, a formula, or formulas by name."""
    preset = _text(form.get("preset"))
    table = KINDS[form.get("kind", "")].table if form.get("kind") in KINDS else file.protocol.table
    typed = _formula(form.get("final-score"))
    # Whoever types a formula means it, also where a preset is still chosen.
    own = preset == OWN or bool(typed and typed != _rules_shown(file)["final-score"])
    final: dict[str, Any] = {"score": typed if own else preset or ALONE[table]}
    for key in ("require", "order"):
        if lines := _lines(form, f"final-{key}"):
            final[key] = lines
    if form.get("final-better") == "lower":
        final["better"] = "lower"
    if base := _text(form.get("final-base")):
        final["base"] = _base(base)
    awards = [_number(item) for item in _listed(form.get("awards"))]
    if awards != list(AWARDS):
        final["awards"] = awards
    named: dict[str, Any] = {}
    for number in _rows(form, "rule-name-"):
        name, score = _text(form.get(f"rule-name-{number}")), _formula(form.get(f"rule-score-{number}"))
        if name or score:
            by_image = form.get(f"rule-per-{number}") == "image"
            named[str(name)] = {"per": "image", "score": score} if by_image else score
    short = final["score"] if len(final) == 1 else final
    if named:
        return {**named, FINAL: short}
    if not preset and not own and len(final) == 1:
        return None
    return short if len(final) == 1 else {FINAL: final}


def _viewing_shown(rules: ViewingRules) -> dict[str, str]:
    return {
        "viewing-window": " × ".join(map(str, rules.window or ())),
        "viewing-ratio": " – ".join(f"{ratio:g}" for ratio in rules.pixel_ratio or ()),
        "viewing-gamut": rules.gamut or "",
        "viewing-eyes": rules.eyes,
        "viewing-acuity": "" if rules.acuity is None else f"{rules.acuity:g}",
        "viewing-colours": "yes" if rules.colour_vision else "",
        **{f"viewing-ask-{name}": "yes" if name in rules.required else "" for name in QUESTIONS},
    }


def _viewing(form: Form) -> dict[str, Any]:
    """`viewing` as study.yaml has it, without what is as usual."""
    usual = ViewingRules()
    found: dict[str, Any] = {
        "window": [_number(item) for item in _from_to(form.get("viewing-window"))],
        "pixel_ratio": [_value(item) for item in _from_to(form.get("viewing-ratio"))],
        "gamut": _text(form.get("viewing-gamut")),
        "acuity": _value(text) if (text := _text(form.get("viewing-acuity"))) else None,
        "colour_vision": form.get("viewing-colours") == "yes",
        "required": [name for name in QUESTIONS if form.get(f"viewing-ask-{name}") == "yes"],
        "eyes": _text(form.get("viewing-eyes")),
    }
    return {name: value for name, value in found.items() if value and value != getattr(usual, name)}


def _from_to(value: str | None) -> list[str]:
    """Two numbers as people write them: 1280 × 800, 1280x800, 1 – 2, 1, 2."""
    return _listed(re.sub(r"(?<=[\d\s])[x×–-](?=[\d\s])", " ", _text(value)))


def _rules_shown(file: StudyFile) -> dict[str, str]:
    rules = (
        file.rules if isinstance(file.rules, Mapping) else {} if file.rules is None else {FINAL: file.rules}
    )
    alone = ALONE[file.protocol.table]
    final = rules.get(FINAL, alone)
    final = dict(final) if isinstance(final, Mapping) else {"score": final}
    score = str(final.get("score", ""))
    fields = {
        "preset": "" if score == alone else score if score in PRESETS else OWN,
        "final-score": "" if score in PRESETS else score,
        "final-require": "\n".join(_several(final.get("require"))),
        "final-order": "\n".join(_several(final.get("order"))),
        "final-better": str(final.get("better", "higher")),
        "final-base": _base_text(final.get("base")),
        "awards": ", ".join(str(count) for count in final.get("awards", AWARDS)),
    }
    others = {name: entry for name, entry in rules.items() if name != FINAL}
    for number, (name, entry) in enumerate(others.items()):
        keys = entry if isinstance(entry, Mapping) else {"score": entry}
        fields |= {
            f"rule-name-{number}": str(name),
            f"rule-score-{number}": str(keys.get("score", "")),
            f"rule-per-{number}": str(keys.get("per", "team")),
        }
    return fields


def _protocol(form: Form) -> dict[str, Any]:
    kind = form.get("kind", "")
    if kind not in KINDS or form.get("settings-of", kind) != kind:  # its settings were not on the page
        return {"kind": kind}
    found: dict[str, Any] = {"kind": kind}
    for usual in settings(kind, {}):
        given = form.get(f"p-{usual.name}", "" if usual.kind == "yes" else usual.value)
        if _text(given) == usual.value:
            continue
        if usual.kind == "yes":
            found[usual.name] = given == "yes"
        elif usual.kind == "numbers":
            found[usual.name] = [_value(item) for item in _listed(given)]
        else:
            found[usual.name] = _text(given) if usual.kind == "one" else _number(given)
    return found


def _criteria(form: Form, file: StudyFile) -> list[dict[str, Any]]:
    found = []
    known = [word for criterion in file.criteria for word in (criterion.name, criterion.text)]
    for number in _rows(form, "criterion-name-"):
        name, text = _text(form.get(f"criterion-name-{number}")), _text(form.get(f"criterion-text-{number}"))
        if name or text:
            (said, more) = _as_before([name, text], known)
            found.append({"name": said, "text": more})
    return found


def _as_before(words: Iterable[str], known: Iterable[str]) -> list[Any]:
    """Words that the file has in several languages keep all of them."""
    old = {str(word): plain(word) for word in known}
    return [old.get(word, word) for word in words]


def _stated(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in STATED:
        if key in DENIABLE and form.get(f"denied-{key}") == "yes":
            found[key] = False
        elif text := _text(form.get(f"stated-{key}")):
            found[key] = text
    return found


def _is_empty_row(name: str, form: Form) -> bool:
    number = name.removeprefix("rule-per-")
    return number != name and not (
        _text(form.get(f"rule-name-{number}")) or _text(form.get(f"rule-score-{number}"))
    )


def _rows(form: Form, beginning: str) -> list[int]:
    ends = (name.removeprefix(beginning) for name in form if name.startswith(beginning))
    return sorted(int(end) for end in ends if end.isdigit())[:60]


def _text(value: str | None) -> str:
    return (value or "").replace("\r\n", "\n").strip()


def _formula(value: str | None) -> str:
    return " ".join(_text(value).split())


def _lines(form: Form, name: str) -> list[str]:
    return [line.strip() for line in _text(form.get(name)).split("\n") if line.strip()]


def _listed(value: str | None) -> list[str]:
    return [item for item in _LISTS.split(_text(value)) if item]


def _number(value: str | None) -> int | str | None:
    """A whole number; anything else stays what it is, for the file's schema to refuse by name."""
    text = _text(value)
    return int(text) if _NUMBER.fullmatch(text) and len(text) < 10 else text or None


def _value(text: str) -> float | int | str:
    whole = _number(text)
    if isinstance(whole, int):
        return whole
    try:
        return float(text)
    except ValueError:
        return text


def _base(text: str) -> str | dict[str, Any]:
    """A team, or numbers by column: "time_ms 7.74, flops_g 9.83"."""
    pairs = [part.replace("=", " ").replace(":", " ").split() for part in text.split(",")]
    if all(len(pair) == 2 for pair in pairs):
        return {name: _value(number) for name, number in pairs}
    return text


def _base_text(base: Any) -> str:
    if isinstance(base, Mapping):
        return ", ".join(f"{name} {number:g}" for name, number in base.items())
    return "" if base is None else str(base)


def _several(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(map(str, value))
