"""A server that shows judges their pages loads nothing that rankings need, nor other kinds of database."""

import json
import subprocess
import sys

HEAVY = ("scipy", "pandas", "matplotlib", "typst", "alembic", "mako", "PIL", "torch", "dask",
         "sqlalchemy.dialects.postgresql")  # fmt: skip

SERVED = """
import json, re, sys
from pathlib import Path

from studyapp.app import create_app

root, token, heavy = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
loaded = {"start": [name for name in heavy if name in sys.modules]}
judge = create_app(root).test_client()
statuses = [judge.get(path).status_code for path in (f"/j/{token}", "/judge", "/api/trials")]
trial = judge.get("/api/trials").json["trials"][0]["trial"]
data = judge.get(f"/api/trials/{trial}").json
statuses.append(judge.get(f"/judge/trial/{trial}").status_code)
body = {"key": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "base_revision": 0, "picks": [1, 2, 3]}
saved = judge.put(data["links"]["ballot"], json=body, headers={"X-CSRFToken": data["csrf"]})
loaded["pages"] = [name for name in heavy if name in sys.modules]
print(json.dumps({"loaded": loaded, "statuses": [*statuses, saved.status_code]}))
"""


def test_judges_pages_and_ballots_load_nothing_that_results_need(folder, workspace, links):
    command = [sys.executable, "-c", SERVED, str(folder), links["Jude"], json.dumps(HEAVY)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    own = set() if workspace.database.is_sqlite else {"sqlalchemy.dialects.postgresql"}
    assert said["loaded"]["start"] == []
    assert set(said["loaded"]["pages"]) == own
    assert all(status in (200, 201, 302, 303) for status in said["statuses"]), said
