"""The console's page of publishing: what becomes public is said first, and a worker makes the site."""

import io
import zipfile

import pytest

from tests.services.test_reasons import WORSE, say
from tests.services.voting import cast_all, close
from tests.web.jobs_here import do_jobs

PAGE = "/console/publish"


@pytest.fixture
def database_url(monkeypatch) -> None:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


def test_a_study_is_published_once_it_is_closed(workspace, links, olga, app):
    cast_all(workspace, "Jude", "June")
    say(workspace, "Jude", WORSE)
    assert "once it is closed" in olga.get(PAGE).text
    assert olga.post(PAGE).status_code == 409
    close(workspace)
    page = olga.get(PAGE).text
    assert "1 comment in their own words" in page
    assert "The site that is there" not in page
    assert olga.post(PAGE, form="crops", evidence="conditions").status_code == 302
    assert do_jobs(app) == ["done"]
    page = olga.get(PAGE).text
    assert "The site that is there" in page
    assert "The ledger has grown" not in page
    with olga.client.get(f"{PAGE}/site.zip") as answer:
        names = set(zipfile.ZipFile(io.BytesIO(answer.data)).namelist())
    assert {"site/SHA256SUMS", "site/index.html", "site/data/conditions.csv"} <= names
    assert "site/crops/1/input/overview.webp" in names
