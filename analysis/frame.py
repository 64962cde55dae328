"""The frame of every command line: failures become one line, and names cannot control the terminal."""

import errno
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import click

from analysis.errors import AnalysisError, FormulaError
from analysis.printable import printable, printable_lines
from analysis.storage import storage_words

STOPPED = 130
"""Exit status after Ctrl-C, or no to a question."""


class Refusal(click.ClickException):
    """Input refused: one line on stderr, below it the formula where one is wrong, exit status 2."""

    exit_code = 2


class Framed(click.Command):
    """A command with safe output and failures in plain language; `frame` may know more kinds of failure."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        with _harmless_output():  # outside of click, which prints the errors itself
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with self.frame():
            try:
                return super().invoke(ctx)
            except (KeyboardInterrupt, EOFError, click.Abort):
                note("stopped")
                ctx.exit(STOPPED)

    @contextmanager
    def frame(self) -> Iterator[None]:
        with warnings_on_stderr(), in_words(Refusal):
            yield


@contextmanager
def in_words(refusal: type[click.ClickException]) -> Iterator[None]:
    """Turn a failure caused by the input or the disk into one line for people; a formula has three."""
    try:
        yield
    except FormulaError as error:
        raise refusal("\n".join(printable(line) for line in (error, *error.excerpt) if str(line))) from error
    except AnalysisError as error:
        raise refusal(printable(error)) from error
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read the output went away; click ends quietly
            raise
        give_up_output()
        raise refusal(storage_words(error)) from error


@contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Print each warning as one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_args, **_kwargs: note(f"warning: {message}")
        yield


def note(line: object) -> None:
    """Write one line to stderr, whatever line breaks the names in it have."""
    click.echo(printable(line), err=True)


def for_bars() -> TextIO:
    """Return stderr unfiltered, for progress bars that move the cursor; their texts must be printable."""
    return sys.stderr.beneath if isinstance(sys.stderr, _Harmless) else sys.stderr


class _Harmless(io.TextIOWrapper):
    """A stream that shows control signs, and signs its encoding lacks, instead of sending them."""

    def __init__(self, beneath: io.TextIOWrapper) -> None:
        super().__init__(
            beneath.buffer, encoding=beneath.encoding, errors="backslashreplace", write_through=True
        )
        self.beneath = beneath

    def write(self, text: str, /) -> int:
        super().write(printable_lines(text))
        return len(text)


@contextmanager
def _harmless_output() -> Iterator[None]:
    """Guard stderr, and stdout at a terminal; what goes into a file or a pipe is unchanged."""
    before = {"stdout": sys.stdout, "stderr": sys.stderr}
    ours: dict[str, _Harmless] = {}
    for name, stream in before.items():
        if not isinstance(stream, io.TextIOWrapper) or isinstance(stream, _Harmless):
            continue
        stream.flush()
        if name == "stderr" or stream.isatty():
            ours[name] = _Harmless(stream)
            setattr(sys, name, ours[name])
        else:
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for name, stream in ours.items():
            with suppress(OSError, ValueError):
                stream.flush()
            if getattr(sys, name) is stream:  # it may have been given up
                setattr(sys, name, before[name])
            stream.detach()


def give_up_output() -> None:
    """Keep Python from trying, at its end, to write what could not be written before."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open until the process ends)
