"""A site's folder and database: many studies, or one study folder that is a site of its own."""

from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import studyapp.db.site_indexes  # noqa: F401 (completes the metadata)
from studyapp.db import revision, schema
from studyapp.db.database import Database, sqlite_url
from studyapp.db.site_tables import SITE, Account
from studyapp.errors import NotFoundError, StudyError
from studyapp.server.lock import only_server
from studyapp.services.folder.checking import check_study
from studyapp.services.ground.new_study import new_study
from studyapp.services.ground.site import LONE, open_site
from studyapp.services.ground.workspace import init_folder, open_workspace
from studyapp.settings import Folders
from studyapp.study.site_file import SITE_FILE, load_site_file


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    (tmp_path / SITE_FILE).write_text("title: RAIM 2026\n", encoding="utf-8")
    with closing(open_site(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_migrations_make_the_tables_of_the_models(kind, tmp_path, request):
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        server.copies += 1
        server.execute(f"CREATE DATABASE site_{server.copies}")
        url = server.database(f"site_{server.copies}")
    else:
        url = sqlite_url(tmp_path / "site.db")
    with closing(Database(url, schema="studyapp_site")) as database:
        schema.upgrade(database, tables=revision.SITE)
        revision.check_schema(database, tables=revision.SITE)
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), SITE) == []
        with database.writing() as session:
            session.add(Account(key="olga", name="Olga", created_at="2026-01-01T00:00:00.000Z"))


def made(database) -> list[str]:
    """Return every statement that made something, without blanks and quotes, and in one order."""
    with database.looking() as connection:
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        rows = connection.execute(text(query))
        plain = ("".join(row[0].split()).replace('"', "").removesuffix(")") for row in rows)
        return sorted(",".join(sorted(statement.split(","))) for statement in plain)


def test_new_tables_are_the_same_without_alembic(site, tmp_path):
    """Checks and names of constraints, too, which a comparison of models does not look at."""
    with closing(Database(sqlite_url(tmp_path / "by-migrations.db"))) as other:
        schema.upgrade(other, tables=revision.SITE)
        assert made(site.database) == made(other)
    revision.check_schema(site.database, tables=revision.SITE)


@pytest.mark.postgres
def test_new_tables_on_postgresql_stand_in_a_schema_of_their_own(postgres, monkeypatch, tmp_path):
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", postgres.copy_of_template())
    init_folder(tmp_path)
    with closing(open_site(tmp_path)) as site, closing(open_site(tmp_path)) as again:
        revision.check_schema(site.database, tables=revision.SITE)
        with again.database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), SITE) == []


def test_a_site_names_its_studies_and_leaves_other_folders_alone(site):
    for name in ("track1", "Track 2", "x" * 41):
        init_folder(site.root / "studies" / name)
    (site.root / "studies" / "empty").mkdir()
    assert site.studies() == ["track1"]
    assert site.study_root("track1") == site.root / "studies" / "track1"
    with pytest.raises(NotFoundError, match="there is no study"):
        site.study_root("../track1")


def test_a_study_folder_is_a_site_of_its_own(tmp_path):
    init_folder(tmp_path)
    site = open_site(tmp_path)
    assert site.is_lone
    assert site.studies() == [LONE]
    assert site.study_root(LONE) == tmp_path


def test_a_folder_that_is_neither_is_refused(tmp_path):
    with pytest.raises(StudyError, match="run `studyapp init"):
        open_site(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: ''", "title"),
        ("titel: x", "titel"),
        ("title: [", "is not YAML"),
        ("- a", "must have keys"),
        ("title: 5", "must be text"),
    ],
)
def test_a_wrong_site_file_is_refused_with_what_is_wrong(tmp_path, text, said):
    path = tmp_path / SITE_FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=said):
        load_site_file(path)


def test_a_new_study_has_key_tables_and_no_teams(site):
    new_study(site, "track-1", title="Spur 1: Größe", kind="pairwise")
    workspace = open_workspace(site.study_root("track-1"))
    assert (workspace.file.title, workspace.file.teams, workspace.file.protocol.kind) == (
        "Spur 1: Größe",
        (),
        "pairwise",
    )
    workspace.database.close()
    assert [problem.what for problem in check_study(site.study_root("track-1"))] == [
        "no images",
        "no teams to rank",
    ]


@pytest.mark.parametrize(
    ("name", "title", "said"),
    [
        ("Track 1", "T", "the address 'Track 1' cannot be used"),
        ("../a", "T", "cannot be used"),
        ("", "T", "cannot be used"),
        ("a" * 41, "T", "cannot be used"),
        ("a", " \u200b ", "the title cannot be used: nothing in it can be seen"),
        ("a", "T\nseed: 5", "line break"),
        ("there", "T", "there is already a study 'there'"),
    ],
)
def test_a_study_that_cannot_be_made_leaves_nothing(site, name, title, said):
    new_study(site, "there", title="T", kind="top_k")
    with pytest.raises(StudyError, match=said):
        new_study(site, name, title=title, kind="top_k")
    assert site.studies() == ["there"]


def test_a_draft_is_read_again_when_it_is_edited_and_its_database_stays_open(site):
    new_study(site, "a", title="Before", kind="top_k")
    workspace = open_workspace(site.study_root("a"))
    assert workspace.as_it_is_now() is workspace
    path = workspace.folders.root / "study.yaml"
    path.write_text(path.read_text("utf-8").replace("Before", "After"), encoding="utf-8")
    now = workspace.as_it_is_now()
    assert (now.file.title, now.database) == ("After", workspace.database)
    path.write_text("title: [", encoding="utf-8")
    broken = now.as_it_is_now()
    assert (broken.file.title, broken.database) == ("After", now.database), "what is broken changes nothing"
    assert broken.as_it_is_now() is broken, "and is read once, not by every request"
    workspace.database.close()


def test_one_server_serves_a_site_with_all_its_studies(site):
    new_study(site, "a", title="A", kind="top_k")
    of_study = only_server(Folders(site.study_root("a")), patience=0.1)
    with only_server(site.folders), pytest.raises(StudyError, match="another server is serving"), of_study:
        pass
