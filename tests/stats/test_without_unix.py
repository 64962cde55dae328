"""Without what only Unix has, `study-analysis` ranks, and what cannot run says so."""

import json
import subprocess
import sys

# What CPython for Windows leaves out of what studyapp and the analysis use.
AS_ON_WINDOWS = """
import os, sys
for name in ("fcntl", "resource", "grp", "pwd", "termios"):
    sys.modules[name] = None
for name in ("O_DIRECTORY", "O_NOFOLLOW", "fork", "getuid", "killpg", "sched_getaffinity", "sysconf"):
    delattr(os, name)
"""
EVERY_COMMAND = """
import click
from analysis.cli import main
for name in main.entries:
    assert main.get_command(click.Context(main), name), name
main(sys.argv[1:], prog_name="study-analysis")
"""
VOTES = "judge,image,team,rank\n" + "".join(
    f"{judge},{image},{team},{rank}\n"
    for judge in ("Ann", "张伟")
    for image in ("001", "002")
    for team, rank in (("Fir", 1), ("Elm", 2), ("Oak", 3), ("Ash", ""))
)


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", AS_ON_WINDOWS + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_is_there_and_a_ranking_is_written(tmp_path):
    votes, ranking = tmp_path / "votes.csv", tmp_path / "ranking.json"
    votes.write_text(VOTES, encoding="utf-8")
    done = run(EVERY_COMMAND, "rank", votes, "--json", "--output", ranking)
    assert done.returncode == 0, done.stderr
    assert [row["team"] for row in json.loads(ranking.read_text(encoding="utf-8"))] == [
        "Fir",
        "Elm",
        "Oak",
        "Ash",
    ]


def test_a_command_that_needs_unix_says_where_it_runs(tmp_path):
    done = run(
        "from studyapp.cli import main\nmain(sys.argv[1:], prog_name='studyapp')", "init", tmp_path / "study"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "init does not run on Windows; use Linux, or WSL" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
