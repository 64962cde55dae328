"""Tiles: the file's pixels bit for bit, to their judge alone, and nothing that tells teams apart."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from sqlmodel import select

from studyapp.core.tile_check import tile_check
from studyapp.db.tables import Picture, Trial, TrialSlot
from tests.conftest import IMAGES, TEAMS
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

ALLOWED = {
    "Content-Type",
    "Content-Length",
    "Cache-Control",
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Vary",
    "X-Tile-Check",
}


def full_picture(browser, tiles: str, trial: dict) -> np.ndarray:
    level = len(trial["image"]["levels"]) - 1
    answer = browser.client.get(f"{tiles}/{level}/0_0")
    assert answer.status_code == 200
    return np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGB"))


def test_every_slot_shows_the_file_of_its_team(jude, workspace, folder):
    for position in range(1, len(IMAGES) + 1):
        trial = jude.trial(position)
        with workspace.database.reading() as session:
            rows = session.exec(
                select(TrialSlot.slot, Picture.source)
                .join(Picture, Picture.id == TrialSlot.picture_id)
                .join(Trial, Trial.id == TrialSlot.trial_id)
                .where(Trial.public_id == trial["trial"])
            )
            sources = {slot: folder / source for slot, source in rows}
        shown = {0: trial["input"]["tiles"]} | {item["slot"]: item["tiles"] for item in trial["slots"]}
        assert shown.keys() == sources.keys()
        for slot, tiles in shown.items():
            expected = np.asarray(Image.open(sources[slot]))
            assert np.array_equal(full_picture(jude, tiles, trial), expected)


def test_a_tile_carries_pixels_and_nothing_else(jude):
    trial = jude.trial()
    answers = [jude.client.get(f"{item['tiles']}/0/0_0") for item in trial["slots"]]
    for answer in answers:
        assert set(answer.headers.keys()) <= ALLOWED
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable, no-transform"
        assert answer.data[12:16] == b"VP8L"
    own = {"Content-Length", "X-Tile-Check"}
    constant = [{k: v for k, v in answer.headers.items() if k not in own} for answer in answers]
    assert all(headers == constant[0] for headers in constant)


def test_the_sum_of_a_tile_covers_its_address_and_bytes_and_differs_between_judges(jude, june):
    """The same file has another sum for each judge, so a team cannot look for its own."""
    sums: dict[bytes, list[str]] = {}
    for person in (jude, june):
        for item in [
            item for position in range(1, len(IMAGES) + 1) for item in person.trial(position)["slots"]
        ]:
            address = f"{item['tiles']}/0/0_0"
            answer = person.client.get(address)
            assert answer.headers["X-Tile-Check"] == tile_check(address.removeprefix("/t/"), answer.data)
            sums.setdefault(answer.data, []).append(answer.headers["X-Tile-Check"])
    assert all(len(found) == len(set(found)) == 2 for found in sums.values())


def test_tokens_are_shared_by_no_one(jude, june):
    seen = [item["tiles"] for person in (jude, june) for n in (1, 2, 3) for item in person.trial(n)["slots"]]
    assert len(set(seen)) == len(seen) == 2 * 3 * len(TEAMS)


@pytest.mark.parametrize("path", ["/9/0_0", "/0/7_0", "/0/0_7", "/99999999999999999999/0_0"])
def test_a_missing_tile_and_an_unknown_token_look_the_same(jude, path):
    tiles = jude.trial()["slots"][0]["tiles"]
    missing, unknown = jude.client.get(tiles + path), jude.client.get("/t/" + "x" * 24 + "/0/0_0")
    assert missing.status_code == unknown.status_code == 404
    assert missing.data == unknown.data


def test_another_judges_tile_is_not_there(jude, june, eve, olga):
    tiles = jude.trial()["slots"][0]["tiles"] + "/0/0_0"
    assert jude.client.get(tiles).status_code == 200
    assert june.client.get(tiles).status_code == 404
    assert olga.client.get(tiles).status_code == 404
    assert eve.client.get(tiles).status_code == 401


def test_nothing_a_judge_can_reach_names_a_team(jude, workspace):
    """Crawl the pages and data of a judge for names, ids, file names, hashes and paths."""
    with workspace.database.reading() as session:
        pictures = session.exec(select(Picture)).all()
        secrets = {value for p in pictures for value in (p.pack, p.source, p.sha256_file, p.sha256_pixels)}
    secrets |= {team.id for team in workspace.file.teams} | {team.name for team in workspace.file.teams}
    secrets |= {str(workspace.folders.root), "june@example.org"}
    trials = jude.client.get("/api/trials").json
    paths = [
        "/",
        "/judge",
        "/judge/guidelines",
        "/judge/finish",
        "/api/trials",
        "/judge/trial/none",
        "/t/x/0/0_0",
    ]
    for public_id in [*trials["practice"], *(line["trial"] for line in trials["trials"])]:
        paths += [f"/judge/trial/{public_id}", f"/api/trials/{public_id}"]
    for path in paths:
        answer = jude.client.get(path)
        said = answer.get_data(as_text=True) + json.dumps(dict(answer.headers))
        assert not [secret for secret in secrets if secret in said], path
