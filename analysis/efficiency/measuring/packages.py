"""The packages that a model asks for: whether they are installed, or a separate environment with them."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

from analysis.errors import AnalysisError

_MOST_BYTES = 100_000
_OPTION = re.compile(r"\s*(-|git\+|https?:|file:|\.{0,2}/)")
_INSTALL_S = 1800


def unmet(requirements: Path) -> dict[str, str | None]:
    """Return the lines of a requirements file that this Python's packages do not meet, and what is installed.

    The value is the installed version, None if there is none.

    Raises
    ------
    AnalysisError
        For a line that is not a name with versions: options, addresses and paths are not followed.
    """
    found = {line: _version_of(line) for line in requirement_lines(requirements)}
    return {line: version for line, version in found.items() if not _is_met(line, version)}


def requirement_lines(requirements: Path) -> list[str]:
    """Return the requirements of a file, without comments."""
    from packaging.requirements import InvalidRequirement, Requirement

    data = requirements.read_bytes()[: _MOST_BYTES + 1]
    if len(data) > _MOST_BYTES:
        raise AnalysisError(f"{requirements} is larger than {_MOST_BYTES} bytes; list the packages only")
    found = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            valid = not _OPTION.match(text) and Requirement(text).url is None
        except InvalidRequirement:
            valid = False
        if not valid:
            raise AnalysisError(
                f"{requirements.name}, line {number}: {text[:80]!r} is not a package with versions; write "
                "one like timm>=0.9"
            )
        found.append(text)
    return found


def environment(requirements: Path, cache: Path) -> Path:
    """Return the Python of an environment with a model's packages, created in the cache on first use.

    It also sees the packages of this Python. Only wheels are installed, because building a package would run
    its code outside the isolation.

    Raises
    ------
    AnalysisError
        If a package cannot be installed.
    """
    lines = requirement_lines(requirements)
    text = "\n".join([sys.version, sys.prefix, *lines])
    folder = cache / "environments" / hashlib.sha256(text.encode()).hexdigest()[:16]
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    site.mkdir(parents=True, exist_ok=True)
    here = [path for path in sys.path if path.endswith("-packages")]
    (site / "of-the-study.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    _install(folder, lines, requirements)
    (folder / "complete").touch()
    return python


def default_cache() -> Path:
    """Return where environments are kept: XDG_CACHE_HOME or ~/.cache, in studyapp/."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "studyapp"


def _install(folder: Path, lines: list[str], requirements: Path) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--no-input"]
    command += ["--only-binary", ":all:", "--disable-pip-version-check", *lines]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)  # noqa: S603
        said = done.stderr.strip().splitlines()[-1:] if done.returncode else None
    except subprocess.TimeoutExpired:
        said = [f"not finished after {_INSTALL_S} s"]
    if said is not None:
        shutil.rmtree(folder, ignore_errors=True)
        raise AnalysisError(f"{requirements.name} cannot be installed: {' '.join(said)[:300]}")


def _version_of(line: str) -> str | None:
    from packaging.requirements import Requirement

    try:
        return metadata.version(Requirement(line).name)
    except metadata.PackageNotFoundError:
        return None


def _is_met(line: str, version: str | None) -> bool:
    from packaging.requirements import Requirement

    requirement = Requirement(line)
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    return version is not None and requirement.specifier.contains(version, prereleases=True)
