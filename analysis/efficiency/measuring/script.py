"""Read the organisers' script: which number chooses which model, and with which weights.

NTIRE's repositories have a select_model in test_demo.py (or test.py): an if chain over model_id whose
branches import a class of models/, create it with its arguments and load its weights. It is read as text
here; it runs with the models, isolated (`inside.select`).
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.efficiency.measuring.inside.select import FUNCTION

_MOST_BYTES = 1_000_000
_MOST_SCRIPTS = 50
_LONGEST_PATH = 500
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Choice:
    """One branch of select_model.

    Attributes
    ----------
    script
        The file.
    model_id
        The number that chooses it.
    names
        The script's names for that number: model_id.
    modules
        Names in models/ that it imports from.
    paths
        Paths relative to the script that it names, such as model_zoo/team01.pth.
    packages
        Folders next to models/ that the script imports from.
    """

    script: Path
    model_id: int
    names: tuple[str, ...]
    modules: tuple[str, ...]
    paths: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def source(self) -> str:
        """The script's text."""
        return self.script.read_text(encoding="utf-8", errors="replace")


def read_choices(root: Path) -> list[Choice]:
    """Return the branches of select_model in every script of a folder; unreadable scripts have none."""
    found: list[Choice] = []
    for path in sorted(root.glob("*.py"))[:_MOST_SCRIPTS]:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if FUNCTION not in text:
            continue
        try:
            found += _choices(path, ast.parse(text))
        except _UNREADABLE:
            continue
    return found


def _choices(path: Path, tree: ast.Module) -> Iterator[Choice]:
    outer = _imported(tree.body)
    packages = tuple(sorted({name.split(".")[0] for name in _all_imports(tree)}))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == FUNCTION:
            for ids, name, body in _branches(function):
                for number in ids:
                    yield _choice(path, number, name, body, outer, packages)


def _choice(
    path: Path, number: int, name: str, body: list[ast.stmt], outer: Mapping[str, str], packages: Any
) -> Choice:
    texts: dict[str, Any] = {name: number, "model_id": number}
    paths = []
    for node in _nodes(body):
        if isinstance(node, ast.Assign) and (value := _value(node.value, texts)) is not None:
            texts |= {target.id: value for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(value := _value(node, texts), str) and "/" in value:
            paths.append(value)
    modules = [module for module in _imported(body).values()]
    modules += [outer[node.id] for node in _nodes(body) if isinstance(node, ast.Name) and node.id in outer]
    called = [_value(argument, texts) for argument in _import_calls(body)]
    modules += [_under_models(text) for text in called if isinstance(text, str)]
    return Choice(
        path,
        number,
        (name,),
        tuple(dict.fromkeys(module for module in modules if module)),
        tuple(dict.fromkeys(text for text in paths if _is_inside(text))),
        packages,
    )


def _branches(function: ast.FunctionDef) -> Iterator[tuple[list[int], str, list[ast.stmt]]]:
    """The numbers, their name and the body of every branch, of if chains and match statements."""
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            ids, name = _compared(node.test)
            if ids:
                yield ids, name, node.body
        elif isinstance(node, ast.Match):
            for case in node.cases:
                yield _numbers(case.pattern), _last_name(node.subject), case.body


def _compared(test: ast.expr) -> tuple[list[int], str]:
    """The numbers that a test compares a name with, and the name."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.In):
            sides = [node.left, node.comparators[0]]
            name = next((_last_name(side) for side in sides if _last_name(side)), "")
            if name.endswith("id") or "model" in name:
                return _numbers(test), name
    return [], ""


def _numbers(node: ast.AST) -> list[int]:
    """The whole numbers within an expression, also those written as text."""
    values: list[Any] = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return [
        int(value)
        for value in values
        if (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, str) and value.isascii() and value.isdigit())
    ]


def _last_name(node: ast.expr) -> str:
    """model_id of args.model_id, of int(args.model_id), and of model_id."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _imported(body: list[ast.stmt]) -> dict[str, str]:
    """Names that imports of models/ bring, with the file or folder of models/ that each comes from."""
    found = {}
    for node in _nodes(body):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                module = f"models.{alias.name}" if node.module == "models" else node.module
                found[alias.asname or alias.name] = _under_models(module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name] = _under_models(alias.name)
    return {name: module for name, module in found.items() if module}


def _under_models(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "models" else ""


def _all_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _import_calls(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """What importlib.import_module is called with."""
    for node in _nodes(body):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("import_module"):
            yield node.args[0]


def _value(node: ast.AST, texts: Mapping[str, Any]) -> Any:
    """The text or number that an expression is, as far as reading tells; None else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str | int) else None
    if isinstance(node, ast.Name | ast.Attribute):
        return texts.get(_last_name(node))
    if isinstance(node, ast.JoinedStr):
        parts = [_formatted(part, texts) for part in node.values]
        return None if None in parts else "".join(map(str, parts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        left, right = _value(node.left, texts), _value(node.right, texts)
        if isinstance(left, str) and isinstance(right, str):
            return left + right if isinstance(node.op, ast.Add) else f"{left}/{right}"
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("join", "Path", "str"):
        parts = [_value(argument, texts) for argument in node.args]
        return "/".join(parts) if parts and all(isinstance(part, str) for part in parts) else None
    return None


def _formatted(part: ast.expr, texts: Mapping[str, Any]) -> str | None:
    if not isinstance(part, ast.FormattedValue):
        return _value(part, texts)
    value = _value(part.value, texts)
    form = "" if part.format_spec is None else _value(part.format_spec, texts)
    try:
        return None if value is None or form is None else format(value, form)
    except ValueError:
        return None


def _is_inside(text: str) -> bool:
    path = PurePosixPath(text)
    ends = text.endswith("/") or not path.name
    return not (path.is_absolute() or ".." in path.parts or ends or len(text) > _LONGEST_PATH)
