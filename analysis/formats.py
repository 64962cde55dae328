"""The options --format and --json, the same in every command that has a result."""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

FORMATS = ("json", "csv", "markdown", "latex")


def format_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format and --json; the function gets `form`, None if neither is given."""

    @functools.wraps(function)
    def run(*args: Any, form: str | None, short: bool, **options: Any) -> Any:
        if short and form not in (None, "json"):
            raise click.UsageError(f"--json means --format json, but you gave --format {form}; drop one")
        return function(*args, form="json" if short else form, **options)

    run = click.option("--json", "short", is_flag=True, help="Short for --format json.")(run)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="How to write the result. By default text for people; a table written to a file or pipe is CSV.",
    )(run)


def table_form(form: str | None, *, to_file: bool = False) -> str:
    """Return the format of a table: the one asked for, or text for a person at a terminal, else CSV."""
    return form or ("text" if sys.stdout.isatty() and not to_file else "csv")


def print_report(
    text: str | Iterable[object], form: str | None, *, rows: Iterable[Mapping[str, Any]], data: Any = None
) -> None:
    """Print a result that people read as lines.

    Parameters
    ----------
    text
        Those lines.
    form
        From `format_options`.
    rows
        The result as a table.
    data
        The content for JSON; by default `rows`.
    """
    if form is None:
        click.echo(text if isinstance(text, str) else "\n".join(map(str, text)))
    elif form == "json":
        click.echo(json.dumps(list(rows) if data is None else data, indent=2, ensure_ascii=False))
    else:
        import pandas as pd

        from analysis.output import Output, render, shown

        table = pd.DataFrame([dict(row) for row in rows])
        click.echo(render(shown(Output(table)), form), nl=False)
