"""What judges and organisers see of the ledger: receipts, commitment, digest, pause and resume."""

from studyapp.services.ground.ledger import ledger_entries
from studyapp.services.ground.workspace import load_workspace
from studyapp.services.voting import lifecycle
from studyapp.services.voting.amending import amend_study
from tests.conftest import NOW
from tests.services.voting import close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


def test_every_answer_has_a_receipt_that_the_ledger_knows(jude, workspace):
    trial = jude.trial(2)
    receipt = jude.pick(trial, 1, 2, 3).json["receipt"]
    assert len(receipt) == 16
    with workspace.database.reading() as session:
        assert ledger_entries(session)[-1].hash.startswith(receipt)
    assert jude.trial(2)["ballot"]["receipt"] == receipt
    for page in ("/judge", "/judge/finish"):
        assert receipt in jude.get(page).text
    revised = jude.pick(trial, 1, 2, base=1).json["receipt"]
    assert revised in jude.get("/judge").text
    assert receipt not in jude.get("/judge").text, "the answer as it stands"


def test_the_commitment_is_shown_before_closing_and_the_digest_after(jude, june, olga, workspace):
    with workspace.database.reading() as session:
        commitment = ledger_entries(session)[0].body["commitment"]
    assert commitment in olga.get("/console").text
    jude.pick(jude.trial(), 1, 2, 3)
    close(workspace)
    with workspace.database.reading() as session:
        digest = next(
            link.body["digest"] for link in ledger_entries(session) if link.body.get("kind") == "closed"
        )
    assert digest in olga.get("/console").text
    assert digest in jude.get("/judge").text


def test_a_pause_keeps_ballots_out_and_pages_truthful(jude, olga):
    trial = jude.trial()
    olga.get("/console")
    assert olga.post("/console/pause").status_code == 302
    answer = jude.pick(trial, 1, 2, 3, key="0123456789abcdef")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "paused")
    assert "please come back later" in jude.get("/judge").text
    assert jude.trial()["open"] is True, "the page keeps what is picked and sends it later"
    page = olga.get("/console").text
    assert "The study is paused" in page
    assert olga.post("/console/pause").status_code == 409
    assert olga.post("/console/resume").status_code == 302
    jude.trial()
    assert jude.pick(trial, 1, 2, 3, key="0123456789abcdef").status_code == 200


def test_unsealing_shows_an_interim_ranking_only_to_organisers(jude, olga, workspace):
    jude.pick(jude.trial(), 1, 2, 3)
    assert "Interim ranking" not in olga.get("/console").text
    with workspace.database.writing() as session:
        lifecycle.unseal_study(session, "the jury must meet tomorrow", now=NOW)
    assert "Interim ranking" in olga.get("/console").text
    assert "INTERIM" in olga.get("/console/ranking").text
    assert jude.get("/console/ranking").status_code == 404
    assert "Toms team" not in jude.get("/judge").text


def test_pages_go_by_the_registered_file_until_it_is_amended(jude, workspace, folder):
    path = folder / "study.yaml"
    path.write_text(path.read_text() + "criteria: [{name: Sharpness above all, text: Nothing else.}]\n")
    assert "Sharpness above all" not in jude.get("/judge/guidelines").text
    with workspace.database.writing() as session:
        amend_study(session, load_workspace(folder), "the sponsor wants it", now=NOW)
    assert "Sharpness above all" in jude.get("/judge/guidelines").text
