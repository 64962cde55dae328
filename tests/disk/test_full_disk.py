"""On a full disk every command that writes says so, and leaves what was there and nothing half-made.

Each has a disk of its own with too little free, so that it fails midway; then with room, where it goes on.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.services.ground.workspace import ensure_key
from tests.conftest import KEY
from tests.disk.small_disk import isolated
from tests.paired_study import write_paired_study
from tests.services.joined import closed_joined_study

VOTES = "WORK/var/exports/votes.csv"
# Command: the folder it starts from, the bytes that are too few for it, and its words.
COMMANDS = {
    "init": ("empty", 4096, "studyapp init WORK/study"),
    "import": ("handed in", 16_384, "studyapp import WORK WORK/handed_in --team team01 --yes"),
    "tile": ("new", 131_072, "studyapp tile WORK --workers 1"),
    "score": ("new", 16_384, "studyapp score WORK --workers 1"),
    "score again": ("closed", 0, "studyapp score WORK --team team01 --workers 1"),
    "invite": ("tiled", 4096, "studyapp invite WORK WORK/judges.csv --output WORK/links.csv"),
    "rank": ("closed", 16_384, "studyapp rank WORK"),
    "export": ("closed", 131_072, "studyapp export WORK"),
    "backup": ("closed", 131_072, "studyapp backup WORK WORK/other.zip"),
    "restore": ("backup", 131_072, "studyapp restore WORK/study.zip WORK/study"),
    "report": ("closed", 16_384, f"studyapp analyse report {VOTES} --output WORK/report"),
    "points": ("closed", 0, f"studyapp analyse points {VOTES} --output WORK/points.csv"),
}
# Whole files that may stay when the rest finds no room: the next run goes on from them.
KEPT = {
    "init": "study/var/study.key",
    "import": "teams/",
    "tile": ("var/packs/", "var/seen/"),
    "score": "var/cache/",
    "report": "report/",
}

# The others belong to the long form (`make test-slow`).
SHORT = ("init", "tile", "export", "restore")
NAMES = [pytest.param(name, marks=[] if name in SHORT else pytest.mark.slow) for name in COMMANDS]

NO_MOUNTS = subprocess.run(isolated("true"), check=False, capture_output=True).returncode != 0
pytestmark = pytest.mark.skipif(NO_MOUNTS, reason="no mounts of one's own here (unshare --user --mount)")


def call(*arguments: object) -> None:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory) -> dict[str, dict]:
    """What came of each command that is asked for, by its name."""
    here = [item for item in request.session.items if getattr(item, "module", None) is request.module]
    asked = list(dict.fromkeys(item.callspec.params["name"] for item in here))
    base = tmp_path_factory.mktemp("disks")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        made = folders(base)
    disk = base / "disk"
    disk.mkdir()
    cases = [
        {"source": str(made[start]), "free": free, "program": words.split()[0],
         "arguments": words.split()[1:]}
        for start, free, words in map(COMMANDS.get, asked)
    ]  # fmt: skip
    spec = {"disk": str(disk), "told": str(base / "told"), "cases": cases}
    command = isolated(sys.executable, "-m", "tests.disk.small_disk")
    done = subprocess.run(command, input=json.dumps(spec), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(asked, json.loads(done.stdout), strict=True))


def folders(base: Path) -> dict[str, Path]:
    """Make the folders that commands start from."""
    made = {name: base / name for name in ("empty", "handed in", "new", "tiled", "closed", "backup")}
    made["empty"].mkdir()
    write_paired_study(made["new"])
    ensure_key(made["new"], key=KEY)
    shutil.copytree(made["new"], made["handed in"])
    (made["handed in"] / "teams" / "team01").rename(made["handed in"] / "handed_in")
    shutil.copytree(made["new"], made["tiled"])
    call("tile", made["tiled"], "--workers", 1)
    judges = made["tiled"] / "judges.csv"
    judges.write_text("name,email,conflicts\nJude,jude@example.org,\n")
    call("invite", made["tiled"], judges, "--output", made["tiled"] / "links.csv")
    judges.write_text("name,email,conflicts\nJude,jude@example.org,\nJune,june@example.org,\n")
    closed_joined_study(made["closed"])
    call("export", made["closed"])
    made["backup"].mkdir()
    call("backup", made["closed"], made["backup"] / "study.zip")
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_is_told_and_nothing_is_half_made(outcomes, name):
    outcome = outcomes[name]
    said = outcome["said"]
    assert outcome["status"] in (1, 2), said
    assert "disk" in said.splitlines()[-1], said
    assert "full" in said.splitlines()[-1], said
    assert said.count("Error: ") == 1
    assert "Traceback" not in said
    assert outcome["changed"] == []
    assert [path for path in outcome["new"] if not path.startswith(KEPT.get(name, "nothing"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_with_room_again_it_goes_on(outcomes, name):
    assert outcomes[name]["again"] == 0, outcomes[name]["said_again"]
