"""The documentation says what is there: commands, settings, links, layers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from studyapp.settings import SETTINGS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_architecture_page_lists_every_setting():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name, *_ in SETTINGS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_imports_point_one_way():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_serving_needs_nothing_that_is_slow_to_load():
    """Each server and command would wait for it: torch takes seconds, SciPy's statistics half of one."""
    slow = "{'torch', 'matplotlib', 'pyiqa', 'scipy.stats', 'reportlab', 'analysis.report.write'}"
    code = f"import sys, studyapp.app; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
