"""`serve` says what links begin with, and what would keep people from arriving."""

from contextlib import closing

import pytest

from studyapp.cli.running import way_in
from studyapp.db.site_tables import Account
from studyapp.errors import NotFoundError
from studyapp.server.reached import address_notes
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import init_folder
from studyapp.services.people import sign_in_links
from studyapp.settings import base_url


def notes(host: str, port: int, base: str | None, proxies: int = 0, known: bool = True) -> str:
    parsed = base_url(base) if base else None
    tls = parsed is not None and parsed.scheme == "https"
    return "\n".join(address_notes(host, port, parsed, proxies=proxies, tls=tls, is_known=lambda _: known))


@pytest.mark.parametrize(
    ("host", "port", "base", "proxies", "says"),
    [
        ("127.0.0.1", 8000, None, 0, "http://127.0.0.1:8000, which only this machine can open"),
        ("127.0.0.1", 8000, None, 1, "set STUDYAPP_BASE_URL=https://NAME"),
        ("0.0.0.0", 8000, None, 0, "which other machines cannot open; set STUDYAPP_BASE_URL"),
        ("::", 8000, None, 0, "http://[::]:8000, which other machines cannot open"),
        ("192.0.2.7", 8000, None, 0, "if judges use another address"),
        (
            "192.0.2.7",
            8080,
            "http://study.example.org:8000",
            0,
            "port 8000, and this server listens on port 8080",
        ),
        ("192.0.2.7", 8000, "http://study.example.org", 0, "port 80, and this server listens on port 8000"),
        ("127.0.0.1", 8000, "http://study.example.org:8000", 0, "where only this machine reaches it"),
        ("127.0.0.1", 8000, "https://study.example.org", 0, "set STUDYAPP_PROXIES=1"),
        ("127.0.0.1", 8000, "http://study.example.org", 1, "travel unprotected"),
        ("192.0.2.7", 8000, "http://localhost:8000", 0, "leads each visitor to their own machine"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(host, port, base, proxies, says):
    assert says in notes(host, port, base, proxies)


@pytest.mark.parametrize(
    ("host", "port", "base", "proxies"),
    [
        ("127.0.0.1", 8000, "https://study.example.org/track1", 1),
        ("0.0.0.0", 8000, "https://study.example.org:8443", 1),
        ("192.0.2.7", 8000, "http://study.example.org:8000", 0),
        ("127.0.0.1", 8000, "http://localhost:8000", 0),
        ("::1", 8000, "http://[::1]:8000", 0),
    ],
)
def test_what_fits_is_only_said(host, port, base, proxies):
    assert notes(host, port, base, proxies) == f"links begin with {base} (STUDYAPP_BASE_URL)"


def test_a_name_that_leads_nowhere_is_noticed():
    assert "cannot be found from here" in notes(
        "127.0.0.1", 8000, "https://stduy.example.org", 1, known=False
    )
    assert "cannot be found" not in notes("127.0.0.1", 8000, "http://localhost:8000", 0, known=False)


def test_a_server_whose_output_is_kept_prints_no_link(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_folder(tmp_path)
    with closing(open_site(tmp_path)) as site, site.database.writing() as session:
        way_in(session, tmp_path, "https://study.example.org", link=True)()
        told = capsys.readouterr().out
        token = told.strip().rpartition("/")[2]
        assert told.startswith("organiser: https://study.example.org/o/")
        sign_in_links.the_owner_link(session, token)
        way_in(session, tmp_path, "https://study.example.org", link=False)()
        told = capsys.readouterr()
        assert told.out == ""
        assert "sign in at https://study.example.org/sign-in; make an account first" in told.err
        with pytest.raises(NotFoundError, match="does not work"):
            sign_in_links.the_owner_link(session, token)
        session.add(Account(key="olga", name="Olga", created_at="2026-03-01T12:00:00.000Z"))
        way_in(session, tmp_path, "https://study.example.org", link=False)()
        assert "make an account" not in capsys.readouterr().err
