"""The leaderboard: which submission counts, ranks, ties, what is missing, freezing, and who may read it."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.db.tables import utc_text
from studyapp.services.challenge import teams
from studyapp.services.challenge.leaderboard import Row, Sent, counted, leaderboard, ranked
from studyapp.services.challenge.phases import is_readable, phase_of
from studyapp.services.jobs import queue
from studyapp.study.challenge_file import Phase
from tests.conftest import NOW
from tests.services.challenge_board import choose_at, make_track, put_in
from tests.services.challenge_site import CHALLENGE, challenge_site, team

A_DAY = timedelta(days=1)
scores = st.lists(st.one_of(st.none(), st.sampled_from([0.0, -1.5, 3.0, 3.0 + 1e-12, 7.25])), max_size=12)


@pytest.fixture
def site(tmp_path):
    make_track(tmp_path)
    with challenge_site(tmp_path) as site:
        yield site


def board(site, now=NOW, *, track="lowlight", sees_all=False, **said):
    with site.database.reading() as session:
        if said:
            phase = site.file.challenge.tracks[track].phases["feedback"].model_copy(update=said)
            site.file.challenge.tracks[track].phases["feedback"] = phase
        return leaderboard(session, site, track, "feedback", now, sees_all=sees_all)


def shown(found):
    return [(row.rank, row.name, row.score) for row in found.rows]


@given(scores, st.sampled_from(["higher", "lower"]), st.randoms())
def test_ranks_are_shared_missing_comes_last_and_the_order_of_rows_changes_nothing(found, better, luck):
    rows = [Row(number, f"team {number}", {"score": score}) for number, score in enumerate(found)]
    placed = ranked(rows, better)
    mixed = luck.sample(rows, len(rows))
    assert ranked(mixed, better) == placed
    known = [row for row in placed if row.score is not None]
    assert placed[: len(known)] == known, "whoever has no score is behind whoever has one"
    assert {row.rank for row in placed[len(known) :]} <= {None}
    for row in known:
        ahead = sum(
            (one.score > row.score if better == "higher" else one.score < row.score)
            and abs(one.score - row.score) > 1e-9
            for one in known
        )
        assert row.rank == 1 + ahead


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(-9, 9)), st.booleans()), min_size=1, max_size=8),
    st.sampled_from(["best", "last", "chosen"]),
)
def test_a_submission_without_a_score_never_counts(found, counts):
    sent = [
        Sent(
            n,
            n,
            f"2026-02-{n:02}",
            "done" if score is not None else "failed",
            "2026" if chosen else None,
            score,
        )
        for n, (score, chosen) in enumerate(found, start=1)
    ]
    one = counted(random.sample(sent, len(sent)), counts, "higher")
    scored = [item for item in sent if item.score is not None]
    if not scored:
        assert one is None
    elif counts == "last":
        assert one == scored[-1]
    elif counts == "best" or not any(item.chosen_at for item in scored):
        assert one == max(scored, key=lambda item: (item.score, -item.number))
    else:
        assert one == [item for item in scored if item.chosen_at][-1]


def test_best_last_and_chosen_each_show_another_submission(site):
    ada = team(site, "Ada", "Ann")
    put_in(site, ada, "Ann", 5.0)
    put_in(site, ada, "Ann", 9.0, later=1)
    put_in(site, ada, "Ann", 7.0, later=2)
    put_in(site, ada, "Ann", 6.0, later=3, chosen=NOW)
    put_in(site, ada, "Ann", None, state="failed", later=4)
    assert [board(site, counts=how).rows[0].score for how in ("best", "last", "chosen")] == [9.0, 6.0, 6.0]
    assert [row.submissions for row in board(site, sees_all=True).rows] == [5]


def test_what_failed_waits_or_lacks_images_is_last_with_its_reason(site):
    for name, score, state in (
        ("Zoe", -3.0, "done"),
        ("Ada", None, "failed"),
        ("Bea", None, "waiting"),
        ("Cem", None, "done"),
        ("Dan", 0.0, "done"),
    ):
        put_in(site, team(site, name, f"{name}'s"), f"{name}'s", score, state=state)
    found = board(site)
    assert shown(found)[:2] == [(1, "Dan", 0.0), (2, "Zoe", -3.0)]
    assert [(row.rank, row.name, row.score, str(row.why)) for row in found.rows[2:]] == [
        (None, "Ada", None, "could not be scored"),
        (None, "Bea", None, "not scored yet"),
        (None, "Cem", None, "incomplete: some images have no score"),
    ]
    assert (found.waiting, found.is_provisional, found.simulated) == (1, True, True)


def test_withdrawing_leaves_the_others_and_a_renamed_team_keeps_its_place(site):
    ada, bea = team(site, "Ada", "Ann"), team(site, "Bea", "Bob")
    put_in(site, ada, "Ann", 9.0, withdrawn=NOW)
    put_in(site, ada, "Ann", 5.0)
    put_in(site, bea, "Bob", 5.0)
    assert shown(board(site)) == [(1, "Ada", 5.0), (1, "Bea", 5.0)]
    with site.database.writing() as session:
        teams.rename(session, teams.numbered(session, ada), "Zebra, formerly Ada", affiliation="")
    assert shown(board(site)) == [(1, "Bea", 5.0), (1, "Zebra, formerly Ada", 5.0)]
    with site.database.writing() as session:
        teams.leave_track(session, teams.numbered(session, ada), "lowlight", now=NOW)
    assert shown(board(site)) == [(1, "Bea", 5.0)]


def test_a_frozen_board_shows_what_stood_then(site):
    ada, bea = team(site, "Ada", "Ann"), team(site, "Bea", "Bob")
    freezes = NOW + timedelta(minutes=30)
    put_in(site, ada, "Ann", 5.0, withdrawn=freezes + timedelta(minutes=1))
    put_in(site, ada, "Ann", 9.0, later=30)
    put_in(site, bea, "Bob", 7.0, later=29, chosen=NOW + timedelta(hours=1))
    six = put_in(site, bea, "Bob", 6.0, later=1, chosen=NOW + timedelta(minutes=5))
    put_in(site, bea, "Bob", 8.0, later=2, chosen=NOW + timedelta(minutes=4))
    with site.database.writing() as session:  # chosen again, which changes nothing of what stood
        choose_at(session, six, NOW + timedelta(minutes=50))
    later = NOW + timedelta(hours=2)
    frozen = {"freezes": freezes, "counts": "chosen"}
    assert shown(board(site, later, **frozen)) == [(1, "Bea", 6.0), (2, "Ada", 5.0)]
    assert board(site, later).frozen_at == freezes
    assert shown(board(site, later, sees_all=True)) == [(1, "Ada", 9.0), (2, "Bea", 7.0)]
    over = phase_of(site, "lowlight", "feedback").closes
    assert shown(board(site, over)) == [(1, "Ada", 9.0), (2, "Bea", 7.0)]


def test_intervals_say_what_other_images_could_have_made_of_the_ranks(site):
    by_image = {"Ada": (9.0, 9.1, 9.0, 9.1), "Bea": (5.0, 7.0, 5.2, 6.6), "Cem": (6.8, 5.1, 6.9, 5.2)}
    for name, values in by_image.items():
        put_in(site, team(site, name, f"{name}'s"), f"{name}'s", values)
    put_in(site, team(site, "Dan", "D"), "D", None, state="failed")
    assert {row.name: (row.rank, row.low, row.high) for row in board(site).rows} == {
        "Ada": (1, 1, 1),
        "Cem": (2, 2, 3),
        "Bea": (3, 2, 3),
        "Dan": (None, None, None),
    }


def test_what_is_not_declared_is_not_shown(site):
    ada = team(site, "Ada", "Ann", "Amy")
    put_in(site, ada, "Ann", 5.004)
    put_in(site, team(site, "Bea", "Bob"), "Bob", 5.0)
    found = board(site, shows=())
    assert [(column.name, column.better, column.decimals) for column in found.columns] == [
        ("score", "higher", 3)
    ]
    first = found.rows[0]
    assert (first.members, first.runtime, first.affiliation) == ((), None, "")
    assert (first.submissions, first.submission, first.number, first.arrived_at) == (None,) * 4
    found = board(site, shows=("metrics", "members", "runtime", "submissions"), decimals={"psnr": 1})
    assert [(column.name, column.better, column.decimals) for column in found.columns] == [
        ("score", "higher", 3),
        ("psnr", "higher", 1),
        ("lpips", "lower", 4),
    ]
    first = found.rows[0]
    assert (first.members, first.runtime, first.submissions) == (("Ann", "Amy"), 0.25, 1)
    assert (first.submission, first.number, first.arrived_at) == (1, 1, utc_text(NOW))


def test_scores_of_an_earlier_formula_or_ground_truth_are_not_ranked_among_the_others(site):
    ada, bea, cem = team(site, "Ada", "Ann"), team(site, "Bea", "Bob"), team(site, "Cem", "Cy")
    put_in(site, ada, "Ann", 99.0, formula="ssim", basis="of ssim", later=9)
    put_in(site, bea, "Bob", 88.0, basis="of other images")
    put_in(site, bea, "Bob", 5.0, later=1)
    put_in(site, cem, "Cy", 77.0, basis="of other images")
    found = board(site)
    assert shown(found) == [(1, "Bea", 5.0), (None, "Ada", None), (None, "Cem", None)]
    assert all("earlier formula" in str(row.why) for row in found.rows[1:])


def test_what_began_before_ground_truth_changed_and_ends_last_is_not_first(site):
    ada, bea = team(site, "Ada", "Ann"), team(site, "Bea", "Bob")
    with site.database.writing() as session:
        before, after = (
            queue.ask(session, "lowlight", "submission", {"submission": number}, by="x", now=NOW).id
            for number in (1, 2)
        )
    put_in(site, ada, "Ann", 99.0, basis="of other images", job_id=before, later=9)
    put_in(site, bea, "Bob", 5.0, job_id=after)
    assert shown(board(site)) == [(1, "Bea", 5.0), (None, "Ada", None)]


def test_tracks_and_phases_do_not_mix(site, tmp_path):
    make_track(tmp_path, "details")
    both = team(site, "Ada", "Ann", tracks=("lowlight", "details"))
    put_in(site, both, "Ann", 5.0)
    put_in(site, both, "Ann", 8.0, track="details")
    put_in(site, both, "Ann", 9.0, phase="final")
    assert [row.score for row in board(site).rows] == [5.0]
    assert [row.score for row in board(site, track="details").rows] == [8.0]


@pytest.mark.parametrize("who", ["public", "teams", "hidden"])
def test_who_may_read_a_board(who):
    phase = Phase(title="x", opens=NOW - A_DAY, closes=NOW + A_DAY, board=who)
    asked = [(False, False), (True, False), (False, True)]
    found = [is_readable(phase, NOW, takes_part=t, organises=o) for t, o in asked]
    assert found == {"public": [True] * 3, "teams": [False, True, True], "hidden": [False, False, True]}[who]
    assert is_readable(phase, NOW + A_DAY, takes_part=False, organises=False)
    assert "feedback" in CHALLENGE
