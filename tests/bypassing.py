"""Finding strings that people read and that no catalogue knows: in Python and in templates.

A heuristic, on the side of finding too much: what is not for people is listed in tests/test_texts.py.
tests/js/bypassing.mjs does the same for scripts.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes
from jinja2.ext import i18n

PROSE = re.compile(r"[A-Za-z][a-z']+[,;:.]? +(?:\W*[A-Za-z]|[a-z])")
WORD = re.compile(r"^[A-Z][a-z]{2,}[.:?!…]?$")
LETTERS = re.compile(r"[A-Za-z]{2,}")
SHOWN = re.compile(r'\b(?:title|alt|placeholder|aria-label|aria-description|label)="([^"]*)"')
STRUCTURE = re.compile(r"<(script|style|code|kbd)\b.*?</\1>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
IN_PYTHON = {"say", "plural"}
ON_PAGES = {"_", "gettext", "ngettext"}
# What these are given is for the log, the database or a developer; or it names what is damaged, or what a
# key is used for.
NOT_SHOWN = {
    "damaged",
    "keyed_shuffle",
    "read_record",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "note",
    "text",
    "warn",
    "getLogger",
    "compile",
}


def in_python(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string that reads like prose and is not handed to the catalogue."""
    yield from _in_python(ast.parse(path.read_text(encoding="utf-8")))


def _in_python(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in IN_PYTHON:
            for message in node.args[: 1 if name == "say" else 2]:
                if not isinstance(message, ast.Constant):
                    yield message.lineno, f"{name}() of what is not written out"
        if name in IN_PYTHON | NOT_SHOWN:
            for keyword in node.keywords:
                yield from _in_python(keyword.value) if name in IN_PYTHON else ()
            return
        if name == "Field":  # its description is for `studyapp schema`
            return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text_of(node)
        if PROSE.search(text):
            yield node.lineno, text
        for part in getattr(node, "values", []):
            if isinstance(part, ast.FormattedValue):
                yield from _in_python(part.value)
        return
    for child in ast.iter_child_nodes(node):
        if not _is_docstring(child):
            yield from _in_python(child)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _text_of(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return "".join(str(part) for part in parts)


def in_template(source: str, classes: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    """Yield line and text of everything in a template that is shown and not handed to the catalogue.

    Words that are all classes of the style sheets are taken for class names.
    """
    for line, text in _in_template(source):
        if not classes.issuperset(text.split()):
            yield line, text


def _in_template(source: str) -> Iterator[tuple[int, str]]:
    environment = Environment(extensions=[i18n], autoescape=True)
    environment.newstyle_gettext = True  # pyright: ignore[reportAttributeAccessIssue]
    tree = environment.parse(source)
    # Expressions cut tags in pieces: what is outside of tags is only seen in the whole.
    whole = "".join(data.data if isinstance(data, nodes.TemplateData) else "\x00" for data in _printed(tree))
    whole = STRUCTURE.sub("", whole)
    shown = [match[1] for match in SHOWN.finditer(whole)] + re.sub(r"<[^>]*>", "\n", whole).split("\n")
    for text in shown:
        if LETTERS.search(re.sub(r"&\w+;", "", text.replace("\x00", ""))):
            yield source[: max(source.find(text.split("\x00")[0]), 0)].count("\n") + 1, text.strip()
    for constant in _strings(tree):
        if PROSE.search(constant.value) or WORD.match(constant.value):
            yield constant.lineno, constant.value


def _printed(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.Output):
        yield from node.nodes
        return
    for child in node.iter_child_nodes():
        yield from _printed(child)


def _strings(node: nodes.Node) -> Iterator[nodes.Const]:
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in ON_PAGES:
        for keyword in node.kwargs:
            yield from _strings(keyword)
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node
    for child in node.iter_child_nodes():
        yield from _strings(child)
