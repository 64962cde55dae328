"""Mail to judges: invitations with a link that is made when they are sent, and reminders.

What was sent to whom and when is kept, the link never. A mail that could not be handed to the server is
kept with its reason, so that it can be sent again.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.core.ledger import judge_label
from studyapp.core.one_line import one_line
from studyapp.db.database import Database
from studyapp.db.tables import Judge, SentMail, utc_text
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.study_settings import set_setting, setting
from studyapp.services.people.deadlines import deadline
from studyapp.services.people.invitations import reissue_link
from studyapp.settings import MailServer

KINDS = ("invitation", "reminder")
_WORD = re.compile(r"\{([^{}\n]*)\}")
WORDS = ("name", "study", "link", "deadline", "contact")
"""What a text may hold in braces."""
LONGEST_TEXT = 5000
_PATIENCE = 20.0  # seconds


@dataclass(frozen=True)
class MailText:
    """Subject and text of a kind of mail, with words in braces that are filled in for each judge."""

    subject: str
    text: str


USUAL = {
    "invitation": MailText(
        say("Invitation to judge images: {study}"),
        say(
            "Dear {name},\n\nwe invite you to judge images for {study}.\n\nThis is your personal link. "
            "Please do not share it:\n\n{link}\n\nEvery answer is saved at once; you can stop at any time "
            "and continue later, on any device.\nDeadline: {deadline}\nQuestions: {contact}\n\nThank you!"
        ),
    ),
    "reminder": MailText(
        say("Reminder: {study}"),
        say(
            "Dear {name},\n\nsome images of {study} are still waiting for your answer. Your personal link is "
            "in the invitation that we sent you; everything you saved is still there.\n\n"
            "Deadline: {deadline}\nQuestions: {contact}\n\nThank you!"
        ),
    ),
}


@dataclass(frozen=True)
class Posted:
    """The last mails to a judge: moments, and why the last one failed."""

    invited_at: str | None = None
    reminded_at: str | None = None
    problem: str | None = None


def mail_text(session: Session, kind: str) -> MailText | None:
    """Return the organisers' own text; None while they have none."""
    found = setting(session, f"mail.{kind}")
    return MailText(found["subject"], found["text"]) if found else None


def save_text(session: Session, kind: str, subject: str, text: str, *, now: datetime) -> None:
    """Keep the organisers' text.

    Raises
    ------
    StudyError
        When it has a word in braces that means nothing, or an invitation lacks its link.
    """
    try:
        subject = one_line(subject.strip())
    except ValueError as error:
        raise StudyError(say("this subject cannot be used: %(why)s", why=error)) from None
    text = text.replace("\r\n", "\n").strip()
    if not subject or not text:
        raise StudyError(say("subject and text cannot be empty"))
    if len(subject) > 200 or len(text) > LONGEST_TEXT:
        raise StudyError(
            say("subject or text is too long: at most 200 and %(most)s characters", most=LONGEST_TEXT)
        )
    for word in _WORD.findall(subject + text):
        if word not in WORDS:
            raise StudyError(
                say("{%(word)s} means nothing here; there are %(words)s", word=word, words=_braced(WORDS))
            )
    if kind == "invitation" and "{link}" not in text:
        raise StudyError(
            say("the text of an invitation needs {link}, where the judge's personal link comes in")
        )
    if kind == "reminder" and "{link}" in text:
        raise StudyError(
            say("a reminder has no {link}: links are shown once, and a new one ends the old one")
        )
    set_setting(session, f"mail.{kind}", {"subject": subject, "text": text}, now=now)


def filled(text: str, words: Mapping[str, str]) -> str:
    r"""Fill words in; a line that is about something that there is not is left out.

    Examples
    --------
    >>> filled("Dear {name},\nDeadline: {deadline}", {"name": "Jude", "deadline": ""})
    'Dear Jude,'
    """
    lines = text.split("\n")
    kept = [line for line in lines if all(words.get(word, "") for word in _WORD.findall(line))]
    text = "\n".join(_WORD.sub(lambda found: words.get(found[1], found[0]), line) for line in kept)
    return re.sub(r"\n{3,}", "\n\n", text)


def posted(session: Session) -> dict[int, Posted]:
    """Return what each judge was sent last."""
    latest: dict[int, Posted] = {}
    for row in session.exec(select(SentMail).order_by(col(SentMail.id))):
        before = latest.get(row.judge_id, Posted())
        if row.problem is not None:
            latest[row.judge_id] = Posted(before.invited_at, before.reminded_at, row.problem)
        elif row.kind == "invitation":
            latest[row.judge_id] = Posted(row.at, before.reminded_at)
        else:
            latest[row.judge_id] = Posted(before.invited_at, row.at)
    return latest


def send_mails(
    database: Database,
    server: MailServer,
    kind: str,
    judges: Collection[int],
    *,
    base: str,
    study: str,
    contact: str,
    now: Callable[[], datetime],
    since: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[int, int]:
    """Send a mail of a kind to judges; return how many were sent, and how many could not be.

    Parameters
    ----------
    database
        The study's.
    server
        Where mail is handed over.
    kind
        Of `KINDS`.
    judges
        Their ids; whoever was withdrawn is left out.
    base
        What a link begins with, before the token.
    study, contact
        What the texts call the study, and whom judges can ask.
    now
        The clock: mails are sent one after another.
    since
        Whoever got such a mail since this moment is left out: what was begun is gone on with.
    progress
        Told how many of how many are done.

    Raises
    ------
    StudyError
        When the server of mail cannot be reached or refuses us: nobody was sent anything then.
    """
    with database.reading() as session:
        text = mail_text(session, kind) or USUAL[kind]
        until = deadline(session)
        people = _people(session, set(judges) - _done(session, kind, since))
    words = {"study": study, "contact": contact, "deadline": until.words if until else ""}
    sent = failed = 0
    with _connected(server) as connection:
        for number, judge in enumerate(people, start=1):
            problem = _send(database, server, connection, kind, judge, text, words, base, now)
            sent, failed = sent + (problem is None), failed + (problem is not None)
            progress(number, len(people))
    return sent, failed


def _people(session: Session, ids: Collection[int]) -> Sequence[Judge]:
    out = standing(session).withdrawn
    judges = session.exec(
        select(Judge).where(col(Judge.id).in_(list(ids))).order_by(col(Judge.position))
    ).all()
    return [judge for judge in judges if judge_label(judge.position) not in out]


def _done(session: Session, kind: str, since: str | None) -> set[int]:
    """Whom this very sending has reached already; nobody when it has just begun."""
    if since is None:
        return set()
    query = select(SentMail.judge_id).where(
        SentMail.kind == kind, SentMail.at >= since, col(SentMail.problem).is_(None)
    )
    return set(session.exec(query))


def _send(
    database: Database,
    server: MailServer,
    connection: smtplib.SMTP,
    kind: str,
    judge: Judge,
    text: MailText,
    words: Mapping[str, str],
    base: str,
    now: Callable[[], datetime],
) -> str | None:
    """Send one mail and keep that; return why not. A new link is kept before it travels."""
    problem, link = None, ""
    if kind == "invitation":
        with database.writing() as session:
            link = base + reissue_link(session, judge.email, now=now()).token
    try:
        connection.send_message(
            _message(server, judge, text, {**words, "name": judge.name, "link": link}, now())
        )
    except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
        problem = _why(error)
    with database.writing() as session:
        session.add(SentMail(judge_id=judge.id or 0, kind=kind, at=utc_text(now()), problem=problem))
    return problem


def _message(
    server: MailServer, judge: Judge, text: MailText, words: Mapping[str, str], now: datetime
) -> EmailMessage:
    message = EmailMessage()
    name, address = parseaddr(server.sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(display_name=judge.name, addr_spec=judge.email)
    message["Subject"] = filled(text.subject, words) or words["study"]
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(filled(text.text, words))
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    """Open a connection, encrypted unless the server is this machine, and say who we are."""
    secure = ssl.create_default_context()
    try:
        if server.tls == "on":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=secure)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
            if server.tls == "start":
                connection.starttls(context=secure)
        if server.user:
            connection.login(server.user, server.password)
    except (smtplib.SMTPException, OSError) as error:
        raise StudyError(
            say("the server of mail %(host)s cannot be used: %(why)s", host=server.host, why=_why(error))
        ) from None
    return connection


def _why(error: Exception) -> str:
    """What a server or the network said, on a line, without what was sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    else:
        return (str(error) or type(error).__name__).splitlines()[0][:200]
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"[:200]


def _braced(words: Sequence[str]) -> str:
    return ", ".join("{%s}" % word for word in words)  # noqa: UP031 (braces)
