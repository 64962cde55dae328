"""Answers to pairs, ratings and sliders over HTTP: what nobody can mean is refused and not stored."""

import json
import shutil
import uuid

import pytest

from tests.asked import add_controls, ask

BODIES = {
    "pairwise": ({"choice": "a"}, {"choice": "c"}, {"picks": [1]}, {"choice": "a", "score": 3}),
    "dcr": ({"score": 4}, {"score": float("nan")}, {"score": 5.5}, {"score": "5"}, {"choice": "a"}),
    "slider": (
        {"scores": [1, 2, 3, 4, 5, 6.5]},
        {"scores": [1, 2, 3, 4, 5, float("nan")]},
        {"scores": [1, 2, 3, 4, 5, float("inf")]},
        {"scores": [1, 2, 3, 4, 5, -0.5]},
        {"scores": [1, 2, 3]},
        {"score": 3},
    ),
}


@pytest.fixture(params=BODIES)
def kind(request) -> str:
    return request.param


@pytest.fixture
def database_url(monkeypatch) -> None:
    """What is refused is refused before the database is asked: SQLite says enough."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


@pytest.fixture
def folder(tiled_folder, tmp_path, kind, database_url):
    copy = shutil.copytree(tiled_folder, tmp_path / "study")
    add_controls(copy)
    ask(copy, kind)
    return copy


def test_only_what_can_be_meant_is_stored(jude, kind):
    good, *bad = BODIES[kind]
    trial = jude.trial()
    assert trial["question"]["kind"] == kind
    assert bool(trial["question"].get("reference")) == (kind == "dcr")
    for answer in bad:
        # Python writes NaN and Infinity as no JSON has them, and reads them, too.
        text = json.dumps({"key": str(uuid.uuid4()), "base_revision": 0, **answer})
        refused = jude.client.put(
            trial["links"]["ballot"],
            data=text,
            headers={"X-CSRFToken": jude.token, "Content-Type": "application/json"},
        )
        assert (refused.status_code, refused.json["error"]["code"]) == (422, "invalid"), answer
        assert (
            next(iter(answer)) in refused.json["error"]["message"]
            or "answer to" in refused.json["error"]["message"]
        )
    assert jude.trial()["ballot"]["revision"] == 0
    saved = jude.put(trial["links"]["ballot"], {"key": str(uuid.uuid4()), "base_revision": 0, **good})
    assert (saved.status_code, saved.json["complete"]) == (200, True)
    assert {name: saved.json[name] for name in good} == good
