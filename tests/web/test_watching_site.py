"""A site is watched as a whole: requests to its studies are noted by pattern, never by the study's name."""

import json
import logging

from studyapp.app import create_app
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people.invitations import reissue_link
from studyapp.web.watching.request_log import JsonHandler
from tests.conftest import NOW
from tests.services.test_site_care import made_site, root  # noqa: F401
from tests.web.test_watching import counted, to_the_end


def test_a_judge_of_a_study_is_noted_by_pattern(root, tmp_path, monkeypatch):  # noqa: F811
    workspace = open_workspace(root / "studies" / "spring")
    with workspace.database.writing() as session:
        token = reissue_link(session, "jude@example.org", now=NOW).token
    workspace.database.close()
    log = tmp_path / "log.jsonl"
    monkeypatch.setenv("STUDYAPP_LOG", f"json:{log}")
    app = create_app(root)
    try:
        client = to_the_end(app.test_client())
        before = counted(client.get("/metrics"))
        assert client.get(f"/s/spring/j/{token}").status_code == 302
        trial = client.get("/s/spring/api/trials").json["trials"][0]["trial"]
        data = client.get(f"/s/spring/api/trials/{trial}").json
        body = {"key": "0" * 32, "base_revision": data["ballot"]["revision"], "picks": [1, 2, 3]}
        saved = client.put(data["links"]["ballot"], json=body, headers={"X-CSRFToken": data["csrf"]})
        assert saved.status_code == 200
        assert client.get("/readyz").json == {"ready": True, "site": "ok", "disk": "ok"}
        after = counted(client.get("/metrics"))
    finally:
        app.extensions["studyapp"].close()
        logger = logging.getLogger("studyapp")
        logger.handlers[:] = [item for item in logger.handlers if not isinstance(item, JsonHandler)]
    said = log.read_text(encoding="utf-8")
    routes = [json.loads(line)["route"] for line in said.splitlines()]
    assert routes == [
        "/s/<study>/j/<token>",
        "/s/<study>/api/trials",
        "/s/<study>/api/trials/<public_id>",
        "/s/<study>/api/trials/<public_id>/ballot",
    ]
    assert not [word for word in ("spring", token, trial) if word in said]
    assert after["studyapp_ballots_saved_total",] - before["studyapp_ballots_saved_total",] == 1
