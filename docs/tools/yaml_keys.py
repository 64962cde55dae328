"""Tables of the keys of a YAML file, and an example of it, from its pydantic model."""

import json
from collections.abc import Iterator, Mapping
from textwrap import indent
from typing import Any

import yaml
from pydantic import BaseModel

Schema = dict[str, Any]

HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n"
NAMES = {"tracks": "lowlight", "phases": "feedback"}
"""What is called by a name in the example, by its key."""


class Keys:
    """The keys of a model, with those of the models in it.

    Parameters
    ----------
    kinds
        The lines of an example for each `kind` that a key may have.
    """

    def __init__(self, model: type[BaseModel], kinds: Mapping[str, str] | None = None) -> None:
        self.whole: Schema = model.model_json_schema()
        self.kinds = kinds or {}

    def page(self) -> str:
        """Return a table of the keys at the top, one for each key that has keys, and a whole file."""
        last = f"\n## A whole file\nEvery key that has an example:\n\n{as_code(self.example())}"
        return "".join(self._tables("", self.whole)) + last

    def example(self) -> dict[str, Any]:
        """Return a file in which every key that has an example is used."""
        return self._example(self.whole)

    def _tables(self, path: str, schema: Schema) -> Iterator[str]:
        inner = {key: self._inner(part) for key, part in schema["properties"].items()}
        if path:
            yield f"\n## `{path}`\n{schema.get('description', '')}\n\n"
        yield HEAD
        yield from (
            self._row(path, key, part, schema, inner[key]) for key, part in schema["properties"].items()
        )
        for key, part in inner.items():
            below = f"{path}.{key}" if path else key
            if part and "oneOf" in schema["properties"][key]:
                yield from self._kinds(key, schema["properties"][key])
            elif part:
                yield from self._tables(below, part)
                if "." not in below:
                    yield f"\n{as_code({key: self.example()[key]})}"

    def _row(self, path: str, key: str, part: Schema, schema: Schema, inner: Schema | None) -> str:
        name = f"{path}.{key}" if path else key
        kind = f"[keys](#{name.replace('.', '').lower()})" if inner else words(part)
        if inner and part.get("type") == "array":
            kind = f"list of {kind}"
        elif inner and "patternProperties" in part:
            kind = f"{kind} by name"
        if key in schema.get("required", ()):
            default = "required"
        elif inner or part.get("default") is None:
            default = "" if inner else "none"
        else:
            default = f"`{json.dumps(part['default'], ensure_ascii=False).replace('.0', '')}`"
        return f"| `{key}` | {kind} | {default} | {escaped(part['description'])} |\n"

    def _kinds(self, key: str, part: Schema) -> Iterator[str]:
        """Describe a key whose keys depend on its `kind`, as `protocol`."""
        yield f"\n## `{key}`\n{escaped(part['description'])} Its `kind` decides which other keys it has.\n"
        for one in part["oneOf"]:
            kind = self._of(one)
            rows = dict(kind["properties"])
            name = rows.pop("kind")["const"]
            yield f"\n### `kind: {name}`\n{kind['description']}\n\n{HEAD}"
            yield from (self._row(key, below, about, kind, None) for below, about in rows.items())
            if name in self.kinds:
                yield f"\n```yaml\n{key}:\n{indent(self.kinds[name], '  ')}\n```\n"

    def _of(self, part: Schema) -> Schema:
        return self.whole["$defs"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part

    def _inner(self, part: Schema) -> Schema | None:
        """Return the schema of the keys that a key has, if it has any."""
        options = [
            part,
            part.get("items", {}),
            *part.get("anyOf", ()),
            *part.get("oneOf", ()),
            *part.get("patternProperties", {}).values(),
        ]
        found = (self._of(option) for option in options if isinstance(option, dict))
        return next((schema for schema in found if "properties" in schema), None)

    def _example(self, schema: Schema) -> dict[str, Any]:
        found = {}
        for key, part in schema["properties"].items():
            inner = self._inner(part)
            if part.get("examples"):
                found[key] = part["examples"][0]
            elif inner and "oneOf" not in part:
                below = self._example(inner)
                if part.get("type") == "array":
                    found[key] = [below]
                else:
                    found[key] = {NAMES[key]: below} if "patternProperties" in part else below
        return found


def words(part: Schema) -> str:
    """Say in plain language what a value may be."""
    if "anyOf" in part:
        return _one_of([option for option in part["anyOf"] if option.get("type") != "null"])
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "const" in part:
        return f"`{str(part['const']).lower()}`"
    if "prefixItems" in part:
        return f"two: {words(part['prefixItems'][0])}"
    return _PLAIN.get(str(part.get("type")), _text)(part)


def _one_of(options: list[Schema]) -> str:
    if any("en" in option.get("required", ()) for option in options):
        return "text, or one for each language"
    return " or ".join(dict.fromkeys(words(option) for option in options))


def _text(part: Schema) -> str:
    if isinstance(part.get("type"), list):
        return "formula"  # a number is one
    if part.get("format") == "date-time":
        return "moment with its offset from UTC"
    return "name" if "pattern" in part else "text"


def _number(part: Schema) -> str:
    name = "whole number" if part["type"] == "integer" else "number"
    low = f"over {part['exclusiveMinimum']}" if "exclusiveMinimum" in part else part.get("minimum")
    if low is None:
        return name
    return f"{name}, {low} to {part['maximum']}" if "maximum" in part else f"{name}, at least {low}"


def _many(word: str) -> str:
    return {"name": "names", "text": "texts", "number": "numbers"}.get(
        word, word.replace("text, or", "texts, or")
    )


def _object(part: Schema) -> str:
    inner = part.get("additionalProperties")
    return f"{inner.get('title') or words(inner)} by name" if isinstance(inner, dict) else "keys"


_PLAIN = {
    "array": lambda part: f"list of {_many(words(part.get('items', {})))}",
    "boolean": lambda _: "`true` or `false`",
    "integer": _number,
    "number": _number,
    "object": _object,
}


def escaped(text: str) -> str:
    """Return a text for a cell of a table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def as_code(value: Any) -> str:
    """Return a part of a YAML file as a block of code."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return f"```yaml\n{text}```\n"
