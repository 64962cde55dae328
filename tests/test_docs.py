"""The documentation says what is there: commands, settings, links, layers."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from analysis.rule import words
from analysis.rule.entry import KEYS
from analysis.rule.language import FUNCTIONS, parse, parse_gate
from docs.tools.yaml_keys import Keys
from studyapp.study.site_file import SiteFile, read_site_text
from studyapp.study.study_file import StudyFile, read_study_text

ROOT = Path(__file__).parents[1]
# docs/tools/*.py write these pages; keys.js is run by tests/js/commands.test.js.
WRITTEN = (
    "columns",
    "commands",
    "http_api",
    "job_kinds",
    "rule_terms",
    "settings_table",
    "site_yaml",
    "study_yaml",
)
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("tool", WRITTEN)
def test_what_the_code_knows_is_up_to_date(tool):
    module = importlib.import_module(f"docs.tools.{tool}")
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), f"run `python docs/tools/{tool}.py`"


def test_the_examples_of_study_yaml_and_site_yaml_are_accepted():
    assert read_study_text("study.yaml", as_yaml(StudyFile)).practice == "000"
    assert read_site_text(Path("site.yaml"), as_yaml(SiteFile)).challenge.tracks["lowlight"].phases


def test_the_example_in_python_ranks(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    Path("votes.csv").write_text("judge,image,team,rank\n1,a,red,1\n1,a,blue,\n2,a,red,1\n2,a,blue,\n")
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], {})
    assert re.search(r"red .* 1\b.*\n.*blue .* 2\b", capsys.readouterr().out)


def test_every_part_of_a_rule_has_a_meaning():
    assert set(words.KEY_MEANINGS) == {*KEYS, "awards"}
    assert words.FUNCTION_MEANINGS.keys() == FUNCTIONS.keys()
    for name, (call, _) in words.FUNCTION_MEANINGS.items():
        assert call.startswith(f"{name}(")
        parse_gate(f"{call} <= 10") if name == "count" else parse(call.replace(", ...", ""))


def as_yaml(model: type[BaseModel]) -> str:
    return yaml.safe_dump(Keys(model).example())


def test_links_between_pages_lead_to_pages_and_headings():
    anchors = {page: headings(page.read_text(encoding="utf-8")) for page in PAGES}
    dead = []
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", prose(page)):
            there = (page.parent / target).resolve() if target else page
            if not there.exists() or (anchor and anchor not in anchors.get(there, set())):
                dead.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert dead == []


def test_every_page_is_in_a_menu_of_the_site():
    """The lists of landing pages are its menus; other pages in their folders follow by themselves."""
    docs = ROOT / "docs"
    landings = sorted(docs.rglob("index.md"))
    listed = {
        (landing.parent / target).resolve()
        for landing in landings
        for target in re.findall(
            r"^- \[[^\]]+\]\(([^)#]+\.md)\)", landing.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    beside = {page for landing in landings if landing.parent != docs for page in landing.parent.glob("*.md")}
    assert {*docs.rglob("*.md")} - listed - beside == {docs / "index.md"}


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
    slow = "{'torch', 'matplotlib', 'pyiqa', 'scipy.stats', 'typst', 'analysis.report.write'}"
    code = f"import sys, studyapp.app; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
