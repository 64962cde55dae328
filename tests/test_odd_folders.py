"""Names that mean something to an address or a terminal are names here, and disks may be full."""

import os
import resource
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.printable import printable, printable_lines
from studyapp.cli import main
from studyapp.settings import Folders

ODD = ["50%", "my%20study", "a?b", "what? #1", "a;b&c=d", "[x]", "-x", "file:memory", "café\udcff", "n" * 200]


def call(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, [os.fspath(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


def as_process(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studyapp.cli", *map(str, arguments)]
    return subprocess.run(command, check=False, text=True, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_study_is_written_into_its_own_folder_alone(tiled_folder, tmp_path, monkeypatch, name):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    try:
        root = Path(shutil.copytree(tiled_folder, tmp_path / name))
    except OSError:
        pytest.skip("this file system has no such names")
    Folders(root).database.unlink()
    beside = Path(shutil.copytree(tiled_folder, tmp_path / "my study"))
    database = Folders(beside).database.read_bytes()
    relative = Path(name)
    call("tile", "--", relative)
    (root / "judges.csv").write_text("name,email\nJude,jude@example.org\n", encoding="utf-8")
    call("invite", "--", relative, relative / "judges.csv")
    assert "Jude" in call("status", "--", relative)
    call("backup", "--", relative, relative / "kept.zip")
    assert Folders(root).database.exists()
    assert Folders(beside).database.read_bytes() == database
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "my study"])


@given(st.text(st.characters(), max_size=40))
def test_a_printed_name_is_one_line_that_commands_nothing(name):
    shown = printable(name)
    assert len(shown.splitlines()) <= 1
    risky = {"Cc", "Zl", "Zp", "Cs"}
    assert not [sign for sign in shown if unicodedata.category(sign) in risky]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
    assert printable(shown) == shown
    assert printable_lines(f"{shown}\n{shown}").split("\n") == [shown, shown]


def test_check_prints_no_name_raw(tiled_folder, tmp_path):
    root = Path(shutil.copytree(tiled_folder, tmp_path / "study"))
    team = root / "teams" / "team01"
    for name in (
        "\x1b]0;owned\x07.png",
        "a\nerror: forged.txt",
        "b\rerror: forged.txt",
        "\u202egnp.001",
        "\x9b2J",
    ):
        (team / name).write_text("x")
    (root / "teams" / "team\n05").mkdir()
    (root / "teams" / "team\n05" / "001.png").write_text("x")
    told = call("check", root, status=1)
    assert printable_lines(told) == told
    assert not [line for line in told.splitlines() if line.startswith("error: forged")]


@pytest.mark.parametrize("lines", ["", "not a database at all " * 50])
def test_a_damaged_database_is_told_in_one_line(tiled_folder, tmp_path, monkeypatch, lines):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = Path(shutil.copytree(tiled_folder, tmp_path / "study"))
    Folders(root).database.write_text(lines)
    for verb in ("status", "verify", "pause", "close", "doctor", "rank"):
        told = call(verb, root, status=2)
        assert told.startswith("Error: ")
        assert len(told.splitlines()) == 1


def test_init_on_a_full_disk_can_be_given_again(tmp_path):
    def nothing_fits() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    failed = as_process("init", tmp_path / "new", preexec_fn=nothing_fits)
    assert failed.returncode == 2
    assert len(failed.stderr.splitlines()) == 1
    assert "file is too large" in failed.stderr
    assert not [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    call("init", tmp_path / "new")
    assert len(Folders(tmp_path / "new").key.read_text()) == 65


def test_output_that_cannot_be_written_is_no_success(tmp_path, tiled_folder):
    with open("/dev/full", "w") as full:
        failed = as_process("schema", stdout=full)
    assert failed.returncode == 2
    assert failed.stderr == "Error: the disk is full; free some space and try again\n"
