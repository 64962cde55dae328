"""What a server refuses to do unless it is told so."""

import pytest
from click.testing import CliRunner
from flask import request

from studyapp.app import create_app
from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.settings import check_address
from tests.sqlite_alone import database_url  # noqa: F401


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("STUDYAPP_BEHIND_TLS", "STUDYAPP_PROXIES", "FLASK_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "study.example.org", ""])
def test_a_public_address_needs_tls_or_a_word(host, monkeypatch):
    with pytest.raises(StudyError, match="be sent unprotected"):
        check_address(host)
    check_address(host, insecure=True)
    monkeypatch.setenv("STUDYAPP_BEHIND_TLS", "1")
    check_address(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_ones_own_machine_does_not(host):
    check_address(host)


def test_the_command_refuses_before_anything_else(tmp_path):
    done = CliRunner().invoke(main, ["serve", str(tmp_path), "--host", "0.0.0.0"])
    assert done.exit_code == 2
    assert "STUDYAPP_BEHIND_TLS" in done.output


def test_a_study_is_never_served_with_a_debugger(folder, links, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(StudyError, match="FLASK_DEBUG"):
        create_app(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDYAPP_BEHIND_TLS", "yes"),
        ("STUDYAPP_PROXIES", "many"),
        ("STUDYAPP_PROXIES", "-1"),
    ],
)
def test_a_setting_that_says_nothing_is_refused(folder, links, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(StudyError, match=name):
        create_app(folder)


@pytest.mark.parametrize(("proxies", "seen"), [("0", "127.0.0.1"), ("1", "192.0.2.5")])
def test_a_proxy_is_believed_only_when_told(folder, links, monkeypatch, proxies, seen):
    monkeypatch.setenv("STUDYAPP_PROXIES", proxies)
    app = create_app(folder)
    heard = []
    app.before_request(lambda: heard.append(request.remote_addr))
    app.test_client().get("/", headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.5"})
    assert heard == [seen]
    app.extensions["studyapp"].workspace.database.close()


def test_the_keys_are_secrets_of_the_study(folder, workspace, links):
    app = create_app(folder)
    assert len(app.secret_key) == 32
    assert app.secret_key != workspace.key
    for path in (workspace.folders.key, workspace.folders.session_key):
        assert path.stat().st_mode & 0o777 == 0o600
    app.extensions["studyapp"].workspace.database.close()


def test_the_log_holds_no_token(folder, links, capfd, caplog):
    app = create_app(folder)
    client = app.test_client()
    client.get(f"/j/{links['Jude']}")
    client.get("/j/made-up-token-of-somebody")
    client.post("/sign-in", data={"name": "Olga", "password": "seven quiet herons wade"})
    out, err = capfd.readouterr()
    said = out + err + caplog.text
    for secret in (links["Jude"], "made-up-token", "quiet herons"):
        assert secret not in said
    app.extensions["studyapp"].workspace.database.close()
