"""The verifier's own design against the application's, for any study."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verify.design import judge_trials
from analysis.verify.hashing import canonical, commitment, event_hash, study_digest
from studyapp.core import ballots, ledger
from studyapp.core.design import judge_plan, practice_order
from studyapp.core.hidden_trials import Checks, shown_plan
from studyapp.core.keyed import opaque_name

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=40)
@given(
    data=st.data(),
    key=st.binary(min_size=32, max_size=32),
    judge=st.integers(0, 30) | st.integers(9000, 9003),
)
def test_both_draw_the_same_trials(data, key, judge):
    images = [f"{number:03d}" for number in range(1, data.draw(st.integers(1, 17), label="images") + 1)]
    teams = [f"team{number}" for number in range(data.draw(st.integers(2, 9), label="teams"))]
    conflicts = data.draw(st.sets(st.sampled_from(teams), max_size=len(teams) - 1), label="conflicts")
    hidden = st.lists(st.sampled_from(images), unique=True, max_size=4).map(tuple)
    checks = Checks(repeats=data.draw(hidden), golden=data.draw(hidden))
    listing = {
        "images": images,
        "practice": data.draw(st.sampled_from([None, "000"])),
        "teams": [{"id": team, "name": team} for team in teams],
        "checks": {name: list(listed) for name, listed in checks if listed},
    }
    plan = judge_plan(key, judge, images, teams)
    first = practice_order(key, judge, teams)
    expected = [
        ("practice", 1, listing["practice"] or plan[-1].image, tuple(t for t in first if t not in conflicts))
    ]
    shown = shown_plan(key, judge, plan, teams, checks, conflicts)
    expected += [(trial.kind, place, trial.image, trial.slots) for place, trial in enumerate(shown, start=1)]
    found = judge_trials(key, listing, "judge", judge, conflicts)
    assert [(trial.kind, trial.position, trial.image, trial.slots) for trial in found] == expected
    assert [trial.public_id for trial in found] == [
        opaque_name(key, "trial", judge, kind, image) for kind, _, image, _ in expected
    ]


@given(value=json_values, key=st.binary(min_size=32, max_size=32))
def test_both_hash_alike(value, key):
    assert canonical(value) == ballots.canonical_json(value)
    assert event_hash("ab", value) == ballots.event_hash("ab", value)
    assert commitment(key, value) == ledger.commitment(key, value)


def test_the_digest_does_not_depend_on_the_order_of_chains():
    heads = [("study", 3, "a" * 64), ("judge01", 2, "b" * 64), ("test01", 0, "0" * 64)]
    assert study_digest(heads) == ledger.study_digest(reversed(heads))
    assert study_digest(heads) != ledger.study_digest(heads[:2])
