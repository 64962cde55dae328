"""Write the README's tables of commands from the commands themselves: ``python docs/tools/commands.py``."""

import re
from pathlib import Path

from analysis.cli import COMMANDS
from studyapp.cli import VERBS

README = Path(__file__).parents[2] / "README.md"


def with_commands(text: str) -> str:
    """Return the README with both tables as they should be."""
    verbs = {f"studyapp {name}": line for name, (_, line) in VERBS.items()}
    analyses = {f"study-analysis {name}": line for name, line in COMMANDS.items()}
    return _replaced(_replaced(text, "commands", verbs), "analysis", analyses)


def _replaced(text: str, name: str, commands: dict[str, str]) -> str:
    rows = "".join(f"| `{command}` | {line} |\n" for command, line in commands.items())
    table = f"<!-- {name} -->\n| command | does |\n|---|---|\n{rows}<!-- /{name} -->"
    return re.sub(f"<!-- {name} -->.*?<!-- /{name} -->", lambda _: table, text, flags=re.DOTALL)


if __name__ == "__main__":
    README.write_text(with_commands(README.read_text(encoding="utf-8")), encoding="utf-8")
