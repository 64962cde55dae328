"""Look at a wheel and try it, with the Python of an environment that has nothing but the wheel.

    git ls-files studyapp analysis templates static | ENV/bin/python -P .ci/try_wheel.py WHEEL

It fails when a file of the checkout, or one that pages load, is missing from the wheel, or when the installed
program cannot make a site, serve it and show its first page in each language.
"""

import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from importlib.metadata import version
from pathlib import Path

import studyapp
from studyapp.sample.serving import serving

VENDORED = {
    f"studyapp/static/vendor/{name}.{ending}"
    for name in ("htmx", "openseadragon", "tus")
    for ending in ("min.js", "LICENSE.txt")
}
SIGN_IN = {"en": "Sign in", "zh-Hans": "登录"}


def contents(wheel: Path, tracked: list[str]) -> None:
    """Check that the wheel has every file that it should, no other, and no compiled one."""
    wanted = {re.sub(r"^(?=templates/|static/)", "studyapp/", name) for name in tracked} | VENDORED
    found = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    if found != wanted:
        sys.exit(f"{wheel.name} lacks {sorted(wanted - found)} and has {sorted(found - wanted)} too many")
    if not wheel.name.endswith("-py3-none-any.whl"):
        sys.exit(f"{wheel.name} is not for every machine; is there something compiled in it?")


def commands() -> None:
    """Check that each program is there; two say their version, the third is a verb of the first."""
    for name in ("studyapp", "study-analysis"):
        said = subprocess.check_output([Path(sys.executable).with_name(name), "--version"], text=True)  # noqa: S603
        if version("studyapp") not in said:
            sys.exit(f"{name} --version says {said!r}")
    subprocess.check_output([Path(sys.executable).with_name("study-measure"), "--help"])  # noqa: S603


def pages(folder: Path) -> None:
    """Make a site (migrations), serve it, read a page in each language (templates, catalogues), and files."""
    subprocess.check_call([sys.executable, "-m", "studyapp.cli", "init", "--site", str(folder)])  # noqa: S603
    with serving(folder) as server:
        for language, words in SIGN_IN.items():
            page = read(f"{server.url}/sign-in", language).decode()
            if words not in page:
                sys.exit(f"the sign-in page in {language} lacks {words!r}")
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        base = next(name for name in files if name.endswith("css/base.css")).removesuffix("css/base.css")
        for name in [*files, *(base + vendored.removeprefix("studyapp/static/") for vendored in VENDORED)]:
            if not read(f"{server.url}{name}"):
                sys.exit(f"{name} is empty")


def read(address: str, language: str = "en") -> bytes:
    """Return what the server answers."""
    asked = urllib.request.Request(address, headers={"Accept-Language": language})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        return answer.read()


if __name__ == "__main__":
    if not Path(studyapp.__file__).is_relative_to(sys.prefix):
        sys.exit(f"{studyapp.__file__} is not the installed program")
    contents(Path(sys.argv[1]), sys.stdin.read().split())
    commands()
    with tempfile.TemporaryDirectory() as scratch:
        pages(Path(scratch) / "site")
    print(f"{Path(sys.argv[1]).name}: complete, and works by itself")
