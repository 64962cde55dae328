"""Whatever teams, judges, images and files are called, no command line sends it to a terminal as it is."""

import csv
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from analysis.printable import printable_lines

FORGED = "error: forged"
NAMES = (
    "\x1b[2J",
    "\x1b]0;owned\x07",
    "a\x07b",
    f"a\r{FORGED}",
    f"a\n{FORGED}",
    f"a\u2028{FORGED}",
    "\u202egnp",
    "\x9b2J",
)
# All commands in one process, as each would start one: import takes longer than they do.
RUN = """
import json, sys
from analysis.cli import main as analysis
from studyapp.cli import main as studyapp
commands = {"study-analysis": analysis, "studyapp": studyapp}
for name, *arguments in json.loads(sys.stdin.readline()):
    print("ran", name, arguments[0], flush=True)
    try:
        commands[name](arguments, prog_name=name)
    except SystemExit as ended:
        print("ended", ended.code, flush=True)
"""


def at_a_terminal(commands: list[list[str]]) -> str:
    """Run commands with a terminal for both outputs; return what it got."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=environment
    ) as child:
        os.close(theirs)
        assert child.stdin
        child.stdin.write(json.dumps(commands).encode() + b"\n")
        child.stdin.close()
        got = b""
        try:
            while data := os.read(ours, 65536):
                got += data
        except OSError:  # how the end of a terminal reads
            pass
    os.close(ours)
    told = got.decode("utf-8").replace("\r\n", "\n")
    return re.sub(r"\r {10,}\r|\r[^\r\n]*?(/s|s/it|s/run|s/pair)\] *", "", told)  # progress bars


def write_csv(path: Path, header: str, rows: list[tuple[object, ...]]) -> str:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return str(path)


@pytest.fixture
def tables(tmp_path):
    """Votes and scores in which everybody has such a name."""
    votes = [
        (judge, image, team, place)
        for turn, judge in enumerate(NAMES)
        for image in NAMES[:4]
        for place, team in enumerate(NAMES[turn % 4 : turn % 4 + 3], start=1)
    ]
    rest = {(judge, image): set(NAMES) for judge in NAMES for image in NAMES[:4]}
    for judge, image, team, _ in votes:
        rest[judge, image].discard(team)
    votes += [(judge, image, team, "") for (judge, image), teams in rest.items() for team in sorted(teams)]
    return (
        write_csv(tmp_path / "votes.csv", "judge,image,team,place", votes),
        write_csv(
            tmp_path / "scores.csv", "team,s2,s3n", [(name, 50 + i, 0.5) for i, name in enumerate(NAMES)]
        ),
        write_csv(tmp_path / "odd.csv", f"judge,image,{NAMES[0]},{NAMES[4]}", [("a", "b", "c", "d")]),
    )


def pairs(root: Path, names: tuple[str, ...]) -> str:
    for place in ("gt", "teams/Tern"):
        (root / place).mkdir(parents=True)
        Image.new("RGB", (32, 32)).save(root / place / "a.png")
    for name in names:
        (root / "teams" / name).mkdir()
    return str(root)


def test_no_name_reaches_a_terminal_as_it_is(tables, tiled_folder, tmp_path):
    votes, scores, odd = tables
    study = Path(shutil.copytree(tiled_folder, tmp_path / "study"))
    models = tmp_path / "models here"
    (models / "models").mkdir(parents=True)
    (models / "model_zoo").mkdir()
    for name in NAMES:
        (study / "teams" / "team01" / f"{name}.png").write_bytes(b"")
        (study / "teams" / f"x{name}").mkdir()
        (models / "models" / f"{name}.txt").write_text("")
    (models / "models" / f"team00_{''.join(NAMES)}.py").write_text("raise OSError('\\x1b[2J')")
    inputs = pairs(tmp_path / "pairs", ())
    commands = [
        ["study-analysis", "points", votes],
        ["study-analysis", "points", votes, "--format", "json"],
        ["study-analysis", "points", votes, "--format", "markdown"],
        ["study-analysis", "rank", scores],
        ["study-analysis", "agreement", votes, "--table", "judges", "--permutations", "9"],
        ["study-analysis", "screen", votes],
        ["study-analysis", "model", votes],
        ["study-analysis", "audit", scores],
        ["study-analysis", "points", odd],
        ["study-analysis", "rank", votes],
        *(
            [
                "study-analysis",
                "score",
                pairs(tmp_path / f"p{i}", (name,)),
                "--workers",
                "1",
                "--metric",
                "psnr",
            ]
            for i, name in enumerate(NAMES)
        ),
        ["study-analysis", "score", inputs, "--team", NAMES[1]],
        ["study-analysis", "points", str(tmp_path / NAMES[1])],
        [
            "studyapp",
            "measure",
            str(models),
            "--inputs",
            f"{inputs}/gt",
            "--output",
            str(tmp_path / "out.csv"),
            "--rounds",
            "1",
        ],
        ["studyapp", "check", str(study)],
        ["studyapp", "status", str(study)],
        ["studyapp", "import", str(study), NAMES[4]],
        ["studyapp", "score", str(study), "--team", NAMES[1]],
        ["studyapp", "measure", str(study), "--team", NAMES[4], "--device", "cpu"],
        ["studyapp", "disqualify-team", str(study), NAMES[1], "--reason", NAMES[4]],
    ]
    told = at_a_terminal(commands)
    assert "Traceback" not in told
    assert told.count("\nended") == len(commands)
    assert printable_lines(told) == told
    assert not [line for line in told.split("\n") if line.startswith(FORGED)]
    assert "\\x1b[2J" in told  # they are shown all the same
