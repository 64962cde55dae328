"""Bring the catalogues up to date with the messages in code and templates: `python docs/tools/texts.py`.

New messages are added untranslated, those that are gone are taken out. `--check` changes nothing: it
lists what is missing, left over or wrong, and exits with 1. `--new LANGUAGE` begins the catalogue of a
language.
"""

import argparse
import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
Message = str | tuple[str, ...]
FOLDER = ROOT / "studyapp" / "translations"
IN_PYTHON = {"say": 1, "plural": 2}
"""The calls that mark a text, and how many of their arguments are messages."""
ON_PAGES = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Who translated when, the history says; here it would only make two people's changes meet.
NOT_KEPT = re.compile(
    r'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To'
    r"|Project-Id-Version|Generated-By): "
)


def messages() -> Catalog:
    """Return what is said in code and templates, with the files that say it."""
    catalog = Catalog(project="studyapp", charset="utf-8")
    for name, message in (*_in_python(), *_in_templates(), *_in_scripts()):
        catalog.add(message, None, [(name, None)])
    return catalog


def _in_python() -> Iterator[tuple[str, Message]]:
    """Babel's own extractor passes over calls inside of calls."""
    for path in sorted((*(ROOT / "studyapp").rglob("*.py"), *(ROOT / "analysis").rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in IN_PYTHON:
                continue
            given = node.args[: IN_PYTHON[node.func.id]]  # pyright: ignore[reportAttributeAccessIssue]
            said = tuple(part.value for part in given if isinstance(part, ast.Constant))
            if len(said) == len(given):
                yield str(path.relative_to(ROOT)), said if len(said) > 1 else said[0]


def _in_templates() -> Iterator[tuple[str, Message]]:
    found = extract_from_dir(
        ROOT / "templates",
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}},
        keywords=ON_PAGES,
    )
    for name, _, message, *_ in found:
        yield f"templates/{name}", message


def _in_scripts() -> Iterator[tuple[str, Message]]:
    node = shutil.which("node", path=f"{os.environ.get('PATH', '')}:{Path(sys.executable).parent}")
    if node is None:
        sys.exit("node is missing, which reads the scripts; `make node_modules/.installed` installs it")
    done = subprocess.run(  # noqa: S603 - our own script
        [node, HERE / "messages.js"], capture_output=True, text=True, check=True
    )
    for name, _, message in json.loads(done.stdout):
        yield f"static/js/{name}", message if isinstance(message, str) else tuple(message)


def read(path: Path) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.stem, abort_invalid=True)


def write(catalog: Catalog, path: Path) -> None:
    """Write a catalogue: in the order of its messages, so that two people's additions seldom meet."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    head, rest = stream.getvalue().decode("utf-8").split("\n\n", 1)
    kept = [line for line in head.split("\n") if not line.startswith("#") and not NOT_KEPT.match(line)]
    path.write_text("\n".join(kept) + "\n\n" + rest, encoding="utf-8")


def problems(catalog: Catalog, said: Catalog) -> list[str]:
    """Return what is wrong with a catalogue, in the order of the messages."""
    found = [f"left over: {message.id!r}" for message in catalog if message.id and message.id not in said]
    for message in said:
        if not message.id:
            continue
        have = catalog.get(message.id)
        strings = [] if have is None else [have.string] if isinstance(have.string, str) else have.string
        if not strings or not all(strings):
            found.append(f"not translated: {message.id!r}")
        elif have is not None and have.fuzzy:
            found.append(f"marked fuzzy: {message.id!r}")
        elif have is not None and {place for place, _ in have.locations} != {p for p, _ in message.locations}:
            found.append(f"said elsewhere by now: {message.id!r}")
        elif have is not None:
            found += [f"{message.id!r}: {error}" for error in have.check(catalog)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, list what is wrong")
    parser.add_argument("--new", metavar="LANGUAGE", help="begin a catalogue, for example fr or pt_BR")
    chosen = parser.parse_args()
    said = messages()
    if chosen.new:
        locale = Locale.parse(chosen.new)
        write(Catalog(locale=locale, project="studyapp", charset="utf-8"), FOLDER / f"{chosen.new}.po")
    failed = False
    for path in sorted(FOLDER.glob("*.po")):
        catalog = read(path)
        if chosen.check:
            for problem in problems(catalog, said):
                failed = True
                print(f"{path.name}: {problem}")
            continue
        catalog.update(said, no_fuzzy_matching=True)
        write(catalog, path)
        left = sum(problem.startswith("not translated") for problem in problems(catalog, said))
        print(f"{path.name}: {len(said)} messages, {left} to translate")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
