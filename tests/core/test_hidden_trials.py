"""Hidden trials: where they stand, what they show, and that they change nothing of the trials that count."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.core.design import judge_plan
from studyapp.core.hidden_trials import KNOWN_WORSE, Checks, shown_plan
from studyapp.errors import ProblemsFoundError
from studyapp.study.study_file import load_study_file

KEY = bytes(range(32))
IMAGES = [f"{number:03d}" for number in range(1, 19)]
TEAMS = [f"team{number}" for number in range(7)]
CHECKS = Checks(repeats=("001", "003", "008", "018"), golden=("003", "005"))

keys = st.binary(min_size=32, max_size=32)
judges = st.integers(0, 30)


def shown(key=KEY, judge=0, checks=CHECKS, conflicts=()):
    plan = judge_plan(key, judge, IMAGES, TEAMS)
    return plan, shown_plan(key, judge, plan, TEAMS, checks, conflicts)


@given(key=keys, judge=judges)
def test_the_trials_that_count_stay_as_they_are_and_in_order(key, judge):
    plan, sequence = shown(key, judge)
    main = [(trial.image, trial.slots) for trial in sequence if trial.kind == "main"]
    assert main == [(trial.image, trial.slots) for trial in plan]
    assert [trial.kind for trial in shown(key, judge, Checks())[1]] == ["main"] * len(IMAGES)


@given(key=keys, judge=judges)
def test_each_check_comes_once_and_a_third_of_the_sequence_after_its_image(key, judge):
    _, sequence = shown(key, judge)
    place = {(trial.kind, trial.image): number for number, trial in enumerate(sequence)}
    hidden = [(kind, image) for kind, image in place if kind != "main"]
    wanted = [("repeat", image) for image in CHECKS.repeats] + [("golden", image) for image in CHECKS.golden]
    assert sorted(hidden) == sorted(wanted)
    assert len(sequence) == len(IMAGES) + len(wanted)
    for kind, image in hidden:
        rest = sequence[place[kind, image] :]
        far = place[kind, image] - place["main", image] >= len(sequence) / 3
        assert far or all(trial.kind != "main" for trial in rest)
        assert place[kind, image] > place["main", image]


@given(key=keys, judge=judges, conflicts=st.sets(st.sampled_from(TEAMS), max_size=4))
def test_a_golden_trial_replaces_one_candidate_and_a_conflict_stays_out(key, judge, conflicts):
    for trial in shown(key, judge, conflicts=conflicts)[1]:
        assert len(set(trial.slots)) == len(TEAMS) - len(conflicts)
        assert not conflicts & set(trial.slots)
        assert (KNOWN_WORSE in trial.slots) == (trial.kind == "golden")


def test_every_team_is_replaced_and_every_slot_is_used_alike():
    """Chi-square over 105 keys, 6 degrees of freedom, 99.9 % quantile 22.5."""
    missing, slots = Counter(), Counter()
    for number in range(105):
        golden = next(item for item in shown(number.to_bytes(32, "big"))[1] if item.kind == "golden")
        missing[next(team for team in TEAMS if team not in golden.slots)] += 1
        slots[golden.slots.index(KNOWN_WORSE)] += 1
    for counts in (missing, slots):
        assert sum((counts[key] - 15) ** 2 / 15 for key in counts) < 22.5
        assert len(counts) == len(TEAMS)


def test_a_repeat_has_a_shuffle_of_its_own():
    again = {judge: next(i for i in shown(judge=judge)[1] if i.kind == "repeat") for judge in range(20)}
    first = {
        judge: next(i for i in shown(judge=judge)[1] if (i.kind, i.image) == ("main", again[judge].image))
        for judge in again
    }
    assert sum(again[judge].slots == first[judge].slots for judge in again) <= 1


def test_vectors_stay_what_they_were():
    _, sequence = shown(judge=3, conflicts=("team2",))
    hidden = {number: item for number, item in enumerate(sequence, 1) if item.kind != "main"}
    assert {number: (item.kind, item.image, item.slots) for number, item in hidden.items()} == VECTORS


VECTORS = {
    19: ("golden", "005", ("team1", "known-worse", "team3", "team4", "team6", "team0")),
    20: ("golden", "003", ("known-worse", "team3", "team5", "team4", "team0", "team1")),
    21: ("repeat", "018", ("team1", "team5", "team6", "team0", "team4", "team3")),
    22: ("repeat", "008", ("team1", "team5", "team4", "team3", "team6", "team0")),
    23: ("repeat", "003", ("team1", "team6", "team5", "team3", "team0", "team4")),
    24: ("repeat", "001", ("team6", "team3", "team0", "team5", "team4", "team1")),
}


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ("{repeets: ['001']}", "did you mean 'repeats'?"),
        ("{repeats: ['001', '002', '001']}", "repeats names 001 twice"),
        ("{golden: ['000']}", "checks.golden names the practice image '000'"),
        ("{repeats: [7]}", "checks.repeats.0: must be text"),
    ],
)
def test_what_is_wrong_in_the_study_file_is_named(tmp_path, checks, words):
    path = tmp_path / "study.yaml"
    teams = "[{id: a, name: A}, {id: b, name: B}, {id: c, name: C}]"
    path.write_text(f"title: T\npractice: '000'\nteams: {teams}\nchecks: {checks}\n")
    with pytest.raises(ProblemsFoundError) as caught:
        load_study_file(path)
    assert words in str(caught.value.problems[0])


def test_the_name_of_the_control_is_taken(tmp_path):
    path = tmp_path / "study.yaml"
    teams = "[{id: a, name: A}, {id: b, name: B}, {id: Known-worse, name: C}]"
    path.write_text(f"title: T\nteams: {teams}\nchecks: {{golden: ['001']}}\n")
    with pytest.raises(ProblemsFoundError, match="known-worse"):
        load_study_file(path)
