"""Groups of commands that are imported only when called, so that help and completion are quick."""

import importlib
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import click
from click.shell_completion import CompletionItem

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.frame import Framed

_NOT_ON_WINDOWS = frozenset({"fcntl", "resource"})
"""Modules of Python that only Unix has: they lock files, and keep models from taking all memory."""


class Entry(NamedTuple):
    """A command that is not imported yet.

    Attributes
    ----------
    place
        Its module and its name there, "studyapp.cli.folder:check".
    line
        Its line in the help.
    """

    place: str
    line: str


class LazyGroup(Framed, click.Group):
    """A group of commands in sections, by what the user wants to do."""

    sections: ClassVar[Mapping[str, Mapping[str, Entry]]] = {}

    @property
    def entries(self) -> dict[str, Entry]:
        """Every command, in the order of the help."""
        return {name: entry for section in self.sections.values() for name, entry in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        place, _, name = entry.place.partition(":")
        try:
            return getattr(importlib.import_module(place), name)
        except ModuleNotFoundError as error:
            if error.name not in _NOT_ON_WINDOWS:
                raise
            raise AnalysisError(
                f"{cmd_name} does not run on Windows; use Linux, or WSL, which is Linux inside Windows"
            ) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and not args[0].startswith("-") and args[0] not in self.entries:
            ctx.fail(f"there is no command {args[0]!r}; {hint(args[0], self.entries)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.line) for name, entry in section.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(name, help=entry.line)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]
