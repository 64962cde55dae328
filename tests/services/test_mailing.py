"""Mail to judges: texts, what is sent and recorded, servers that refuse."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from sqlmodel import select

from studyapp.db.tables import SentMail
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.ground.site import LONE, open_site
from studyapp.services.jobs.kinds import KINDS, Context
from studyapp.services.people.deadlines import set_deadline
from studyapp.services.people.invitations import find_judge, live_link
from studyapp.services.people.mailing import mail_text, posted, save_text, send_mails
from studyapp.settings import MailServer, mail_server
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (nothing here differs between databases)

SENDER = "Olga <olga@example.org>"


class Postbox(socketserver.ThreadingTCPServer):
    """A server of mail that keeps what it gets, and refuses addresses on a list."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *refused: str) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refused, self.mails = refused, []

    @property
    def settings(self) -> MailServer:
        return MailServer("127.0.0.1", self.server_address[1], "none", "", "", SENDER)


class Conversation(socketserver.StreamRequestHandler):
    """The few words of SMTP that smtplib says."""

    server: Postbox

    def handle(self) -> None:
        self.say("220 postbox")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT" and any(address in line for address in self.server.refused):
                self.say("550 no such person")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.mails.append(self.letter())
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def letter(self):
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox("june@") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(workspace, server: MailServer, kind: str) -> tuple[int, int]:
    with workspace.database.reading() as session:
        ids = [find_judge(session, email).id for email in ("jude@example.org", "june@example.org")]
    return send_mails(
        workspace.database,
        server,
        kind,
        ids,
        base="https://study.example.org/j/",
        study="Spring study",
        contact="Olga",
        now=lambda: NOW,
    )


def test_an_invitation_carries_a_link_that_works_and_the_deadline(workspace, links, postbox):
    with workspace.database.writing() as session:
        set_deadline(session, "2026-05-31", "18:00", "Asia/Shanghai", now=NOW)
        save_text(session, "invitation", "Judge {study}", "{name}: {link}\nUntil {deadline}", now=NOW)
    assert send(workspace, postbox.settings, "invitation") == (1, 1)
    (mail,) = postbox.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "Jude <jude@example.org>",
        SENDER,
        "Judge Spring study",
    )
    text = mail.get_content()
    assert "Until 2026-05-31 18:00 (Asia/Shanghai)" in text
    token = text.split("/j/")[1].split()[0]
    with workspace.database.reading() as session:
        assert live_link(session, token=token).judge_id
        with pytest.raises(NotFoundError):
            live_link(session, token=links["Jude"])


def test_what_was_sent_is_recorded_without_the_link(workspace, links, postbox):
    send(workspace, postbox.settings, "reminder")
    token_of_nobody = "example.org/j/"
    with workspace.database.reading() as session:
        jude, june = find_judge(session, "jude@example.org").id, find_judge(session, "june@example.org").id
        known = posted(session)
        assert known[jude].reminded_at == "2026-03-01T12:00:00.000Z"
        assert known[june].problem == "550 no such person"
        rows = session.exec(select(SentMail)).all()
        assert all(token_of_nobody not in str(row.model_dump()) for row in rows)
        assert live_link(session, token=links["Jude"]), "a reminder makes no new link"


def test_a_server_that_is_not_there_is_named_and_no_link_is_used_up(workspace, links):
    away = MailServer("127.0.0.1", 9, "none", "", "", SENDER)
    with pytest.raises(StudyError, match=r"127\.0\.0\.1 cannot be used"):
        send(workspace, away, "invitation")
    with workspace.database.reading() as session:
        assert live_link(session, token=links["Jude"])


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("invitation", "Dear {name}", "needs {link}"),
        ("reminder", "Dear {name} {link}", "has no {link}"),
        ("reminder", "Dear {nmae}", "{nmae} means nothing"),
        ("reminder", " ", "cannot be empty"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(workspace, kind, text, why):
    with workspace.database.writing() as session:
        with pytest.raises(StudyError) as error:
            save_text(session, kind, "Hello", text, now=NOW)
        assert why in str(error.value)
        assert mail_text(session, kind) is None


@pytest.mark.parametrize(
    ("day", "time", "zone", "at"),
    [
        ("2026-05-31", "18:00", "Asia/Shanghai", "2026-05-31T10:00:00.000Z"),
        ("2026-05-31", "", "", "2026-05-31T23:59:00.000Z"),
    ],
)
def test_a_deadline_is_a_moment(workspace, day, time, zone, at):
    with workspace.database.writing() as session:
        found = set_deadline(session, day, time, zone, now=NOW)
        assert found
        assert found.at == at
        assert set_deadline(session, "", "", "", now=NOW) is None


@pytest.mark.parametrize(
    ("day", "zone"), [("31.5.", "UTC"), ("2026-05-31", "Middle Earth"), ("2026-05-31", "../x")]
)
def test_a_deadline_that_is_no_moment_is_refused(workspace, day, zone):
    with workspace.database.writing() as session, pytest.raises(StudyError):
        set_deadline(session, day, "", zone, now=NOW)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, "start", "", "")),
        ("smtps://me:p%40ss@mail.example.org:4465", ("mail.example.org", 4465, "on", "me", "p@ss")),
        ("smtp://localhost", ("localhost", 25, "none", "", "")),
    ],
)
def test_the_settings_of_mail(monkeypatch, url, server):
    monkeypatch.setenv("STUDYAPP_SMTP_URL", url)
    monkeypatch.setenv("STUDYAPP_MAIL_FROM", SENDER)
    assert mail_server() == MailServer(*server, SENDER)


@pytest.mark.parametrize(
    ("url", "sender"), [("http://mail", SENDER), ("smtp://", SENDER), ("smtp://mail.example.org", "Olga")]
)
def test_wrong_settings_of_mail_are_refused(monkeypatch, url, sender):
    monkeypatch.setenv("STUDYAPP_SMTP_URL", url)
    monkeypatch.setenv("STUDYAPP_MAIL_FROM", sender)
    with pytest.raises(StudyError):
        mail_server()


def test_a_sending_that_was_cut_goes_on_with_whom_it_did_not_reach(workspace, links, postbox):
    postbox.refused = ()
    assert send(workspace, postbox.settings, "reminder") == (2, 0)
    with workspace.database.reading() as session:
        ids = [find_judge(session, email).id for email in ("jude@example.org", "june@example.org")]
    more = {"base": "", "study": "S", "contact": "", "now": lambda: NOW}
    again = send_mails(
        workspace.database, postbox.settings, "reminder", ids, since="2026-03-01T11:00:00.000Z", **more
    )
    assert again == (0, 0)
    assert len(postbox.mails) == 2


def test_the_job_sends_as_the_page_asked(workspace, links, postbox, monkeypatch):
    monkeypatch.setenv("STUDYAPP_SMTP_URL", f"smtp://127.0.0.1:{postbox.settings.port}")
    monkeypatch.setenv("STUDYAPP_MAIL_FROM", SENDER)
    seen = []
    context = Context(
        open_site(workspace.folders.root), LONE, 1, NOW, lambda *progress: seen.append(progress)
    )
    base = "https://study.example.org/track/j/"
    what = {"mail": "invitation", "judges": [1, 2], "base": base, "asked": "2026-01-01T00:00:00.000Z"}
    assert KINDS["mail"].run(context, what) == {"sent": 1, "failed": 1}
    assert base in postbox.mails[0].get_content()
    assert seen[-1] == ("mail", 2, 2)
    context.workspace.database.close()
