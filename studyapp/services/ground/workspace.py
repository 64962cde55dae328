"""One study folder in use: its file, its secret key and its database, opened together."""

import json
import secrets
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from textwrap import indent

from sqlalchemy import URL

from analysis.files import file_sha256, write_whole
from analysis.printable import printable
from analysis.rule.value import ALONE
from studyapp.core.keyed import KEY_BYTES, opaque_name
from studyapp.core.ledger import receipt_line
from studyapp.db.database import Database, sqlite_url
from studyapp.db.journal import Journal, JournalLine
from studyapp.db.revision import check_schema, current
from studyapp.errors import StudyError
from studyapp.protocols import KINDS
from studyapp.services.ground.ledger import ledger_entries
from studyapp.services.ground.site import schema_around
from studyapp.settings import Folders, database_url, kept_key, read_key, receipts_folder, write_key
from studyapp.study.followed import Followed
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file

TEMPLATE = """\
# A study. `studyapp schema` prints every key; `studyapp check DIR` finds mistakes.
title: {title}
seed: 1                     # for analysis and simulation; the blinding key is a separate secret
# practice: "000"           # an image of input/ and teams/*/ for the practice trial; it never counts
protocol:
{protocol}
# reasons:                  # why judges prefer a result; docs/reasons.md
#   regions: [Global, Face, Hair, Clothing, Background, Text, Other]
#   attributes: [Sharpness, Texture, Noise, Color, Artifacts, Realism, Fidelity]
#   required: 0             # how many an answer needs to count; "most: 0" asks for none
rules:                      # a preset's name, or a formula for each score; see docs/rules.md
  # s2: raim-score          # from the images in paired/; or a formula such as "20*psnr/50 + 20*(1-lpips/0.4)"
  final: {{score: {rule}, awards: [1, 2, 3]}}  # or another preset, or a formula
{teams}"""
EXAMPLE_TEAMS = {"team01": "First team", "team02": "Second team", "team03": "Third team"}
"""The teams that a new study.yaml has, to show how they are written."""
_TEAMS = "teams:                      # id is the name of the folder under teams/\n" + "".join(
    f"  - {{id: {team}, name: {name}}}\n" for team, name in EXAMPLE_TEAMS.items()
)
_NO_TEAMS = """\
teams: []                   # such as {id: team01, name: First team}; id is its folder in teams/
"""

_OPENED = ("key", "session_key", "database")


@dataclass(frozen=True)
class Workspace:
    """A study folder: what the organiser wrote, and where the application keeps its own.

    `url` is the database's address when it is not the one of the settings.
    """

    folders: Folders
    file: StudyFile
    url: URL | None = None
    followed: Followed[StudyFile] | None = field(default=None, repr=False, compare=False)

    def as_it_is_now(self) -> "Workspace":
        """Return the workspace with study.yaml as it lies there now: a draft is edited while it is served.

        One that cannot be read leaves what was read before.
        """
        file = self.followed.now() if self.followed else self.file
        if file is self.file:
            return self
        now = replace(self, file=file)
        # What is open stays open: the key, and the database with its connections.
        now.__dict__.update({name: self.__dict__[name] for name in _OPENED if name in self.__dict__})
        return now

    @cached_property
    def key(self) -> bytes:
        """The study's secret key, 32 bytes."""
        return read_key(self.folders.key)

    @cached_property
    def session_key(self) -> bytes:
        """The secret of session cookies, made when first needed.

        It is not derived from the study's key, which everybody knows after closing.
        """
        return kept_key(self.folders.session_key)

    @cached_property
    def database(self) -> Database:
        """The study's database."""
        self.folders.make_var()
        url = self.url or database_url() or sqlite_url(self.folders.database)
        if self.folders.moved.exists() and url == sqlite_url(self.folders.database):
            raise StudyError(
                f"{self.folders.root} was moved to PostgreSQL; set STUDYAPP_DATABASE_URL to its address"
            )
        # Only the study's own database has other records; another one is a copy or a trial run.
        return Database(url) if self.url else self._recorded(url)

    @property
    def receipts(self) -> Path | None:
        """The file of receipts outside this machine; None where the settings name no folder for it.

        Its name follows from the key: several studies may share the folder.
        """
        folder = receipts_folder()
        return folder and folder / f"receipts-{opaque_name(self.key, 'receipts', characters=12)}.jsonl"

    def _recorded(self, url: str | URL) -> Database:
        def everything() -> list[JournalLine]:
            with database.reading() as session:
                return [JournalLine(link.hash, link.line) for link in ledger_entries(session)]

        receipts = self.receipts
        database = Database(
            url,
            schema=schema_around(self.folders.root),
            journal=Journal(self.folders.journal, everything=everything),
            receipts=receipts and Journal(receipts, everything=everything, form=receipt_line),
        )
        return database

    def study_file_sha256(self) -> str:
        """Hash study.yaml as it lies there, to notice a change after the study has begun."""
        return file_sha256(self.folders.root / STUDY_FILE)


def init_folder(
    root: Path,
    *,
    kind: str = "top_k",
    key: bytes | None = None,
    title: str | None = None,
    with_teams: bool = True,
) -> None:
    """Make a study folder: study.yaml to fill in, the empty folders, judges.csv and the secret key.

    Parameters
    ----------
    root
        The folder.
    kind
        How judges are asked, of `studyapp.protocols.KINDS`.
    key
        The secret key; by default one is drawn.
    title
        The study's title; by default the folder's name.
    with_teams
        Whether there are three teams to begin with, as an example.

    Raises
    ------
    StudyError
        When there is a study already; nothing is touched then.
    """
    if (root / STUDY_FILE).exists():
        raise StudyError(f"{root / STUDY_FILE} already exists; choose another folder, or edit that one")
    protocol = KINDS[kind]
    teams = [f"teams/{team}" for team in EXAMPLE_TEAMS] if with_teams else ["teams"]
    for name in ("input", *teams, *protocol().needs):
        (root / name).mkdir(parents=True, exist_ok=True)
    # study.yaml comes last: where the disk is full before it, the same command can be given again.
    ensure_key(root, key=key)
    if not (root / "judges.csv").exists():
        write_whole(root / "judges.csv", b"name,email,conflicts\n")
    named = json.dumps(title or printable(root.resolve().name)[:200] or "Study", ensure_ascii=False)
    write_whole(
        root / STUDY_FILE,
        TEMPLATE.format(
            title=named,
            protocol=indent(protocol.example, "  "),
            rule=ALONE[protocol.table],
            teams=_TEAMS if with_teams else _NO_TEAMS,
        ).encode("utf-8"),
    )


def ensure_key(root: Path, *, key: bytes | None = None) -> None:
    """Make the secret key unless the folder has one."""
    path = Folders(root).key
    if not path.exists():
        write_key(path, key or secrets.token_bytes(KEY_BYTES))


def load_workspace(root: Path, *, url: URL | None = None) -> Workspace:
    """Read study.yaml and return the workspace; the database is opened when first used.

    Raises
    ------
    ProblemsFoundError
        When study.yaml is missing or wrong.
    """
    followed = Followed(root / STUDY_FILE, load_study_file)
    return Workspace(Folders(root), followed.now(), url, followed)


def open_workspace(root: Path, *, url: URL | None = None) -> Workspace:
    """Return the workspace of a study that has been tiled; `url` takes the place of the database's setting.

    Raises
    ------
    StudyError
        When it has not, or its database is of another version.
    """
    workspace = load_workspace(root, url=url)
    own = sqlite_url(workspace.folders.database)
    if workspace.database.url == own and not workspace.folders.database.exists():
        raise StudyError(f"{root} has no database yet; run `studyapp tile {root}` first")
    try:
        check_schema(workspace.database)
    except StudyError:
        workspace.database.close()
        raise
    return workspace


def begin_study(root: Path) -> None:
    """Make what a study needs to be served before its images are there: the secret key and the tables.

    A database that is there already stays as it is.
    """
    ensure_key(root)
    workspace = load_workspace(root)
    if current(workspace.database) is None:
        from studyapp.db.schema import upgrade  # not before: it brings Alembic

        upgrade(workspace.database)
    workspace.database.close()
