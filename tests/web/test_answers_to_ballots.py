"""Every answer that the server, or what stands before it, can give to a ballot; the page's words.

Each has words of its own that name the matter and say what becomes of the picks.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from studyapp.core.allowance import Allowance
from studyapp.services.ground import studies
from studyapp.services.people import invitations
from studyapp.services.voting import kept, lifecycle
from studyapp.web.judge import allowance
from tests.conftest import NOW
from tests.services.voting import demand

SAYS = Path(__file__).resolve().parents[1] / "js/says.mjs"

# name: state of the lane, and words that the page must show.
TABLE = {
    "saved": ("saved", r"^$"),
    "network lost": (
        "failed",
        r"no network, or the server is restarting.*kept in this browser.*sent automatically",
    ),
    "paused": (
        "failed",
        r"study is paused.*kept in this browser.*sent automatically when the study resumes",
    ),
    "disk full": ("failed", r"cannot store anything.*kept in this browser.*will be sent"),
    "fault": ("failed", r"went wrong on the server.*kept in this browser.*tell the organisers"),
    "restarting": ("failed", r"may be restarting.*kept in this browser.*will be sent"),
    "firewall": ("failed", r"between this browser and the server.*answer 403.*kept.*tell the organisers"),
    "portal": ("failed", r"between this browser and the server.*answer 200.*kept.*another network"),
    "too fast": (
        "failed",
        r"faster than the server accepts.*kept in this browser.*will be sent in a moment",
    ),
    "token": ("failed", r"no longer belongs to your current login.*kept in this browser.*Reload"),
    "stale": ("stale", r"also answered this in another window"),
    "closed": ("closed", r"study is closed.*not saved and do not count.*saved before still counts"),
    "not begun": ("closed", r"not started yet.*Come back"),
    "logged out": ("logged-out", r"logged out.*personal link.*Retry now.*kept in this browser"),
    "link revoked": ("logged-out", r"link no longer works.*latest link.*kept in this browser"),
    "another judge": ("refused", r"Someone else has logged in.*own personal link.*kept in this browser"),
    "screen": ("refused", r"passed the screen check.*kept in this browser.*then press Retry now"),
    "impossible": ("refused", r"refused your answer: .*slot 99.*do not count.*tell the organisers"),
    "too large": ("refused", r"refused your answer.*do not count"),
    "full": ("refused", r"accepts nothing more from you.*do not count"),
}
HTML = {"body": None}


def answered(response: TestResponse) -> dict:
    retry = int(response.headers.get("Retry-After", 0))
    return {"status": response.status_code, "body": response.get_json(silent=True), "retryAfter": retry}


@pytest.fixture
def answers(jude, june, app, workspace, links, monkeypatch) -> dict[str, dict]:
    """One answer of each kind, each made by the real cause."""
    found: dict[str, dict] = {
        "network lost": {"status": 0, **HTML},
        "restarting": {"status": 502, **HTML},
        "firewall": {"status": 403, **HTML},
        "portal": {"status": 200, **HTML},
    }
    trial = jude.trial()

    def ask(name: str, who=jude, *picks: int, base: int = 0) -> None:
        found[name] = answered(who.pick(trial, *(picks or (1,)), base=base))

    def step(act, *more) -> None:
        with workspace.database.writing() as session:
            act(session, *more, now=NOW)

    def draft(state: str) -> None:
        from sqlalchemy import text

        with workspace.database.writing() as session:
            session.execute(text("UPDATE study SET state = :state").bindparams(state=state))

    ask("saved")
    ask("stale")
    ask("impossible", jude, 99, base=1)
    found["too large"] = answered(jude.put(trial["links"]["ballot"], {"key": "x" * 400_000}))
    june.trial()
    ask("another judge", june)
    right, jude.token = jude.token, "forged"
    ask("token")
    jude.token = right
    monkeypatch.setattr("studyapp.services.voting.ballot_box.save_ballots", broken(OSError(28, "full")))
    ask("disk full", base=1)
    monkeypatch.setattr("studyapp.services.voting.ballot_box.save_ballots", broken(ZeroDivisionError()))
    app.testing = False
    ask("fault", base=1)
    monkeypatch.undo()
    counting = app.extensions[allowance._NAME]
    before, counting.by_minute = counting.by_minute, Allowance(1, 10**6, lambda: 0.0)
    ask("too fast", base=1)
    ask("too fast", base=1)
    counting.by_minute = before
    monkeypatch.setattr(kept, "OF_A_TRIAL", 0)
    monkeypatch.setattr(kept, "BESIDES", 1)
    counting._counted.clear()
    ask("full", base=1)
    monkeypatch.undo()
    counting._counted.clear()
    with workspace.database.writing() as session:
        demand(session, window=(1280, 720))
    ask("screen", base=1)
    with workspace.database.writing() as session:
        demand(session)
    step(lifecycle.pause_study)
    ask("paused", base=1)
    draft("draft")
    ask("not begun", base=1)
    draft("open")
    step(studies.close_study)
    ask("closed", base=1)
    jude.client.delete_cookie(app.config["SESSION_COOKIE_NAME"])
    ask("logged out", base=1)
    step(invitations.revoke_link, "june@example.org")
    ask("link revoked", june)
    return found


def broken(error: Exception):
    def fail(*_args: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_answer_has_words_of_its_own(answers):
    node = shutil.which("node")
    assert node
    assert answers.keys() == TABLE.keys()
    sent = [{"name": name, **answer} for name, answer in answers.items()]
    run = subprocess.run(
        [node, str(SAYS)], input=json.dumps(sent), capture_output=True, text=True, check=True, timeout=60
    )
    said = {item["name"]: item for item in json.loads(run.stdout)}
    for name, (state, words) in TABLE.items():
        item = said[name]
        assert item["state"] == state, (name, item, answers[name])
        assert re.search(words, item["remedy"]), (name, item["remedy"])
        assert item["text"] == ("Saved" if name == "saved" else "Not saved"), name
        assert item["kept"] == (name != "saved"), (
            f"{name}: the picks stay in the browser until they are saved"
        )
        assert (item["again"] is not None) == (state == "failed"), (
            f"{name}: only what may come right is retried"
        )
    remedies = [item["remedy"] for item in said.values() if item["state"] != "saved"]
    assert len({re.sub(r" \(answer \d+\)", "", text) for text in remedies}) >= len(remedies) - 2
    assert said["too fast"]["again"] >= answers["too fast"]["retryAfter"] > 1, (
        "not before the server wants it"
    )
