"""Follows a tutorial: runs its shell blocks in order in an empty folder and compares what they print.

Blocks of Markdown fenced as ``sh`` are run in one shell, and fail where a command fails. A block fenced as
``text`` is what the block before it prints, shortened: its lines are looked for in order, ``...`` stands for
anything. Comments, which readers do not see, say what a program does differently:

    <!-- not run -->                  the next block is for people: it installs, or serves until Ctrl-C
    <!-- file: night/judges.csv -->   the next block is the content of that file
    <!-- run                          commands that are run here, such as judges who answer
    ... -->
"""

import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PIECES = re.compile(
    r"^<!-- (?P<comment>.*?) ?-->$|^```(?P<kind>\w+)\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL
)
_END = "~~~ end of block"


@dataclass
class Step:
    """What is run at once, and what it has to print."""

    line: int
    script: str
    prints: list[str] = field(default_factory=list)


class TutorialError(AssertionError):
    """A tutorial says something that is not so."""


def steps(text: str) -> Iterator[Step]:
    """Return what a tutorial has a reader do."""
    file, run, step = None, True, None
    for piece in _PIECES.finditer(text):
        line = text.count("\n", 0, piece.start()) + 1
        comment, kind, block = piece["comment"], piece["kind"], piece["block"]
        if comment is not None:
            if comment == "not run":
                run = False
            elif comment.startswith("file: "):
                file = comment.removeprefix("file: ")
            elif comment.startswith("run\n"):
                if step is not None:
                    yield step
                step = None
                yield Step(line, comment.removeprefix("run\n"))
            continue
        if kind == "text" and step is not None:
            step.prints += block.splitlines()
        if step is not None:
            yield step
            step = None
        if file is not None:
            yield Step(line, f"cat > {file} <<'END OF FILE'\n{block}END OF FILE\n")
        elif kind == "sh" and run:
            step = Step(line, block)
        file, run = None, True
    if step is not None:
        yield step


def follow(page: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Follow a tutorial in an empty folder.

    Raises
    ------
    TutorialError
        When a command fails or prints something else; the message names the line.
    """
    todo = list(steps(page.read_text(encoding="utf-8")))
    if not todo:
        raise TutorialError(f"{page.name} has nothing to run")
    script = "".join(f"{step.script}\necho '{_END}'; echo '{_END}' >&2\n" for step in todo)
    status, *streams = _shell(script, folder, environment or {})
    parts = [stream.split(f"{_END}\n") for stream in streams]
    for step, shown, said in zip(todo, *parts, strict=False):
        if missing := _missing(step.prints, [shown.splitlines(), said.splitlines()]):
            raise TutorialError(f"{page.name}:{step.line}: {missing!r} is not in\n{shown}\n{said}")
    done = len(parts[0]) - 1
    if status or done < len(todo):
        last = todo[min(done, len(todo) - 1)]
        raise TutorialError(
            f"{page.name}:{last.line}: {last.script}exit status {status}\n{parts[0][-1]}\n{parts[1][-1]}"
        )


def _missing(expected: list[str], streams: list[list[str]]) -> str | None:
    """Return the first expected line that no stream has where it should."""
    places = [0] * len(streams)
    for line in expected:
        if line.strip() in ("...", ""):
            continue
        pattern = re.compile(r"\s+".join(_pattern(word) for word in line.split()))
        for number, stream in enumerate(streams):
            found = next(
                (at for at in range(places[number], len(stream)) if pattern.search(stream[at])), None
            )
            if found is not None:
                places[number] = found + 1
                break
        else:
            return line
    return None


def _pattern(word: str) -> str:
    return re.escape(word).replace(re.escape("..."), ".*")


def _shell(script: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a script whose output goes to a terminal, as a reader's does; return status, output, messages."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("STUDYAPP_")}
    known |= {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "200"}
    known["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"
    known["PYTHONPATH"] = str(ROOT)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 200))
    shown: list[bytes] = []
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    with subprocess.Popen(
        command, cwd=folder, env={**known, **environment}, stdin=subprocess.DEVNULL, stdout=theirs,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.close(theirs)
        reader = threading.Thread(target=_read, args=(ours, shown))
        reader.start()
        said = process.stderr.read() if process.stderr else b""
        reader.join()
    os.close(ours)
    output = b"".join(shown).decode(errors="replace").replace("\r\n", "\n")
    return process.returncode, output, said.decode(errors="replace")


def _read(terminal: int, into: list[bytes]) -> None:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so where everybody has closed the other end
            return
        if not data:
            return
        into.append(data)
