"""One version everywhere, and a wheel for every machine."""

import datetime
import json
import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_version_is_the_same_everywhere():
    pages = [
        json.loads((ROOT / name).read_text())["version"] for name in ("package.json", "package-lock.json")
    ]
    assert {PROJECT["version"], CITATION["version"], *pages} == {PROJECT["version"]}
    assert CITATION["license"] == PROJECT["license"]
    assert f"studyapp-{PROJECT['version']}-py3-none-any.whl" in (ROOT / "docs/platforms.md").read_text()


def test_a_released_version_is_the_changelogs_and_has_its_day():
    """Headings are `Unreleased`, or a version with its day, the newest first."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert headings[0] == "Unreleased" or headings[0].startswith(f"{PROJECT['version']} (")
    assert headings.count("Unreleased") <= 1
    days = [re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", heading) for heading in released]
    assert all(days), headings
    numbers = [tuple(map(int, day[1].split("."))) for day in days if day]
    assert numbers == sorted(set(numbers), reverse=True)
    if released:
        assert CITATION["date-released"] == datetime.date.fromisoformat(days[0][2])
