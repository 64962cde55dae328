"""Submissions scored by the queue: as `studyapp score` does, each once, whatever is killed meanwhile."""

import csv
import dataclasses
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

import studyapp.services.challenge.scoring  # noqa: F401 (forked processes have it then)
from analysis.imaging.icc import BT709, Curve, matrix_profile
from studyapp.cli import main
from studyapp.db.site_tables import Submission
from studyapp.errors import LimitReachedError, NotFoundError, StudyStateError
from studyapp.services.challenge import phases, submissions
from studyapp.services.ground.site import Site
from studyapp.services.jobs import queue, worker
from studyapp.services.jobs.kinds import KINDS, Context
from studyapp.services.jobs.worker import Worker, Working
from studyapp.study.study_file import STUDY_FILE
from tests.conftest import NOW
from tests.paired_study import PAIRS
from tests.services.challenge_site import CHALLENGE, account_of, challenge_site, team
from tests.services.handed_in import (
    PHASE,
    README,
    TRACK,
    good,
    hand_in,
    upload,
    write_large,
    write_track,
    zipped,
)

HOW = Working(pause=timedelta(0), processes=1)
MANY = CHALLENGE.replace("daily: 2", "daily: 100")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with challenge_site(tmp_path, MANY) as made:
        write_track(made)
        for name, leader in (("Night", "Ada"), ("Owl", "Bo")):
            team(made, name, leader)
        yield made


def sent(site: Site, team: int, data: bytes, **how: Any) -> int:
    """Hand something in and ask for its job; return the submission's number."""
    with site.database.writing() as session:
        made = hand_in(session, site, team, data, by=account_of(site, "Ada"), **how)
        number = made.id or 0
        asked = queue.ask(session, TRACK, "submission", {"submission": number}, by="Ada", now=NOW)
        made.job_id = asked.id
        session.add(made)
    return number


def row(site: Site, number: int) -> Submission:
    with site.database.reading() as session:
        return submissions.the_submission(session, number)


def work(site: Site) -> None:
    while Worker(site, HOW).work_once():
        pass


def as_team(root: Path, team: str) -> dict[str, bytes]:
    images = {path.name: path.read_bytes() for path in (root / "paired/teams" / team).iterdir()}
    return {**images, "readme.txt": README.encode()}


def test_the_score_is_that_of_the_command_to_the_last_digit(site):
    root = site.study_root(TRACK)
    with (root / STUDY_FILE).open("a") as file:
        file.write("other_colors: convert\n")
    path = root / "paired/teams/team03" / f"{PAIRS[0]}.png"
    with Image.open(path) as plain:
        plain.load()
    plain.save(path, icc_profile=matrix_profile(BT709, Curve(1.8)))
    numbers = {name: sent(site, 1, zipped(as_team(root, name))) for name in ("team01", "team03")}
    work(site)
    said = json.loads(row(site, numbers["team03"]).result)["remarks"][0]["what"]
    assert said == "colours in 'made by studyapp' (ICC profile) are converted to sRGB"
    done = CliRunner().invoke(main, ["score", str(root), "--workers", "1", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    means = {item["team"]: item for item in json.loads(done.stdout)["means"]}
    with (root / "var/scores/images.csv").open() as file:
        images = list(csv.DictReader(file))
    for name, number in numbers.items():
        mine = row(site, number)
        result = json.loads(mine.result)
        assert mine.score == means[name]["score"]
        assert result["means"] == {metric: means[name][metric] for metric in ("psnr", "ssim")}
        theirs = {item["image"]: item for item in images if item["team"] == name}
        assert result["names"] == list(PAIRS)
        assert result["image_scores"] == [float(theirs[image]["score"]) for image in PAIRS]
        with (submissions.folder_of(site, number) / "scores.csv").open() as file:
            for item in csv.DictReader(file):
                wanted = {key: theirs[item["image"]][key] for key in item}
                assert item == wanted
        assert json.loads(mine.readme)["runtime"] == 0.342
        assert (mine.state, mine.problem, result["missing"]) == ("done", "", [])
    assert row(site, 1).basis == row(site, 2).basis != ""


@pytest.mark.slow
def test_a_zip_of_over_a_gigabyte_has_the_score_of_its_images(site, tmp_path):
    """Elsewhere such submissions ended as 0.0, because a worker ran out of time or memory."""
    small, large = sent(site, 1, zipped(good(1))), sent(site, 2, zipped(good(1)))
    package = submissions.folder_of(site, large) / submissions.PACKAGE
    write_large(package, good(1), 1200 << 20)
    work(site)
    assert (row(site, large).state, row(site, large).score) == ("done", row(site, small).score)
    assert row(site, large).sha256 != row(site, small).sha256


def test_what_is_wrong_with_one_is_said_and_the_others_go_on(site):
    bad = sent(site, 1, zipped({"101.png": b"x", "readme.txt": b"runtime: no"}))
    right = sent(site, 2, zipped(good(1)))
    with site.database.reading() as session:
        assert queue.ahead_of(session, row(site, right).job_id or 0) == 1
    work(site)
    failed = row(site, bad)
    assert (failed.state, failed.score) == ("failed", None)
    assert "102.png: missing" in failed.problem
    assert "readme.txt:1: 'no' is no number of seconds" in failed.problem
    assert len(json.loads(failed.result)["problems"]) == len(failed.problem.splitlines())
    assert not list(submissions.folder_of(site, bad).glob(".unpacking-*"))
    assert (row(site, right).state, row(site, right).score is None) == ("done", False)


class Killing:
    """Kills the job's process at its first report of images done, and the worker when all is done."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes

    def __call__(self, context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        noted = self.notes / str(arguments["submission"])
        noted.write_text(str(int(noted.read_text()) + 1 if noted.exists() else 1))
        attempt = int(noted.read_text())

        def progress(stage: str, done: int, total: int) -> None:
            context.progress(stage, done, total)
            if attempt == 1 and stage == "scoring" and done >= 1:
                os.kill(os.getpid(), signal.SIGKILL)

        result = KINDS["submission"].run(dataclasses.replace(context, progress=progress), arguments)
        if attempt == 2:
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()
        return result


def runs(patch: pytest.MonkeyPatch, run: Callable) -> None:
    other = KINDS | {"submission": dataclasses.replace(KINDS["submission"], run=run)}
    patch.setattr("studyapp.services.jobs.running.KINDS", other)


def test_killed_while_it_scores_and_again_when_it_has_scored_a_submission_is_done_once(
    site, tmp_path, monkeypatch
):
    """As a process, then with its worker; tests/torture kills at any moment, with many more."""
    numbers = [sent(site, owner, zipped(good(owner))) for owner in (1, 2)]
    (tmp_path / "notes").mkdir()
    runs(monkeypatch, Killing(tmp_path / "notes"))
    assert Worker(site, HOW).work_once()
    first = row(site, min(numbers))
    assert (first.state, first.score, first.result) == ("waiting", None, "{}")
    moment = [datetime.now(UTC)]
    monkeypatch.setattr(worker, "_now", lambda: moment[0])
    for _ in range(len(numbers) * 4):
        site.database.close()
        victim = multiprocessing.get_context("fork").Process(target=Worker(site, HOW).work_once)
        victim.start()
        victim.join(120)
        moment[0] += timedelta(minutes=1)
        if {row(site, number).state for number in numbers} == {"done"}:
            break
    with site.database.reading() as session:
        jobs = queue.jobs_of(session, TRACK, 1000)
    assert [(job.state, job.attempts, job.failures) for job in jobs] == [("done", 3, 2)] * 2
    assert len({row(site, number).score for number in numbers}) == 2
    assert not list(site.folders.var.glob("submissions/*/.unpacking-*"))


def test_a_submission_that_kills_its_process_stops_after_three_tries(site, monkeypatch):
    poisoned = sent(site, 1, zipped(good(1)))
    right = sent(site, 2, zipped(good(2)))

    def run(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["submission"] == poisoned:
            os.kill(os.getpid(), signal.SIGKILL)
        return KINDS["submission"].run(context, arguments)

    runs(monkeypatch, run)
    work(site)
    assert row(site, poisoned).state == "failed"
    assert "stopped after 3 failed attempts" in row(site, poisoned).problem
    assert "SIGKILL" in row(site, poisoned).problem
    assert (row(site, poisoned).score, row(site, right).state) == (None, "done")
    monkeypatch.undo()
    with site.database.writing() as session:  # an organiser tries it again, after mending what was wrong
        queue.again(session, TRACK, row(site, poisoned).job_id or 0, by="Olga", now=NOW)
    work(site)
    assert (row(site, poisoned).state, row(site, poisoned).problem) == ("done", "")


def test_an_upload_becomes_one_submission_and_the_last_byte_decides(site):
    closes = phases.phase_of(site, TRACK, PHASE).closes
    with site.database.writing() as session:
        now = closes + timedelta(hours=3)
        by = account_of(site, "Ada")
        common = {"track": TRACK, "phase": PHASE, "kind": "results", "sent_by": by, "now": now}
        just = upload(session, site, 1, b"just", when=closes - timedelta(microseconds=1))
        late = upload(session, site, 1, b"late", when=closes)
        made = submissions.enter(session, site, team=1, upload=just, **common)
        again = submissions.enter(session, site, team=1, upload=just, **common)
        assert (made.id, made.number) == (again.id, 1)
        assert (submissions.folder_of(site, made.id or 0) / "package.zip").read_bytes() == b"just"
        with pytest.raises(StudyStateError, match="closed at"):
            submissions.enter(session, site, team=1, upload=late, **common)
        for other in (2, 1):
            with pytest.raises(NotFoundError):
                submissions.enter(session, site, team=other, upload="0" * 32, **common)
        with pytest.raises(NotFoundError):
            submissions.enter(session, site, team=2, upload=late, **common)


def test_a_team_sends_as_much_as_the_phase_allows(site):
    (site.root / "site.yaml").write_text(MANY.replace("daily: 100", "daily: 2, total: 3"))
    sent(site, 1, zipped(good(1)))
    sent(site, 1, zipped(good(2)))
    with pytest.raises(LimitReachedError, match="2026-03-02 00:00 UTC"):
        sent(site, 1, zipped(good(3)))
    sent(site, 1, zipped(good(3)), when=NOW + timedelta(days=1))
    with pytest.raises(LimitReachedError, match="in this phase"):
        sent(site, 1, zipped(good(4)), when=NOW + timedelta(days=1))
    assert [item.number for item in _of(site, 1)] == [3, 2, 1]
    sent(site, 2, zipped(good(5)))
    assert [item.number for item in _of(site, 2)] == [1]


def test_withdrawing_and_choosing_touch_that_submission_alone(site):
    numbers = [sent(site, 1, zipped(good(place))) for place in range(3)]
    work(site)
    before = [row(site, number) for number in numbers]
    with site.database.writing() as session:
        first, second, third = (submissions.the_submission(session, number) for number in numbers)
        submissions.choose(session, site, first, now=NOW)
        submissions.choose(session, site, second, now=NOW + timedelta(seconds=1))
        assert submissions.chosen(session, [first, second, third]) is second
        submissions.withdraw(session, site, second, now=NOW)
        assert submissions.chosen(session, [first, second, third]) is first
        with pytest.raises(StudyStateError, match="has a score"):
            submissions.choose(session, site, second, now=NOW)
        with pytest.raises(StudyStateError, match="closed at"):
            submissions.withdraw(session, site, third, now=datetime(2026, 3, 12, tzinfo=UTC))
    submissions.remove_files(site, numbers[1])
    after = [row(site, number) for number in numbers]
    assert [item.state for item in after] == ["done", "withdrawn", "done"]
    assert [item.score for item in after] == [item.score for item in before], "its score stays on record"
    assert [submissions.folder_of(site, number).exists() for number in numbers] == [True, False, True]
    assert sent(site, 1, zipped(good(9))) not in numbers


def test_a_submission_that_is_withdrawn_while_it_waits_is_not_scored(site):
    number, other = sent(site, 1, zipped(good(1))), sent(site, 1, zipped(good(2)))
    with site.database.writing() as session:
        submissions.withdraw(session, site, submissions.the_submission(session, number), now=NOW)
    submissions.remove_files(site, number)
    work(site)
    assert (row(site, number).state, row(site, number).score) == ("withdrawn", None)
    assert row(site, other).state == "done"


def test_without_weights_or_truths_there_is_no_score_and_the_organiser_is_told(site, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nothing"))
    root = site.study_root(TRACK)
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text[: text.index("rules:")])
    number = sent(site, 1, zipped(good(1)))
    work(site)
    assert (row(site, number).state, row(site, number).score) == ("failed", None)
    assert "the server cannot compute the score yet: lpips" in row(site, number).problem
    (root / "study.yaml").write_text(text)
    (root / "paired/gt/102.png").unlink()
    with site.database.writing() as session:
        queue.again(session, TRACK, row(site, number).job_id or 0, by="Olga", now=NOW)
    work(site)
    assert "no ground truth of 102" in row(site, number).problem


def _of(site: Site, number: int) -> list[Submission]:
    with site.database.reading() as session:
        return submissions.of_team(session, number, TRACK, PHASE)
