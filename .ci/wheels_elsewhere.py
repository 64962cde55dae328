"""Ask the package index whether each system of docs/platforms.md has wheels of all that studyapp needs.

    .venv/bin/python .ci/wheels_elsewhere.py

Nothing is installed. It fails when a system lacks a wheel that platforms.md promises. Pip reads markers for
the machine that it runs on, not for the one that it is asked about, so what only Linux needs is left out.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYSTEMS = {
    "Linux, arm64": tuple(f"manylinux_2_{minor}_aarch64" for minor in range(17, 29)),
    "macOS, Apple": ("macosx_14_0_arm64",),
    "macOS, Intel": ("macosx_14_0_x86_64",),
    "Windows, x86-64": ("win_amd64",),
}
PYTHONS = ("3.11", "3.14")


def missing(tags: tuple[str, ...], python: str, needed: list[str], scratch: str) -> str:
    """What pip says is not there; nothing where all is."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--target", scratch]
    command += ["--only-binary", ":all:", "--python-version", python, *needed]
    for tag in tags:
        command += ["--platform", tag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return "" if done.returncode == 0 else done.stderr


def main() -> None:
    """Ask for each system and Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [one for one in project["dependencies"] if "sys_platform == 'linux'" not in one]
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        for system, tags in SYSTEMS.items():
            for python in PYTHONS:
                lacks = missing(tags, python, needed, scratch)
                failed = failed or bool(lacks)
                print(f"{system}, Python {python}: {lacks.strip() or 'wheels of everything'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
