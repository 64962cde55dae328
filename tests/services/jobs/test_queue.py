"""The queue of jobs: who may claim what, and that a worker taken for dead changes nothing any more."""

import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from studyapp.db.database import Database, sqlite_url
from studyapp.db.revision import bring_up_site
from studyapp.db.site_tables import Job
from studyapp.errors import NotFoundError
from studyapp.services.jobs import queue
from studyapp.services.jobs.kinds import KINDS
from studyapp.services.jobs.queue import LEASE, PAUSE, TRIES, Claim, LostJobError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + LEASE + timedelta(seconds=1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    url = sqlite_url(tmp_path / "site.db")
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        server.copies += 1
        server.execute(f"CREATE DATABASE jobs_{server.copies}")
        url = server.database(f"jobs_{server.copies}")
    with closing(Database(url, schema="studyapp_site")) as opened:
        bring_up_site(opened)
        yield opened


class Act:
    """Does one thing in a transaction, as workers and pages do."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __getattr__(self, name: str):
        def act(*arguments, now=NOON, **options):
            with self.database.writing() as session:
                return getattr(queue, name)(session, *arguments, now=now, **options)

        return act

    def job(self, number: int) -> queue.JobView:
        with self.database.reading() as session:
            return queue.the_job(session, None, number)


@pytest.fixture
def act(database) -> Act:
    return Act(database)


def ask(act: Act, kind: str = "check", study: str = "track1", **arguments) -> int:
    return act.ask(study, kind, arguments, by="Olga").id


def test_a_job_goes_from_asked_to_done(act):
    number = ask(act, "tile")
    held = act.claim("w1")
    assert (held.id, held.study, held.kind, held.attempt) == (number, "track1", "tile", 1)
    assert act.claim("w2") is None
    assert not act.beat(held, progress=("tile", 120, 600), log="120 of 600\n")
    shown = act.job(number)
    assert (shown.state, shown.stage, shown.done, shown.total) == ("running", "tile", 120, 600)
    act.finish(held, {"tiled": 600}, log="done\n")
    shown = act.job(number)
    assert (shown.state, shown.result, shown.log) == ("done", {"tiled": 600}, "120 of 600\ndone\n")
    assert shown.is_over
    assert act.claim("w2") is None


def test_what_waits_already_is_not_asked_for_twice(act):
    first = ask(act, "score", teams=["team01"])
    assert ask(act, "score", teams=["team01"]) == first
    assert len({first, ask(act, "score", teams=["team02"]), ask(act, "score", "track2")}) == 3
    act.claim("w1")
    assert ask(act, "score", teams=["team01"]) != first  # the folder may have changed since it began


def test_an_unknown_kind_and_an_unknown_job_are_refused(act):
    with pytest.raises(NotFoundError, match="no kind of job 'tidy'"):
        ask(act, "tidy")
    number = ask(act)
    with act.database.reading() as session, pytest.raises(NotFoundError):
        queue.the_job(session, "track2", number)


def test_one_job_of_a_lane_runs_at_a_time_and_other_lanes_go_on(act):
    for kind, study in (
        ("score", "track1"),
        ("unpaired", "track1"),
        ("export", "track1"),
        ("score", "track2"),
    ):
        ask(act, kind, study)
    first = act.claim("w1")
    assert [act.claim(f"w{number}").kind for number in (2, 3)] == ["export", "score"]
    assert act.claim("w4") is None
    act.finish(first, {})
    assert act.claim("w4").kind == "unpaired"


def test_a_worker_takes_only_its_kinds(act):
    ask(act, "measure")
    assert act.claim("w1", kinds=["tile", "check"]) is None
    assert act.claim("w2", kinds=["measure"]).kind == "measure"


def test_a_dead_worker_loses_its_job_and_can_write_nothing_any_more(act):
    number = ask(act, "tile")
    dead = act.claim("w1")
    heir = act.claim("w2", now=LATER)
    assert (heir.id, heir.attempt) == (number, 2)
    for late in (
        lambda: act.beat(dead, progress=("tile", 5, 9), now=LATER),
        lambda: act.finish(dead, {"tiled": 1}, now=LATER),
        lambda: act.fail(dead, {"error": "late"}, now=LATER),
        lambda: act.give_back(dead, now=LATER),
        lambda: act.stumble(dead, "late", now=LATER),
        lambda: act.drop(dead, "late", now=LATER),
    ):
        with pytest.raises(LostJobError):
            late()
    shown = act.job(number)
    assert (shown.state, shown.worker, shown.stage, shown.failures) == ("running", "w2", "", 1)
    act.finish(heir, {"tiled": 600}, now=LATER)
    assert act.job(number).result == {"tiled": 600}


def test_the_same_worker_is_told_from_itself_by_the_attempt(act):
    ask(act)
    before = act.claim("w1")
    after = act.claim("w1", now=LATER)
    with pytest.raises(LostJobError):
        act.finish(before, {}, now=LATER)
    act.finish(after, {}, now=LATER)


def test_a_lease_that_is_renewed_lasts(act):
    ask(act)
    held = act.claim("w1")
    moment = NOON
    for _ in range(5):
        moment += LEASE / 2
        act.beat(held, now=moment)
        assert act.claim("w2", now=moment) is None


def test_a_clock_that_was_set_back_does_not_keep_a_dead_workers_job(act):
    ask(act)
    act.claim("w1", now=NOON + timedelta(hours=1))
    assert act.claim("w2", now=NOON).attempt == 2


def test_a_poisoned_job_stops_after_three_tries_with_its_log(act):
    number, moment = ask(act, "tile"), NOON
    for attempt in range(1, TRIES + 1):
        held = act.claim(f"w{attempt}", now=moment)
        act.stumble(held, "its process was ended by SIGSEGV", log=f"try {attempt}\n", now=moment)
        if attempt < TRIES:
            assert act.claim("w9", now=moment) is None  # it rests
        moment += PAUSE
    shown = act.job(number)
    assert shown.state == "failed"
    assert "after 3 failed attempts; the last time its process was ended by SIGSEGV" in shown.error
    assert [line for line in shown.log.splitlines() if line.startswith("try")] == ["try 1", "try 2", "try 3"]
    assert act.claim("w9", now=moment) is None


def test_a_job_that_kills_its_workers_stops_too(act):
    number, moment = ask(act), NOON
    for attempt in range(TRIES):
        assert act.claim(f"w{attempt}", now=moment).attempt == attempt + 1
        moment += LEASE + timedelta(seconds=1)
    other = ask(act, "tile")
    assert act.claim("w9", now=moment).id == other  # and the next in line is begun at once
    assert "its worker died" in act.job(number).error


def test_a_job_that_was_given_back_has_lost_no_try(act):
    number = ask(act)
    for attempt in range(1, TRIES + 3):
        held = act.claim("w1")
        assert held.attempt == attempt
        act.give_back(held)
    assert (act.job(number).state, act.job(number).failures) == ("waiting", 0)


def test_cancelling(act):
    waiting, running = ask(act, "check"), ask(act, "score")
    assert act.cancel("track1", waiting).state == "cancelled"
    held = act.claim("w1")
    assert held.id == running
    assert act.cancel("track1", running).stopping
    assert act.beat(held)
    act.drop(held, "cancelled")
    assert act.job(running).state == "cancelled"
    assert act.cancel("track1", running).state == "cancelled"
    with pytest.raises(NotFoundError):
        act.cancel("track2", waiting)


@pytest.mark.parametrize("end", ["give_back", "stumble", "dead"])
def test_a_job_whose_worker_ends_before_it_could_stop_it_is_cancelled(act, end):
    number = ask(act)
    held = act.claim("w1")
    act.cancel("track1", number)
    if end == "dead":
        assert act.claim("w2", now=LATER) is None
    else:
        getattr(act, end)(held, *(["crash"] if end == "stumble" else []))
    assert act.job(number).state == "cancelled"


def test_what_ended_can_be_asked_for_again(act):
    number = ask(act, "score", teams=["team01"])
    act.fail(act.claim("w1"), {"error": "no such folder"})
    fresh = act.again("track1", number, by="Otto")
    assert (fresh.kind, fresh.arguments, fresh.state) == ("score", {"teams": ["team01"]}, "waiting")
    assert fresh.id != number


def test_the_log_keeps_its_end(act):
    number = ask(act)
    held = act.claim("w1")
    act.beat(held, log="a" * queue.LONGEST_LOG)
    act.beat(held, log="b\0c")
    shown = act.job(number)
    assert len(shown.log) == queue.LONGEST_LOG
    assert shown.log.endswith("abc")


def test_time_left_follows_from_the_stage(act):
    number = ask(act, "tile")
    held = act.claim("w1")
    act.beat(held, progress=("check", 600, 600))
    act.beat(held, progress=("tile", 0, 600), now=NOON + timedelta(seconds=10))
    act.beat(held, progress=("tile", 150, 600), now=NOON + timedelta(seconds=15))
    assert act.job(number).seconds_left(NOON + timedelta(seconds=20)) == pytest.approx(30)


def test_the_database_itself_keeps_two_of_a_lane_from_running(act):
    ask(act, "export")
    ask(act, "export", crops=True)
    held = act.claim("w1")
    with pytest.raises(IntegrityError), act.database.writing() as session:
        other = session.exec(select(Job).where(Job.id != held.id)).one()
        other.state, other.worker, other.lease_until = "running", "w2", "2026-03-01T12:00:20.000Z"
        session.add(other)


def test_workers_that_claim_at_once_never_get_one_job_twice(act):
    """Real threads, each with its own connection, against the real locks."""
    asked = {ask(act, kind, study) for kind in ("check", "score", "export") for study in "abcd"}
    taken: list[int] = []

    def work(name: str) -> None:
        misses = 0
        while misses < 3:
            try:
                held = act.claim(name)
            except IntegrityError:
                held = None
            if held is None:
                misses += 1
                continue
            taken.append(held.id)
            act.finish(held, {"by": name})

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(taken) == Counter(asked)


class Queue(RuleBasedStateMachine):
    """Two workers, an organiser, a jumping clock and deaths, against what a job may ever go through."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = Database(sqlite_url(Path(self.folder.name) / "site.db"))
        bring_up_site(self.database)
        self.act, self.now = Act(self.database), NOON
        self.holds: dict[int, Claim] = {}  # whose each job is, and until when, as the model has it
        self.until: dict[int, datetime] = {}
        self.over: dict[int, tuple] = {}
        self.begun: Counter[int] = Counter()

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        ask(self.act)

    @rule(kind=strategies.sampled_from(["check", "tile", "score", "export"]))
    def ask(self, kind: str) -> None:
        self.act.ask("track1", kind, {}, by="Olga", now=self.now)

    @rule(seconds=strategies.sampled_from([1, 5, 19, 21, 90]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=strategies.sampled_from([-3600, 3600]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=claims, worker=strategies.sampled_from(["w1", "w2"]))
    def claim(self, worker: str):
        held = self.act.claim(worker, now=self.now)
        if held is None:
            return multiple()
        assert held.id not in self.over, "a job that ended was begun again"
        before = self.holds.get(held.id)
        if before is not None:
            until = self.until[held.id]
            assert until < self.now or until > self.now + 10 * LEASE, "two workers run one job"
        self.begun[held.id] += 1
        assert held.attempt == self.begun[held.id]
        self.holds[held.id], self.until[held.id] = held, self.now + LEASE
        return held

    def _write(self, held: Claim, name: str, *arguments: object) -> None:
        """Do what only the holder may do."""
        mine = self.holds.get(held.id) == held and self.act.job(held.id).state == "running"
        before = self.act.job(held.id)
        try:
            getattr(self.act, name)(held, *arguments, now=self.now)
        except LostJobError:
            assert not mine
            assert self.act.job(held.id) == before
            return
        assert mine
        if name == "beat":
            self.until[held.id] = self.now + LEASE
        else:
            del self.holds[held.id], self.until[held.id]

    @rule(held=claims)
    def beat(self, held: Claim) -> None:
        self._write(held, "beat")

    @rule(held=claims)
    def finish(self, held: Claim) -> None:
        self._write(held, "finish", {"attempt": held.attempt})

    @rule(held=claims)
    def fail(self, held: Claim) -> None:
        self._write(held, "fail", {"error": "wrong"})

    @rule(held=claims)
    def stumble(self, held: Claim) -> None:
        self._write(held, "stumble", "it crashed")

    @rule(held=claims)
    def give_back(self, held: Claim) -> None:
        self._write(held, "give_back")

    @rule(held=claims)
    def cancel(self, held: Claim) -> None:
        self.act.cancel("track1", held.id, now=self.now)

    @invariant()
    def every_job_is_in_one_place(self) -> None:
        with self.database.reading() as session:
            jobs = queue.jobs_of(session, None, 1000)
        for job in jobs:
            assert job.failures <= min(job.attempts, TRIES)
            if job.is_over:
                ended = (job.state, job.result, job.attempts)
                assert self.over.setdefault(job.id, ended) == ended, "a job that ended changed"
                self.holds.pop(job.id, None)
            if job.state == "running":
                assert (job.worker, job.attempts) == (self.holds[job.id].worker, self.holds[job.id].attempt)
        lanes = Counter((job.study, KINDS[job.kind].lane) for job in jobs if job.state == "running")
        assert not lanes or max(lanes.values()) == 1


Queue.TestCase.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
test_two_workers_and_a_jumping_clock = Queue.TestCase
