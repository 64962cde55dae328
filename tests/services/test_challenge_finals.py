"""Final results: checked against the study's images, and put into the study as the team's folder."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlmodel import select

from studyapp.db.site_tables import Entry
from studyapp.errors import StudyStateError
from studyapp.services.challenge import finals, submissions
from studyapp.services.challenge.scoring import Work
from studyapp.services.folder.checking import check_study
from studyapp.services.ground.site import Site
from studyapp.services.jobs import queue
from studyapp.services.jobs.worker import Worker, Working
from tests.conftest import write_study
from tests.services.challenge_site import account_of, challenge_site, team
from tests.services.handed_in import README, TRACK, hand_in, zipped

OPEN = datetime(2026, 3, 12, tzinfo=UTC)
HOW = Working(pause=timedelta(0), processes=1)


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    """A study of four teams of which one, team04, is a team of the challenge."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with challenge_site(tmp_path) as made:
        write_study(made.root / "studies" / TRACK)
        ada, _ = team(made, "Fourth wall", "Ada"), team(made, "Outside", "Bo")
        with made.database.writing() as session:
            entry = session.exec(select(Entry).where(Entry.team_id == ada)).one()
            entry.study_team = "team04"
            session.add(entry)
        yield made


def results(site: Site, more: int) -> dict[str, bytes]:
    """Results that tell themselves apart by how much brighter than the input they are."""
    files = {"readme.txt": README.encode()}
    for path in sorted((site.study_root(TRACK) / "input").iterdir()):
        target = io.BytesIO()
        Image.fromarray(np.asarray(Image.open(path)) + np.uint8(more)).save(target, "png")
        files[path.name] = target.getvalue()
    return files


def sent(site: Site, files: dict[str, bytes], *, by: int = 1, later: int = 0) -> int:
    """Hand in for the final phase and ask for the job."""
    with site.database.writing() as session:
        made = hand_in(
            session,
            site,
            by,
            zipped(files),
            by=account_of(site, "Ada"),
            when=OPEN + timedelta(minutes=later),
            phase="final",
            kind="final",
        )
        asked = queue.ask(session, TRACK, "final", {"submission": made.id}, by="Ada", now=OPEN)
        made.job_id = asked.id
        session.add(made)
        return made.id or 0


def work(site: Site) -> None:
    while Worker(site, HOW).work_once():
        pass


def row(site: Site, number: int) -> submissions.Submission:
    with site.database.reading() as session:
        return submissions.the_submission(session, number)


def there(site: Site) -> dict[str, bytes]:
    """The team's folder of the study."""
    folder = site.study_root(TRACK) / "teams/team04"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def images(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name != "readme.txt"}


def test_the_last_results_without_a_problem_are_the_teams_folder(site):
    root = site.study_root(TRACK)
    first, second = results(site, 21), results(site, 22)
    one = sent(site, first)
    work(site)
    assert there(site) == images(first)
    assert [p for p in check_study(root) if p.severity == "error"] == []
    bad = {**results(site, 23), "001.png": results(site, 23)["002.png"][:50], "more.png": b"x"}
    bad.pop("003.png")
    two, three = sent(site, second, later=1), sent(site, bad, later=2)
    work(site)
    assert there(site) == images(second)
    assert [row(site, number).state for number in (one, two, three)] == ["done", "done", "failed"]
    assert row(site, one).score is None
    problem = row(site, three).problem
    assert "003.png: missing" in problem
    assert "001.png: " in problem
    assert "more.png: not asked for" in problem
    assert json.loads(row(site, two).result)["names"] == ["000", "001", "002", "003"]
    assert not [*(root / "var").glob(".final-*")]


def test_a_job_that_comes_twice_or_was_killed_at_its_last_step_ends_the_same(site, monkeypatch):
    first, second = results(site, 21), results(site, 22)
    one = sent(site, first)
    work(site)
    two = sent(site, second, later=1)
    renamed = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if target.name == "team04" and "teams" in target.parts:
            raise KeyboardInterrupt
        return renamed(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            finals.take(site, two, Work(workers=1))
    work(site)
    assert (there(site), row(site, two).state) == (images(second), "done")
    # The first one's worker was away all the time.
    again = finals.take(site, one, Work(workers=1))
    assert (there(site), again["images"]) == (images(second), 4)


def test_sizes_follow_the_input_and_the_pairs(site):
    root = site.study_root(TRACK)
    odd = results(site, 21)
    target = io.BytesIO()
    Image.new("RGB", (61, 40)).save(target, "png")
    number = sent(site, {**odd, "001.png": target.getvalue()})
    for name, size in (("input", (10, 10)), ("gt", (20, 20))):
        (root / "paired" / name).mkdir(parents=True)
        Image.new("RGB", size).save(root / "paired" / name / "p.png")
    other = sent(site, odd, later=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studyapp.services.challenge.packages._scale", lambda plan: None)
        Worker(site, HOW).work_once()
    assert "001.png: 61x40 pixels, but it must have a whole multiple of 60x40" in row(site, number).problem
    work(site)
    assert "001.png: 60x40 pixels, but it must have 120x80" in row(site, other).problem


def test_only_teams_of_the_cut_hand_in_and_nothing_is_withdrawn_or_chosen(site):
    with pytest.raises(StudyStateError, match="not among those"):
        sent(site, results(site, 21), by=2)
    number = sent(site, results(site, 21))
    work(site)
    with site.database.writing() as session:
        mine = submissions.the_submission(session, number)
        with pytest.raises(StudyStateError, match="replaced by handing in others"):
            submissions.withdraw(session, site, mine, now=OPEN)
        with pytest.raises(StudyStateError, match="the last ones count"):
            submissions.choose(session, site, mine, now=OPEN)
        session.exec(select(Entry).where(Entry.team_id == 1)).one().study_team = None
    with pytest.raises(StudyStateError, match="have not decided yet"):
        sent(site, results(site, 22), later=1)
