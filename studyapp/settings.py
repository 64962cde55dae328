"""Settings of a running application: one table of names, defaults and meanings."""

import ipaddress
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from analysis.files import write_whole
from studyapp.core.keyed import KEY_BYTES
from studyapp.errors import StudyError

# name in the environment, default, meaning; docs/reference/settings.md is made of this table.
SETTINGS = (
    (
        "STUDYAPP_DATABASE_URL",
        "sqlite file in DIR/var",
        "where ballots are stored; postgresql://... for PostgreSQL",
    ),
    ("STUDYAPP_BEHIND_TLS", "0", "1 when a proxy adds TLS: secure cookies and HSTS"),
    (
        "STUDYAPP_PROXIES",
        "0",
        "how many proxies are in front, whose X-Forwarded-For, -Proto, -Host, -Port, -Prefix are trusted",
    ),
    (
        "STUDYAPP_RECEIPTS_DIR",
        "none",
        "a folder on another machine for a receipt of each event, so that old copies are noticed",
    ),
    (
        "STUDYAPP_MESSAGES_A_MINUTE",
        "300",
        "messages that each server process accepts from one judge in a minute; 0 for no limit, as "
        "in load tests",
    ),
    (
        "STUDYAPP_BASE_URL",
        "what the request says",
        "where people reach the study: https://host[:port][/path]; links are made from it, other "
        "hosts are refused",
    ),
    (
        "STUDYAPP_IMPORT_DIR",
        "none",
        "a folder of the server whose folders and zips organisers may import in the console",
    ),
    (
        "STUDYAPP_PATIENCE",
        "20",
        "seconds for a client to send a request's head, then its body, and to receive a response",
    ),
    (
        "STUDYAPP_SMTP_URL",
        "none: no mail is sent",
        "where mail to judges is handed over: smtp://user:password@host:587 (STARTTLS) or smtps://...",
    ),
    ("STUDYAPP_MAIL_FROM", "none", "the sender of mail: Name <address@example.org>"),
    (
        "STUDYAPP_FONTS",
        "none",
        "a folder of fonts for letters that DejaVu Sans lacks, asked before the fonts of the machine",
    ),
    (
        "STUDYAPP_LOG",
        "errors as text",
        "json: a line of JSON for each request and error, on standard error; json:FILE: in a file",
    ),
    (
        "STUDYAPP_METRICS_TOKEN",
        "only this machine is told",
        "whoever asks for /metrics must send it: Authorization: Bearer ...",
    ),
)

_PORTS = {"http": 80, "https": 443}
# A path below which a study may lie; "" for none.
PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@dataclass(frozen=True)
class Folders:
    """The places of a study folder that the application writes."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    def make_var(self) -> None:
        """Make `var` unless it is there, and let nobody in but its owner: in it lies who made what.

        Raises
        ------
        StudyError
            When others can look into it and that cannot be changed.
        """
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.var.stat().st_mode & 0o077 == 0:
            return
        with suppress(OSError):  # it is somebody else's, or the disk is read-only
            self.var.chmod(0o700)
            # SQLite gives what it writes beside a database the mode of the database.
            for path in self.var.iterdir():
                if path.is_file() and not path.is_symlink():
                    path.chmod(0o600)
        if self.var.stat().st_mode & 0o077:
            raise StudyError(
                f"{self.var} can be read by other accounts on this machine, and it says who made what; "
                f"let its owner run `chmod 700 {self.var}`"
            )

    @property
    def key(self) -> Path:
        return self.var / "study.key"

    @property
    def session_key(self) -> Path:
        return self.var / "session.key"

    @property
    def journal(self) -> Path:
        return self.var / "votes.jsonl"

    @property
    def database(self) -> Path:
        return self.var / "study.db"

    @property
    def site_database(self) -> Path:
        return self.var / "site.db"

    @property
    def moved(self) -> Path:
        return self.var / "study.db.moved"

    @property
    def packs(self) -> Path:
        return self.var / "packs"

    @property
    def scores(self) -> Path:
        return self.var / "scores"

    @property
    def unpaired(self) -> Path:
        return self.var / "unpaired"

    @property
    def metrics_cache(self) -> Path:
        return self.var / "cache" / "metrics"

    @property
    def measures(self) -> Path:
        return self.var / "measures"

    @property
    def rehearsals(self) -> Path:
        return self.var / "rehearsals"

    @property
    def backups(self) -> Path:
        return self.var / "backups"

    @property
    def exporting(self) -> Path:
        return self.var / "exporting"

    @property
    def anonymous(self) -> Path:
        return self.var / "anonymous"

    @property
    def forms(self) -> Path:
        """The answers in the formats of other tools."""
        return self.var / "forms"

    @property
    def team_sheets(self) -> Path:
        return self.var / "team-sheets"

    @property
    def public(self) -> Path:
        """The export as a published site has it."""
        return self.var / "public"

    @property
    def published(self) -> Path:
        """The site that the console's page publishes to."""
        return self.var / "published"

    @property
    def exports(self) -> Path:
        return self.var / "exports"


def database_url() -> str | None:
    """Return the URL of the study's database; None for the SQLite file in DIR/var."""
    return os.environ.get("STUDYAPP_DATABASE_URL") or None


def receipts_folder() -> Path | None:
    """Return the folder where receipts of events are kept besides; None without one.

    Raises
    ------
    StudyError
        When STUDYAPP_RECEIPTS_DIR names something that is no folder, such as a share that is not mounted.
    """
    value = os.environ.get("STUDYAPP_RECEIPTS_DIR")
    if not value:
        return None
    if not Path(value).is_dir():
        raise StudyError(
            f"STUDYAPP_RECEIPTS_DIR {value!r} is not a folder; create or mount it, or unset the setting"
        )
    return Path(value)


def import_folder() -> Path | None:
    """Return the folder whose folders and zips organisers may import in the console; None without one."""
    value = os.environ.get("STUDYAPP_IMPORT_DIR")
    return Path(value) if value else None


@dataclass(frozen=True)
class BaseUrl:
    """Where people reach the study; `netloc` is the host and the port that it shows, `path` "" or "/..."."""

    scheme: str
    host: str
    netloc: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def base_url(text: str | None = None) -> BaseUrl | None:
    """Return the configured address of the study, or read `text` as one; None when none is configured.

    Raises
    ------
    StudyError
        When it is no address of http or https, or holds more than host, port and path.

    Examples
    --------
    >>> base_url("https://study.example.org:8443/track1/")
    BaseUrl(scheme='https', host='study.example.org', netloc='study.example.org:8443', path='/track1')
    """
    value = text or os.environ.get("STUDYAPP_BASE_URL")
    if not value:
        return None
    try:
        parts = urlsplit(value)
        host, port, path = parts.hostname or "", parts.port, parts.path.rstrip("/")
        if (
            parts.scheme not in _PORTS
            or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:.]+", host)
            or not PREFIX.fullmatch(path)
            or any((parts.query, parts.fragment, parts.username, parts.password))
        ):
            raise ValueError
    except ValueError:
        raise StudyError(
            f"the base URL {value!r} cannot be used; write it like https://study.example.org/track1"
        ) from None
    shown = f"[{host}]" if ":" in host else host
    tail = f":{port}" if port and port != _PORTS[parts.scheme] else ""
    return BaseUrl(parts.scheme, host, shown + tail, path)


def port_of(base: BaseUrl) -> int:
    """Return the port to which links lead.

    Examples
    --------
    >>> port_of(base_url("https://study.example.org")), port_of(base_url("http://[::1]:8000"))
    (443, 8000)
    """
    return urlsplit(str(base)).port or _PORTS[base.scheme]


def behind_tls() -> bool:
    """Tell whether a proxy in front adds TLS: by its own setting, or because the base URL says https.

    Raises
    ------
    StudyError
        When STUDYAPP_BEHIND_TLS is neither 0 nor 1, or contradicts the base URL.
    """
    base = base_url()
    value = os.environ.get("STUDYAPP_BEHIND_TLS", "1" if base and base.scheme == "https" else "0")
    if value not in ("0", "1"):
        raise StudyError(f"STUDYAPP_BEHIND_TLS is {value!r}; set it to 0 or 1")
    if base and (base.scheme == "https") != (value == "1"):
        raise StudyError(f"STUDYAPP_BEHIND_TLS={value} contradicts STUDYAPP_BASE_URL={base}; change one")
    return value == "1"


def proxies() -> int:
    """Tell how many proxies in front are believed.

    Raises
    ------
    StudyError
        When STUDYAPP_PROXIES is not a number from 0 to 9.
    """
    value = os.environ.get("STUDYAPP_PROXIES", "0")
    if value not in tuple("0123456789"):
        raise StudyError(f"STUDYAPP_PROXIES is {value!r}; set it to the number of proxies in front, 0 to 9")
    return int(value)


def messages_a_minute() -> int:
    """Tell how many messages of a judge a process takes in a minute; 0 for any number.

    Raises
    ------
    StudyError
        When STUDYAPP_MESSAGES_A_MINUTE is no whole number, or so low that judges would meet it.
    """
    value = os.environ.get("STUDYAPP_MESSAGES_A_MINUTE", "300")
    if not value.isascii() or not value.isdecimal() or 0 < int(value) < 60:
        raise StudyError(
            f"STUDYAPP_MESSAGES_A_MINUTE is {value!r}; set it to 60 or more, or to 0 for no limit"
        )
    return int(value)


def patience() -> float:
    """Tell how many seconds a slow client gets for each part of a request and for the answer.

    Raises
    ------
    StudyError
        When STUDYAPP_PATIENCE is not a number from 0.1 to 600.
    """
    value = os.environ.get("STUDYAPP_PATIENCE", "20")
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 600:
        raise StudyError(f"STUDYAPP_PATIENCE is {value!r}; set it to seconds, 0.1 to 600")
    return seconds


@dataclass(frozen=True)
class JsonLog:
    """Where lines of JSON go; standard error without a path."""

    path: Path | None = None


def json_log() -> JsonLog | None:
    """Tell where requests and errors are logged as JSON; None when they are not.

    Raises
    ------
    StudyError
        When STUDYAPP_LOG is something else, or its file cannot be written.
    """
    value = os.environ.get("STUDYAPP_LOG")
    if not value:
        return None
    form, _, name = value.partition(":")
    if form != "json":
        raise StudyError(f"STUDYAPP_LOG is {value!r}; set it to json, or to json:FILE, or unset it")
    if not name:
        return JsonLog()
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError as error:
        raise StudyError(
            f"the log {name!r} cannot be written: {error.strerror}; change STUDYAPP_LOG"
        ) from None
    return JsonLog(Path(name).resolve())


def metrics_token() -> str | None:
    """Return what whoever asks for the counts must send; None when only this machine is told.

    Raises
    ------
    StudyError
        When STUDYAPP_METRICS_TOKEN is short enough to be guessed.
    """
    value = os.environ.get("STUDYAPP_METRICS_TOKEN")
    if not value:
        return None
    if len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value:
        raise StudyError(
            "STUDYAPP_METRICS_TOKEN must have at least 16 characters and no blanks; `openssl rand -hex 24` "
            "makes one"
        )
    return value


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and from whom it is; `tls` is on, start (STARTTLS) or none."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str


def mail_server() -> MailServer | None:
    """Return where mail is handed over; None when none is sent.

    Raises
    ------
    StudyError
        When STUDYAPP_SMTP_URL is no such address, or STUDYAPP_MAIL_FROM none of a person.
    """
    value = os.environ.get("STUDYAPP_SMTP_URL")
    if not value:
        return None
    sender = os.environ.get("STUDYAPP_MAIL_FROM", "")
    if not re.fullmatch(r"([^<>\r\n]*<)?[^<>@\s]+@[^<>@\s]+>?", sender):
        raise StudyError(
            f"STUDYAPP_MAIL_FROM is {sender!r}; set it to the sender of mail, like Name <address@example.org>"
        )
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("smtp", "smtps") or not host or parts.path.strip("/") or parts.query:
            raise ValueError
    except ValueError:
        raise StudyError(
            "STUDYAPP_SMTP_URL cannot be used; write it like smtp://user:password@mail.example.org:587"
        ) from None
    if parts.scheme == "smtps":
        tls, usual = "on", 465
    else:
        tls, usual = ("none", 25) if is_loopback(host) else ("start", 587)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port or usual, tls, user, password, sender)


def check_address(host: str, *, insecure: bool = False) -> None:
    """Make sure that nobody serves a study to the world without TLS by mistake.

    Raises
    ------
    StudyError
        When `host` is reachable from other machines, no proxy adds TLS, and `insecure` does not say that
        this is meant.
    """
    if behind_tls() or insecure or is_loopback(host):
        return
    raise StudyError(
        f"{host} is reachable from other machines, so links and ballots would be sent unprotected; put a "
        "proxy with TLS in front and set STUDYAPP_BEHIND_TLS=1, or use --insecure on a network you trust"
    )


def is_loopback(host: str) -> bool:
    """Tell whether an address always means the machine that uses it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_key(path: Path) -> bytes:
    """Read the study's secret key.

    Raises
    ------
    StudyError
        When it is missing, damaged, or readable by others than its owner.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise StudyError(
            f"the secret key {path} is missing; `studyapp init` creates it, or restore your copy"
        ) from None
    if path.stat().st_mode & 0o077:
        raise StudyError(f"the secret key {path} can be read by others; run `chmod 600 {path}`")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StudyError(f"the secret key {path} is damaged: it must have {2 * KEY_BYTES} hexadecimal digits")
    return key


def kept_key(path: Path) -> bytes:
    """Return the secret key of a file, which is drawn when it is first needed."""
    with suppress(FileExistsError):
        write_key(path, secrets.token_bytes(KEY_BYTES))
    return read_key(path)


def write_key(path: Path, key: bytes) -> None:
    """Write the study's secret key for its owner's eyes only (mode 0600); never over an existing one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, key.hex() + "\n", private=True, over=False)
