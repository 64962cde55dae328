"""Every command in the code of README.md and docs/ is there, with the options that it is given."""

import re
import shlex

import click

from analysis.cli import main as analysis
from studyapp.cli import main as studyapp
from studyapp.cli.measuring import alias as measure
from tests.tutorials.following import ROOT

PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if page.name != "commands.md" and page.parent.name != "decisions"
)
PROGRAMS = {"studyapp": studyapp, "study-analysis": analysis, "study-measure": measure}
_BLOCK = re.compile(
    r"^```(?P<kind>\w*)\n(?P<fenced>.*?)^```$|(?P<indented>(?:^    [^\n]*\n)+)", re.MULTILINE | re.DOTALL
)
_COMMAND = re.compile(
    rf"(?:^|(?<=[\s;&|(]))(?:{'|'.join(PROGRAMS)}) (?!studyapp)(?:'[^']*'|\"[^\"]*\"|[^&|;>)#])*"
)


def commands(text: str) -> list[str]:
    """Return the commands in a page's blocks and between its backticks."""
    shell = [match for match in _BLOCK.finditer(text) if match["kind"] in (None, "", "sh")]
    blocks = [match["indented"] or match["fenced"] for match in shell]
    blocks += re.findall(r"(?<!`)`([^`\n]+)`", text)
    lines = re.sub(r"\\\n *", "", "\n".join(blocks)).splitlines()
    return [found.strip() for line in lines for found in _COMMAND.findall(line.split("  #")[0])]


def wrong(command: str) -> str | None:
    """Say what a command names that is not there."""
    program, *words = shlex.split(command, comments=True)
    node: click.Command = PROGRAMS[program]
    context = click.Context(node)
    while isinstance(node, click.Group) and words and not words[0].startswith("-"):
        found = node.get_command(context, name := words.pop(0))
        if found is None:
            return f"no command {name}"
        node, context = found, click.Context(found)
    known = {option for parameter in node.get_params(context) for option in parameter.opts}
    known |= {option for parameter in node.get_params(context) for option in parameter.secondary_opts}
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    return f"no option {', '.join(sorted(given - known))}" if given - known else None


def test_commands_in_pages_are_there():
    found = {page.relative_to(ROOT).as_posix(): commands(page.read_text(encoding="utf-8")) for page in PAGES}
    faults = [
        (page, line, fault) for page, lines in found.items() for line in lines if (fault := wrong(line))
    ]
    assert faults == []
    assert {"README.md", "docs/deploy.md", "docs/tutorials/analyst.md"} <= {
        page for page, lines in found.items() if lines
    }


def test_what_is_not_there_is_found():
    page = "`studyapp open X` or\n```sh\nA=1 studyapp chek STUDY && studyapp init X | head\n```\n"
    assert commands(page) == ["studyapp chek STUDY", "studyapp init X", "studyapp open X"]
    assert wrong("studyapp chek STUDY") == "no command chek"
    assert wrong("study-analysis rank votes.csv --rul x") == "no option --rul"
    assert wrong("studyapp analyse rank votes.csv --rule x") is None
