"""Every text that a page shows goes through the catalogue, and every catalogue has every text."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests import bypassing

ROOT = Path(__file__).resolve().parents[1]
CLASSES = frozenset(
    re.findall(r"\.([a-z][\w-]*)", "".join(p.read_text("utf-8") for p in (ROOT / "static/css").glob("*.css")))
)
# Packages whose texts a page may show. Commands and the report speak English (docs/decisions/0311).
PYTHON = (
    "analysis/ranking.py",
    "analysis/unshown.py",
    "analysis/user_study",
    "studyapp/core",
    "studyapp/errors.py",
    "studyapp/protocols",
    "studyapp/services/folder/regions.py",
    "studyapp/services/ground",
    "studyapp/services/people",
    "studyapp/services/results",
    "studyapp/services/voting",
    "studyapp/web",
)
# Of these packages, what only commands say: problems of files that organisers write, `studyapp verify`,
# rehearsals; an export's README; and the keyed design, whose strings name what a key is used for.
COMMANDS_ONLY = {
    *(
        f"studyapp/core/{name}.py"
        for name in ("csv_file", "folder_scan", "judges_file", "links_file", "records", "regions_file",
                     "small_files", "wording", "workbook")
    ),
    *(
        f"studyapp/core/{name}.py"
        for name in ("adaptive", "design", "hidden_trials", "keyed", "latin", "pair_design", "spaced_trials",
                     "tiles")
    ),
    *(f"studyapp/services/ground/{name}.py" for name in ("only_run", "scoring_rules", "workspace")),
    "studyapp/services/people/rehearsing.py",
    *(
        f"studyapp/services/results/{name}.py"
        for name in ("export_readme", "metrics", "other_forms", "row_checks", "sheet", "sheet_pictures",
                     "team_sheets", "verifying")
    ),
    *(f"studyapp/services/voting/{name}.py" for name in ("amending", "lifecycle")),
    "analysis/user_study/read.py",
}  # fmt: skip
TEMPLATES = ("templates",)
# What reads like prose and is not for people, by file and beginning.
NOT_FOR_PEOPLE: dict[str, tuple[str, ...]] = {
    # Problems of tables and of study.yaml, which commands list.
    "analysis/ranking.py": ("scores", "s3 (or"),
    "studyapp/core/reasons.py": ("it has a colon", "{} lists", "required is"),
    "studyapp/core/refused.py": ("^Value error",),
    "studyapp/protocols/__init__.py": ("there is no protocol",),
    "studyapp/protocols/pairwise.py": ("kind:", "design:", "{} teams"),
    "studyapp/protocols/ranking.py": ("kind:", "{} teams"),
    "studyapp/protocols/rating.py": ("kind:", "{} teams"),
    "studyapp/protocols/slider.py": ("kind:", "{} teams"),
    "studyapp/protocols/top_k.py": ("kind:", "points {}", "{} points", "{} teams"),
    # Files of an export, which are in English.
    "studyapp/services/results/data_package.py": ("A blind user study and its ranking",),
    "studyapp/services/results/tables_workbook.py": ("; left out: it has more than",),
    # `studyapp tile` and `studyapp invite`.
    "studyapp/services/ground/studies.py": (
        "the study is new",
        "the order of teams",
        "regions.csv",
        " and {} more",
        "judges have been",
        ", or record",
    ),
    "studyapp/services/ground/site.py": ("{} was moved",),
    "studyapp/services/people/passwords.py": ("\n    studyapp study",),
    "studyapp/services/people/invitations.py": ("the conflicts of",),
    # Forms of exported files, and what a file is recognised by.
    "studyapp/services/results/crops.py": ("{}; delete its",),
    "studyapp/services/results/exports.py": ("studyapp export 1", "see the ledger"),
    "studyapp/services/results/parts.py": ("is gone",),
    "studyapp/services/results/reasons.py": ("Image A", "Image B"),
    # For programs that watch the server.
    "studyapp/web/watching/metrics.py": ("Requests", "Time from", "Ballots", "Room on", "Jobs that"),
    "studyapp/web/watching/probes.py": ("other schema",),
    # Headers, SQL, limits in the words of Flask-Limiter, names of systems.
    "studyapp/services/people/attempts.py": ("INSERT",),
    "studyapp/services/people/account_copies.py": ("the backup's accounts",),
    "studyapp/web/entrance/accounts_page.py": (
        "account made",
        "account disabled",
        "account enabled",
        "role given",
        "role taken",
        "set-up link made",
    ),
    "studyapp/web/entrance/devices.py": ("Mac OS X", "another program"),
    "studyapp/web/entrance/limits.py": (
        "60 per hour",
        "name of nobody",
        "30 per",
        "10 per",
        "20 per",
    ),
    "studyapp/web/judge/tiles.py": ("private, max-age",),
    "studyapp/web/security.py": (
        "default-src",
        "script-src",
        "style-src",
        "img-src",
        "connect-src",
        "form-action",
        "base-uri",
        "frame-ancestors",
        "frame-src",
        "nested too deeply",
        "FLASK_DEBUG",
    ),
    "studyapp/web/security_log.py": ("refused input", "too many attempts", "unexpected error"),
    # For whoever runs the server or sends a request by hand to another host.
    "studyapp/web/address.py": ("This server is not known", "The proxy", "SCRIPT_NAME", "a study cannot"),
    "studyapp/web/permissions.py": ("no permission is set",),
    # Headers' values.
    "studyapp/web/console/handed_links.py": ("attachment;",),
    "studyapp/web/static_files.py": ("public, max-age",),
    "studyapp/web/console/images_view.py": ("remove all", "private, max-age"),
    "studyapp/web/language.py": ("d MMM y",),
    "templates/base.html": ("studyapp",),
    "templates/ranking_table.html": ("Team", "Device", "Problem"),  # compared with, not shown
}


def files(places: tuple[str, ...], ending: str) -> list[str]:
    found = [
        path
        for place in places
        for path in (
            [ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).rglob(f"*{ending}"))
        )
    ]
    return [name for path in found if (name := str(path.relative_to(ROOT))) not in COMMANDS_ONLY]


def kept(name: str, found: list[tuple[int, str]]) -> list[str]:
    return [
        f"{name}:{line}: {text}"
        for line, text in found
        if not text.startswith(NOT_FOR_PEOPLE.get(name, ("\0",)))
    ]


@pytest.mark.parametrize("name", files(PYTHON, ".py"))
def test_no_text_of_the_services_bypasses_the_catalogue(name: str) -> None:
    assert kept(name, list(bypassing.in_python(ROOT / name))) == []


@pytest.mark.parametrize("name", files(TEMPLATES, ".html"))
def test_no_text_of_a_template_bypasses_the_catalogue(name: str) -> None:
    assert kept(name, list(bypassing.in_template((ROOT / name).read_text("utf-8"), CLASSES))) == []


PLANTED_PYTHON = """
def f(slot):
    raise StudyError({planted})
"""


@pytest.mark.parametrize(
    "planted",
    [
        '"the study is gone"',
        'f"slot {slot} was not shown"',
        '"the study " "is gone"',
        'say("%(what)s", what="the study is gone")',
        'say(f"the study of {slot} is gone")',
        'say("the study" + " is gone")',
        '"the study is gone".upper()',
        '("no" if slot else "the study is gone")',
    ],
)
def test_a_planted_text_is_found_in_python(tmp_path: Path, planted: str) -> None:
    (tmp_path / "a.py").write_text(PLANTED_PYTHON.format(planted=planted))
    assert list(bypassing.in_python(tmp_path / "a.py"))
    (tmp_path / "a.py").write_text(PLANTED_PYTHON.format(planted='say("the study is gone")'))
    assert list(bypassing.in_python(tmp_path / "a.py")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>The study is gone</p>",
        "<p>{{ 'Thank you' if done else '' }}</p>",
        '<a title="All your images">1</a>',
        '<input placeholder="Name">',
        '<p class="{{ a }}">Gone {{ b }}</p>',
        "{% block title %}Ranking{% endblock %}",
        "{{ _('%(why)s', why='it is gone') }}",
        "{% set noun = 'Image' %}",
    ],
)
def test_a_planted_text_is_found_in_a_template(planted: str) -> None:
    assert list(bypassing.in_template(planted))


def test_a_template_that_asks_the_catalogue_bypasses_nothing() -> None:
    good = (
        '<p class="soft">{{ _("The study is gone") }} &nbsp; <kbd>Q</kbd> {% trans count=n %}one'
        "{% pluralize %}many{% endtrans %}</p>"
        '<a href="{{ url_for("judge.screen") }}" title="{{ _("All") }}">{{ "%g" | format(x) }}</a>'
    )
    assert list(bypassing.in_template(good)) == []


def test_every_catalogue_has_every_text() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs/tools/texts.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_a_page_shows_has_no_tag_but_of_markup() -> None:
    """A literal text of a template is markup: a <name> in it would be an element."""
    with (ROOT / "studyapp/translations/zh_Hans.po").open("rb") as file:
        catalog = read_po(file)
    said = [
        text
        for message in catalog
        if any(name.startswith("templates/") for name, _ in message.locations)
        for texts in (message.id, message.string)
        for text in ([texts] if isinstance(texts, str) else texts)
    ]
    tags = {tag for text in said for tag in re.findall(r"<\s*/?\s*([^\s/>]*)", text)}
    assert tags <= {"a", "code", "kbd", "strong", "em", "br"}
