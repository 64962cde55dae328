"""Write docs/commands.md from the commands themselves: ``python docs/tools/commands.py``."""

from collections.abc import Iterator
from pathlib import Path

import click

from analysis.lazy_group import LazyGroup
from studyapp.cli import main

PAGE = Path(__file__).parents[1] / "commands.md"
INTRODUCTION = """\
# Commands

Find the command for what you want to do, its options and what it prints. Made by
`python docs/tools/commands.py` from the commands themselves; `studyapp COMMAND --help` says the same.

`study-analysis` is `studyapp analyse`, and `study-measure` is `studyapp measure`.

## What all commands share
**Results** go to standard output or `--output`; notes, warnings and progress go to standard error. At a
terminal progress is a bar; elsewhere it is a line every half minute.

**Formats.** `--format json|csv|markdown|latex` says how to write the result, and `--json` is short for
`--format json`. Without either, a person at a terminal gets text, with tables aligned. Into a file or a pipe
tables go as CSV, which the next command reads. Reports in lines (`check`, `status`, `verify`) stay lines.

**Exit status**

| status | |
|---|---|
| 0 | it worked |
| 1 | it found something wrong: errors in a folder, a mismatch, a failed model, a part that is missing |
| 2 | it refused and did nothing: wrong options or input, the wrong state of a study, a full disk |
| 130 | you stopped it: Ctrl-C, or no to a question |

With 1 and 2 the message names the value and the remedy.

**Tables.** `-` instead of a file's name is standard input. [analysis.md](analysis.md) says which kinds of CSV
are read.

**Completion** of commands, options, presets and tables in your shell:

    eval "$(studyapp completion bash)"      # in ~/.bashrc; for zsh and fish: studyapp completion --help
"""


def page() -> str:
    """Return docs/commands.md."""
    return INTRODUCTION + "".join(_group(main, "studyapp", 2))


def _group(group: LazyGroup, path: str, level: int) -> Iterator[str]:
    for title, section in group.sections.items():
        yield f"\n{'#' * level} {title}\n"
        yield "| command | |\n|---|---|\n"
        yield from (
            f"| [`{path} {name}`](#{_anchor(path, name)}) | {line} |\n" for name, (_, line) in section.items()
        )
        for name in section:
            command = group.get_command(click.Context(group), name)
            assert command is not None
            yield from _command(command, f"{path} {name}", level + 1)


def _command(command: click.Command, path: str, level: int) -> Iterator[str]:
    yield f"\n{'#' * level} {path}\n"
    yield f"```\n{command.get_help(click.Context(command, info_name=path, terminal_width=100))}\n```\n"
    if isinstance(command, LazyGroup):
        yield from _group(command, path, level + 1)
    elif isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(inner, f"{path} {name}", level + 1)


def _anchor(path: str, name: str) -> str:
    return f"{path} {name}".replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
