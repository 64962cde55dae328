"""The documentation says what is there: commands, settings, links, layers."""

import re
import subprocess
import sys
from pathlib import Path

from studyapp.settings import SETTINGS

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_the_architecture_page_lists_every_setting():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name, *_ in SETTINGS if f"`{name}`" not in text] == []


def test_links_between_pages_lead_to_pages_and_headings():
    anchors = {page: headings(page.read_text(encoding="utf-8")) for page in PAGES}
    dead = []
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", prose(page)):
            there = (page.parent / target).resolve() if target else page
            if not there.exists() or (anchor and anchor not in anchors.get(there, set())):
                dead.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert dead == []


def prose(page: Path) -> str:
    """Return a page without its code, in which brackets are no links."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def headings(text: str) -> set[str]:
    """Return the anchors that GitHub and the site give to headings."""
    found: dict[str, int] = {}
    for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title.strip())
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {
        f"{slug}-{number}" if number else slug for slug, most in found.items() for number in range(most + 1)
    }


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
