"""What the verbs share: the folder argument, printing, the clock."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

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


def now() -> datetime:
    """Return the time; the only clock of the command line."""
    return datetime.now(UTC)
