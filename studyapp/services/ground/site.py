"""What a server serves: a site of many studies, or one study folder, which is a site of its own.

The site's database holds what is no study's: accounts, roles, jobs, uploads, security events.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from analysis.files import write_whole
from analysis.printable import printable
from analysis.texts import say
from studyapp.db.database import Database, sqlite_url
from studyapp.db.revision import bring_up_site
from studyapp.errors import NotFoundError, StudyError
from studyapp.settings import Folders, database_url, kept_key
from studyapp.study.followed import Followed
from studyapp.study.site_file import SITE_FILE, TEMPLATE, SiteFile, load_site_file
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file

LONE = ""
"""The name of the study of a folder that is served alone."""

STUDIES = "studies"
"""The folder of a site's studies."""

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""The name of a study in addresses, and of its folder: ASCII, so that links survive every mail program."""


@dataclass(frozen=True)
class Site:
    """A site in use: its folder, its database, and where its studies are.

    One that is `apart`, as of a copy, keeps its database in the folder, whatever the settings say.
    """

    root: Path
    apart: bool = False

    @property
    def is_lone(self) -> bool:
        """Whether it is one study folder."""
        return not is_site(self.root)

    @property
    def file(self) -> SiteFile:
        """What site.yaml says as it lies there now; nothing of a lone study.

        One that cannot be read leaves what was read before.
        """
        return SiteFile() if self.is_lone else self._file.now()

    @cached_property
    def _file(self) -> Followed[SiteFile]:
        return Followed(self.root / SITE_FILE, load_site_file)

    @property
    def title(self) -> str:
        """The site's title; a lone study's own."""
        return self.study_file(LONE).title if self.is_lone else self.file.title

    @property
    def folders(self) -> Folders:
        """Where the site keeps its own; of a lone study these are the study's folders."""
        return Folders(self.root)

    @property
    def moved(self) -> Path:
        """What the database's file is called once the site was moved to PostgreSQL."""
        return self.folders.site_database.with_name("site.db.moved")

    @property
    def uploads(self) -> Path:
        """The folder of files on their way."""
        return self.folders.var / "uploads"

    @cached_property
    def session_key(self) -> bytes:
        """The secret of the cookies of accounts, made when first needed."""
        return kept_key(self.folders.session_key)

    @cached_property
    def database(self) -> Database:
        """The site's database, brought to the current schema."""
        self.folders.make_var()
        elsewhere = None if self.apart else database_url()
        if elsewhere is None and self.moved.exists():
            raise StudyError(f"{self.root} was moved to PostgreSQL; set STUDYAPP_DATABASE_URL to its address")
        database = Database(elsewhere or sqlite_url(self.folders.site_database), schema=self.schema)
        bring_up_site(database)
        return database

    @property
    def schema(self) -> str:
        """The schema of the site's tables on PostgreSQL."""
        return "studyapp_site"

    def studies(self) -> list[str]:
        """Name the studies, as in addresses; `[LONE]` of a lone study."""
        if self.is_lone:
            return [LONE]
        folder = self.root / STUDIES
        if not folder.is_dir():
            return []
        return sorted(
            path.name
            for path in folder.iterdir()
            if SLUG.fullmatch(path.name) and (path / STUDY_FILE).exists()
        )

    def has(self, study: str) -> bool:
        """Tell whether there is a study of this name."""
        if self.is_lone:
            return study == LONE
        return bool(SLUG.fullmatch(study)) and (self.root / STUDIES / study / STUDY_FILE).exists()

    def study_root(self, study: str) -> Path:
        """Return a study's folder.

        Raises
        ------
        NotFoundError
            When there is no such study.
        """
        if not self.has(study):
            raise NotFoundError(say("there is no study %(study)s", study=repr(study)))
        return self.root if self.is_lone else self.root / STUDIES / study

    def study_file(self, study: str) -> StudyFile:
        """Return study.yaml of a study as it lies there now.

        One that cannot be read leaves what was read before.

        Raises
        ------
        NotFoundError
            When there is no such study.
        StudyError
            When it cannot be read the first time.
        """
        return _followed_study(self.study_root(study)).now()

    def schema_of(self, study: str) -> str | None:
        """Return the schema of a study's tables on PostgreSQL; None for a lone study: the usual one."""
        return None if self.is_lone else f"study_{study.replace('-', '_')}"

    def close(self) -> None:
        """Give back the database's connections."""
        if "database" in self.__dict__:
            self.database.close()


@lru_cache(maxsize=32)
def _followed_study(root: Path) -> Followed[StudyFile]:
    return Followed(root / STUDY_FILE, load_study_file)


def is_site(root: Path) -> bool:
    """Tell whether a folder is a site of many studies, not one study."""
    return (root / SITE_FILE).exists()


def schema_around(root: Path) -> str | None:
    """Return the schema of a study's tables on PostgreSQL: its own within a site, None for the usual one."""
    site = site_around(root)
    return site.schema_of(root.resolve().name) if site else None


def open_site(root: Path, *, apart: bool = False) -> Site:
    """Return the site in a folder: of site.yaml, or of study.yaml alone.

    Raises
    ------
    StudyError
        When it is neither, or site.yaml is wrong.
    """
    if not (root / SITE_FILE).exists() and not (root / STUDY_FILE).exists():
        raise StudyError(
            say(
                "%(folder)s has neither study.yaml nor site.yaml; run `studyapp init %(folder)s` or "
                "`studyapp init --site %(folder)s`",
                folder=root,
            )
        )
    site = Site(root, apart)
    _ = site.file
    return site


def site_around(root: Path) -> Site | None:
    """Return the site that a study folder is part of; None for one that stands alone."""
    whole = root.resolve()
    above = whole.parent.parent
    within = whole.parent.name == STUDIES and is_site(above) and SLUG.fullmatch(whole.name)
    return Site(above) if within else None


def init_site(root: Path) -> None:
    """Make a site's folder, without studies.

    Raises
    ------
    StudyError
        When there is a site or a study already; nothing is touched then.
    """
    for name in (SITE_FILE, STUDY_FILE):
        if (root / name).exists():
            raise StudyError(
                say("%(file)s already exists; choose another folder, or edit that one", file=root / name)
            )
    (root / STUDIES).mkdir(parents=True, exist_ok=True)
    title = json.dumps(printable(root.resolve().name)[:200] or "studyapp", ensure_ascii=False)
    write_whole(root / SITE_FILE, TEMPLATE.format(title=title))
