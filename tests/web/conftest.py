"""Clients of the web application: one browser for each member of the cast."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from studyapp.app import create_app
from studyapp.services.ground.site import Site
from tests.accounts import make_account, owner_token


class Browser:
    """A test client that keeps cookies and sends the CSRF token, as the pages do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str) -> TestResponse:
        response = self.client.get(path)
        if found := re.search(r'name="csrf_token" value="([^"]+)"', response.get_data(as_text=True)):
            self.token = found[1]
        return response

    def post(self, path: str, **form: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **form})

    def trial(self, position: int = 1) -> dict:
        """Return the data of the judge's trial at this position."""
        trials = self.client.get("/api/trials").json["trials"]
        data = self.client.get(f"/api/trials/{trials[position - 1]['trial']}").json
        self.token = data["csrf"]
        return data

    def pick(self, trial: dict, *picks: int, base: int = 0, key: str | None = None) -> TestResponse:
        """Send a ballot."""
        body = {"key": key or str(uuid.uuid4()), "base_revision": base, "picks": list(picks)}
        return self.put(trial["links"]["ballot"], body)

    def put(self, path: str, body: object) -> TestResponse:
        return self.client.put(path, json=body, headers={"X-CSRFToken": self.token})


@pytest.fixture
def app(folder, workspace, links) -> Iterator[Flask]:
    """Return the application of an open study."""
    app = create_app(folder)
    app.testing = True
    yield app
    app.extensions["studyapp"].workspace.database.close()
    app.extensions["studyapp"].site.close()


@pytest.fixture
def site(app) -> Site:
    """Return the site of the application: its accounts, attempts and events."""
    return app.extensions["studyapp"].site


@pytest.fixture
def account(site) -> str:
    """Return the name of the account of an owner, without a second factor."""
    make_account(site)
    return "Olga"


@pytest.fixture
def browser(app) -> Callable[[], Browser]:
    """Open a browser of one's own."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def jude(browser, links) -> Browser:
    """Jude, logged in."""
    person = browser()
    person.get(f"/j/{links['Jude']}")
    return person


@pytest.fixture
def june(browser, links) -> Browser:
    """June, logged in."""
    person = browser()
    person.get(f"/j/{links['June']}")
    return person


@pytest.fixture
def olga(browser, workspace) -> Browser:
    """Olga, the organiser, logged in."""
    person = browser()
    person.get(f"/o/{owner_token(workspace.folders.root)}")
    return person


@pytest.fixture
def eve(browser) -> Browser:
    """Eve, a stranger."""
    return browser()
