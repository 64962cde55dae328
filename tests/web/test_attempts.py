"""Failed attempts are counted together by all processes and servers, and never stand in the way."""

import multiprocessing
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import event, text

from studyapp.services.ground.site import open_site
from studyapp.services.people import attempts
from tests.web.counting import TIMES, count_many
from tests.web.test_sign_in import sign_in

MINUTE, NOW = 60, 1_800_000_000.0


@pytest.fixture
def counts(workspace):
    """Count in the site's database, of either kind, at an instant of one's own."""
    with closing(open_site(workspace.folders.root)) as site:

        class Counts:
            def add(self, key: str, amount: int = 1, *, now: float = NOW) -> int:
                with site.database.writing() as session:
                    return attempts.add(session, key, MINUTE, amount, now=now)

            def get(self, key: str, *, now: float = NOW) -> attempts.Count:
                with site.database.looking() as looking:
                    return attempts.held(looking, key, now=now)

        yield Counts()


def test_counts_hold_for_their_window_and_no_longer(counts):
    assert counts.get("one") == attempts.NONE
    assert [counts.add("one"), counts.add("one", 3), counts.add("two")] == [1, 4, 1]
    assert counts.get("one") == attempts.Count(4, NOW + MINUTE)
    assert counts.get("one", now=NOW + MINUTE) == attempts.NONE
    assert counts.add("one", now=NOW + MINUTE) == 1
    assert counts.get("two", now=NOW + MINUTE) == attempts.NONE


def test_a_clock_that_was_wrong_locks_nobody_out_for_years(counts):
    ahead = NOW + 400 * 86_400
    counts.add("one", now=ahead)
    assert counts.get("one") == attempts.NONE
    assert counts.add("one") == 1


def test_clocks_of_two_servers_may_differ_a_little(counts):
    counts.add("one", now=NOW + 5)
    assert counts.add("one") == 2


def test_processes_count_together(workspace, counts):
    root = workspace.folders.root
    workspace.database.close()
    context = multiprocessing.get_context("fork")  # they need not import anything anew
    together = context.Barrier(4)
    processes = [context.Process(target=count_many, args=(root, together)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [counts.get(f"{number}", now=time.time()).count for number in range(TIMES)] == [4] * TIMES


def test_without_its_table_a_server_still_counts(eve, account, site):
    with site.database.writing() as session:
        session.execute(text("DROP TABLE attempt"))
    answers = [sign_in(eve, password=f"guess number {n}").status_code for n in range(12)]
    assert answers == [401] * 10 + [429] * 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_judging_asks_nothing_of_the_sites_database(jude, olga, site):
    """Tiles, trials and ballots, even where an organiser is signed in, in the same browser."""
    trial = jude.trial()
    jude.client.set_cookie(*next(iter_cookies(olga)))
    asked: list[str] = []
    event.listen(site.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert jude.get("/judge").status_code == 200
    assert jude.client.get(trial["slots"][0]["tiles"] + "/0/0_0").status_code == 200
    assert jude.pick(jude.trial(), 1).status_code == 200
    assert jude.get(f"/judge/trial/{trial['trial']}").status_code == 200
    assert asked == []
    jude.get("/console")
    assert asked, "the count would see it"


def iter_cookies(person):
    for cookie in person.client._cookies.values():
        if cookie.key != person.client.application.config["SESSION_COOKIE_NAME"]:
            yield cookie.key, cookie.value


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_burst_tells_little_more_than_the_limit(real_hashes, app, account, workspace):
    """Forty guesses at the same instant: those that are checked when the limit is used up say nothing."""
    clients = [app.test_client() for _ in range(40)]
    tokens = [token_of(client.get("/sign-in").text) for client in clients]
    together = threading.Barrier(len(clients))

    def guess(number: int) -> int:
        form = {"csrf_token": tokens[number], "name": "Olga", "password": f"guess {number}", "code": ""}
        together.wait()
        return clients[number].post("/sign-in", data=form).status_code

    with ThreadPoolExecutor(len(clients)) as threads:
        answers = Counter(threads.map(guess, range(len(clients))))
    assert answers[401] + answers[429] == len(clients)
    assert 1 <= answers[401] <= 13


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
