"""The options that say whose metrics are used and where networks run, for both commands that score."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def tool_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --backend, --device and --weights; the function gets them as one `tools`."""

    @functools.wraps(function)
    def run(*args: Any, backend: Any, device: str, weights: Path | None, **options: Any) -> Any:
        from analysis.paired.backends import Tools

        return function(*args, tools=Tools(backend, device, weights and weights.resolve()), **options)

    run = click.option(
        "--weights",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder with the networks' weights, searched before torch's cache.",
    )(run)
    run = click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda"]),
        default="auto",
        show_default=True,
        help="Where to run networks.",
    )(run)
    return click.option(
        "--backend",
        type=click.Choice(["own", "pyiqa"]),
        default="own",
        show_default=True,
        help="Whose metrics to use.",
    )(run)
