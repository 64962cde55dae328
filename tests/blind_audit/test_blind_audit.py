"""The blind audit passes an honest study, and finds every leak that is planted, each by its own check."""

import hashlib
import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from studyapp.blind_audit.channels.listing import CHANNELS
from studyapp.blind_audit.run import blind_audit
from studyapp.cli import main
from studyapp.core.judges_file import JudgeLine
from studyapp.errors import StudyStateError
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results import monitoring
from tests.blind_audit import planting
from tests.blind_audit.planting import header, in_trial, on_page, on_tile, planted
from tests.conftest import CAST, IMAGES, KEY, NOW, write_study

CONNY = JudgeLine("Conny", "conny@example.org", ("team02",))


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """An open study of images with several tiles; Conny has a conflict with team02."""
    return open_study(tmp_path_factory.mktemp("audited") / "study", IMAGES, (*CAST, CONNY))


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """One with less to look at, for leaks that every judge and every image show."""
    return open_study(tmp_path_factory.mktemp("small") / "study", IMAGES[:2], CAST)


def open_study(root: Path, images: tuple[str, ...], judges: tuple[JudgeLine, ...]) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        write_study(root, size=(520, 90), images=images)
        ensure_key(root, key=KEY)
        preparing.prepare_study(root, workers=1, progress=None, now=NOW)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, judges, now=NOW)
            studies.open_study(session, now=NOW)
        workspace.database.close()
    return root


@pytest.fixture(autouse=True)
def on_sqlite(monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


def test_an_honest_study_passes_and_is_left_as_it_was(study, monkeypatch):
    monkeypatch.setenv("STUDYAPP_LOG", "json")
    before = _content(study)
    report = blind_audit(study)
    assert {outcome.channel: outcome.findings for outcome in report.outcomes if not outcome.passed} == {}
    assert report.passed  # judges who collude share no address, no token and no header that differs
    assert (report.judges, report.trials) == (3, 12)
    assert report.tiles > 100
    assert _content(study) == before


PLANTS = {
    "headers": {
        "content-disposition": header(
            "Content-Disposition", lambda a: f'inline; filename="{a.number()}.png"'
        ),
        "etag": header("ETag", lambda a: f'"{zlib.adler32((a.team or "").encode())}"'),
        "last-modified": header("Last-Modified", lambda a: f"Sun, 0{a.number() + 1} Mar 2026 12:00:00 GMT"),
        "cors": header("Access-Control-Allow-Origin", lambda a: "*"),
        "other-headers": header("X-Accel-Redirect", lambda a: f"/packs/{a.number()}"),
        "tile-sums": header("X-Tile-Check", lambda a: f"{zlib.crc32((a.team or '').encode()):08x}"),
        "cookies": header("Set-Cookie", lambda a: f"last={a.team}; Path=/"),
        "referrer": planting.no_policy,
        "caching": planting.public_cache,
        "server-logs": planting.chatty,
        # These follow from the others: headers that differ, and a name in one of them.
        "differing-headers": header("X-Number", lambda a: str(a.number())),
    },
    "texts": {
        "team-names": on_page(lambda a: "<!-- Third\\u0020eye leads, says Toms&#32;team -->"),
        "team-ids": on_page(lambda a: '<script>order = ["dGVhbTAz"]</script>'),
        "file-names": on_page(lambda a: '<p data-source="teams/team01/001.png"></p>'),
        "hashes": on_page(lambda a: f"<i>{a.truth.words.hashes[3][:12].upper()}</i>"),
        "file-sizes": on_page(lambda a: f'<i data-bytes="{max(a.truth.sizes)}"></i>'),
        "other-people": on_page(lambda a: "<p>June and Jude are done</p>"),
        "other-sites": on_page(lambda a: '<link href="https://fonts.example.org/a.css" rel="stylesheet">'),
        "save-as": on_page(lambda a: '<img src="/x" alt="restored by the third">'),
        "addresses": on_page(lambda a: '<a href="/judge/team02">more</a>'),
        "image-facts": in_trial(lambda data, truth: data["image"].update(made=data["trial"])),
        "listing-order": in_trial(planting.fields),
        "request-order": planting.preload,
    },
    "tiles": {
        "tile-chunks": on_tile(planting.with_exif),
        "error-bodies": planting.telling_error,
        "refusals": planting.forbidden,
        "refusals-alike": planting.telling_refusal,
        "server-errors": planting.traceback,
        "sidecars": planting.sidecar,
        "source-maps": planting.source_map,
        "response-times": planting.slow,
    },
    "tile sizes": {"tile-dimensions": on_tile(planting.narrower)},
    "tile bytes": {"tile-encoding": on_tile(planting.otherwise_encoded)},
    "absent tiles": {"missing-tiles": planting.absent},
    "tokens": {
        "shared-tokens": in_trial(planting.shared),
        "unknown-tokens": in_trial(lambda data, truth: None),
    },
}
# What is found besides, because it follows from what was planted.
FOLLOWING = {
    "headers": {"team-ids"},
    "texts": {"other-headers", "addresses"},
    "tiles": {"tile-encoding", "tile-sums", "caching"},
    "tile sizes": {"tile-sums"},
    "tile bytes": {"tile-sums"},
    "absent tiles": {"differing-headers", "error-bodies"},
    "tokens": {"missing-tiles", "error-bodies", "request-order"},
}


# What is tried besides, wrong addresses and times, is where this group's are found.
WITH_ALL = ("tiles",)


@pytest.mark.parametrize("group", PLANTS)
def test_every_planted_leak_is_found_by_its_own_check(small, group, request):
    if group not in WITH_ALL:
        request.getfixturevalue("trials_alone")
    report = blind_audit(small, wrap=planted(*PLANTS[group].values()))
    missed = PLANTS[group].keys() - report.failed
    assert not missed
    assert report.failed - PLANTS[group].keys() <= FOLLOWING[group]


def in_team_order(connection) -> None:
    """Put the teams into the slots in the order of their numbers, under the tokens that were drawn."""
    for trial, slots in _slots(connection).items():
        teams = sorted(slots, key=lambda item: item[2])
        connection.execute(text("DELETE FROM trial_slot WHERE trial_id = :t AND slot > 0"), {"t": trial})
        for (slot, token, _), (_, _, picture) in zip(slots, teams, strict=True):
            _insert(connection, trial, slot, picture, token)


def sorted_tokens(connection) -> None:
    """Give the tokens of a trial to the teams in alphabetical order."""
    for trial, slots in _slots(connection).items():
        tokens = iter(sorted(token for _, token, _ in slots))
        new = {picture: next(tokens) for picture in sorted(picture for _, _, picture in slots)}
        connection.execute(text("DELETE FROM trial_slot WHERE trial_id = :t AND slot > 0"), {"t": trial})
        for slot, _, picture in slots:
            _insert(connection, trial, slot, picture, new[picture])


def telling_tokens(connection) -> None:
    """Begin each token with a letter of its team."""
    connection.execute(
        text(
            "UPDATE trial_slot SET token = substr('xqamdzkcs', 1 + (SELECT coalesce(team_id, 0) FROM picture "
            "WHERE picture.id = picture_id), 1) || substr(token, 2) WHERE slot > 0"
        )
    )


def late_conflict(connection) -> None:
    """Note a conflict after the trials were drawn."""
    connection.execute(text("UPDATE judge SET conflicts = '[\"team03\"]' WHERE position = 0"))


def planted_in_database(root: Path, *plants: Callable) -> None:
    workspace = open_workspace(root)
    with workspace.database.engine.execution_options(studyapp_writer=True).begin() as connection:
        for plant in plants:
            plant(connection)
    workspace.database.close()


@pytest.mark.usefixtures("trials_alone")
@pytest.mark.parametrize(
    "plants",
    [
        {"slot-order": in_team_order, "conflicts": late_conflict},
        {"token-order": sorted_tokens},
        {"token-form": telling_tokens},
    ],
)
def test_a_leak_in_the_database_is_found(study, tmp_path, plants):
    root = Path(shutil.copytree(study, tmp_path / "study"))
    planted_in_database(root, *plants.values())
    assert blind_audit(root).failed == plants.keys()


def test_every_channel_has_a_planted_leak():
    in_database = {"slot-order", "token-order", "token-form", "conflicts", "order-links"}
    covered = {channel for plants in PLANTS.values() for channel in plants} | in_database
    assert {channel.name for channel in CHANNELS} == covered
    assert all(channel.meaning for channel in CHANNELS)


@pytest.mark.usefixtures("trials_alone")
def test_a_common_word_as_a_name_is_passed_over_and_told(study, tmp_path):
    root = Path(shutil.copytree(study, tmp_path / "study"))
    file = root / "study.yaml"
    file.write_text(file.read_text().replace("Third eye", "Image"))
    report = blind_audit(root)
    assert report.passed
    notes = next(outcome.notes for outcome in report.outcomes if outcome.channel == "team-names")
    assert notes == ("'Image' is a word on the application's own pages",)


@pytest.mark.postgres
@pytest.mark.usefixtures("trials_alone")
def test_a_study_on_postgresql_is_audited_on_a_copy(folder, postgres, monkeypatch):
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", postgres.copy_of_template())
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, (*CAST, CONNY), now=NOW)
        studies.open_study(session, now=NOW)
    with workspace.database.reading() as session:
        before = monitoring.study_status(session)
    assert blind_audit(folder).passed
    with workspace.database.reading() as session:
        assert monitoring.study_status(session) == before
    workspace.database.close()


def test_without_judges_there_is_nothing_to_audit(folder):
    with pytest.raises(StudyStateError, match="no judges have been invited"):
        blind_audit(folder)


@pytest.mark.usefixtures("trials_alone")
@pytest.mark.parametrize("leak", [False, True])
def test_the_command_prints_json_and_fails_on_a_leak(study, tmp_path, leak):
    root = Path(shutil.copytree(study, tmp_path / "study"))
    if leak:
        planted_in_database(root, telling_tokens)
    done = CliRunner().invoke(main, ["blind-audit", str(root), "--format", "json", "--tiles", "0"])
    assert done.exit_code == int(leak)
    said = json.loads(done.stdout)
    assert said["passed"] is not leak
    assert {item["channel"] for item in said["outcomes"]} == {channel.name for channel in CHANNELS}


def _content(root: Path) -> dict[str, str]:
    """Hash every file of a study but SQLite's own working files."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def _slots(connection) -> dict[int, list[tuple[int, str, int]]]:
    rows = connection.execute(
        text(
            "SELECT trial_id, slot, token, picture_id FROM trial_slot WHERE slot > 0 ORDER BY trial_id, slot"
        )
    )
    trials: dict[int, list[tuple[int, str, int]]] = {}
    for trial, slot, token, picture in rows.all():
        trials.setdefault(trial, []).append((slot, token, picture))
    return trials


def _insert(connection, trial: int, slot: int, picture: int, token: str) -> None:
    connection.execute(
        text("INSERT INTO trial_slot (trial_id, slot, picture_id, token) VALUES (:t, :s, :p, :k)"),
        {"t": trial, "s": slot, "p": picture, "k": token},
    )
