"""What the verbs share: the folder argument, printing, progress, the clock."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

DEFAULT_PORT = 8000

Folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_result(value: Any, as_json: bool) -> None:
    """Print a result: JSON, or a dict on one line, or a list with a line each."""
    if as_json:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
    elif isinstance(value, dict):
        click.echo(", ".join(f"{name} {number}" for name, number in value.items()))
    else:
        click.echo("\n".join(str(line) for line in value))


class Bars:
    """Progress bars on stderr, one for each stage; services drive them by (stage, done, total)."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: tqdm | None = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _update(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or stage != self._stage:
            self.__exit__()
            self._stage = stage
            self._bar = tqdm(desc=stage, total=total, file=sys.stderr, disable=None, leave=False)
        self._bar.update(done - self._bar.n)


def now() -> datetime:
    """Return the time; the only clock of the command line."""
    return datetime.now(UTC)
