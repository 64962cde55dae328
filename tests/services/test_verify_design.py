"""The verifier's own design against the application's, for any study."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verify.design import judge_trials
from analysis.verify.hashing import canonical, commitment, event_hash, study_digest
from studyapp.core import canonical as written
from studyapp.core import ledger
from studyapp.core.hidden_trials import Checks
from studyapp.core.keyed import opaque_name
from studyapp.protocols import Acr, AcrHr, Dcr, Pairwise, Ranking, Scene, Slider, TopK

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


images_of = st.integers(1, 17).map(lambda count: [f"{number:03d}" for number in range(1, count + 1)])


def scene(data, images: list[str], teams: list[str], known: tuple[str, ...] = ()) -> tuple[Scene, dict]:
    """Return what a study shows, for the application and, as its commitment lists it, for the verifier."""
    hidden = st.lists(st.sampled_from(images), unique=True, max_size=4).map(tuple)
    checks = Checks(repeats=data.draw(hidden), golden=data.draw(hidden))
    practice = data.draw(st.sampled_from([None, "000"]))
    listing = {
        "images": images,
        "practice": practice,
        "teams": [{"id": team, "name": team} for team in teams],
        "checks": {name: list(listed) for name, listed in checks if listed},
        "pictures": [["000", team, "hash"] for team in known] + [["001", "reference", "hash"]],
    }
    return Scene(tuple(images), tuple(teams), practice, checks, known if practice else ()), listing


def same(protocol, key, judge, shown, listing, conflicts) -> None:
    """Require that the verifier draws what the application draws."""
    listing |= {"design": protocol.design_name(shown.checks), "protocol": protocol.model_dump(mode="json")}
    plan = protocol.plan(key, judge, shown, conflicts)
    first = sum(trial.kind == "practice" for trial in plan)
    places = [*range(1, first + 1), *range(1, len(plan) - first + 1)]
    found = judge_trials(key, listing, "judge", judge, conflicts)
    assert [(trial.kind, trial.position, trial.image, trial.slots, trial.beside) for trial in found] == [
        (trial.kind, place, trial.image, trial.slots, protocol.beside)
        for place, trial in zip(places, plan, strict=True)
    ]
    assert [trial.public_id for trial in found] == [
        opaque_name(key, "trial", judge, trial.kind, trial.position) for trial in found
    ]


@settings(deadline=None, max_examples=40)
@given(
    data=st.data(),
    key=st.binary(min_size=32, max_size=32),
    judge=st.integers(0, 30) | st.integers(9000, 9003),
    images=images_of,
)
def test_both_draw_the_same_trials_that_show_all(data, key, judge, images):
    teams = [f"team{number}" for number in range(data.draw(st.integers(2, 9), label="teams"))]
    conflicts = data.draw(st.sets(st.sampled_from(teams), max_size=len(teams) - 1), label="conflicts")
    shown, listing = scene(data, images, teams)
    same(TopK(places=1, points=(1,)), key, judge, shown, listing, conflicts)


pairwise = st.builds(
    lambda most, **others: Pairwise(
        design="balanced" if most else "complete", pairs_per_judge=most, **others
    ),
    most=st.none() | st.integers(1, 60),
    identical=st.integers(0, 3),
    reference=st.booleans(),
    stabilising=st.integers(0, 3),
)
knowns = st.sampled_from([(), ("reference",), ("anchor",), ("reference", "anchor")])


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    key=st.binary(min_size=32, max_size=32),
    judge=st.integers(0, 30) | st.integers(9000, 9003),
    images=st.integers(1, 5).map(lambda count: [f"{number:03d}" for number in range(1, count + 1)]),
    protocol=pairwise,
    known=knowns,
)
def test_both_draw_the_same_comparisons(data, key, judge, images, protocol, known):
    teams = [f"team{number}" for number in range(data.draw(st.integers(2, 7), label="teams"))]
    conflicts = data.draw(st.sets(st.sampled_from(teams), max_size=len(teams) - 2), label="conflicts")
    shown, listing = scene(data, images, teams, known)
    same(protocol, key, judge, shown, listing, conflicts)


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    key=st.binary(min_size=32, max_size=32),
    judge=st.integers(0, 30) | st.integers(9000, 9003),
    images=st.integers(1, 5).map(lambda count: [f"{number:03d}" for number in range(1, count + 1)]),
    protocol=st.builds(Acr, stabilising=st.integers(0, 3))
    | st.builds(AcrHr)
    | st.builds(Dcr, stabilising=st.integers(0, 3))
    | st.builds(Slider, reference=st.booleans(), anchor=st.booleans())
    | st.builds(Ranking),
    known=knowns,
)
def test_both_draw_the_same_ratings_and_rankings(data, key, judge, images, protocol, known):
    teams = [f"team{number}" for number in range(data.draw(st.integers(2, 7), label="teams"))]
    conflicts = data.draw(st.sets(st.sampled_from(teams), max_size=len(teams) - 1), label="conflicts")
    shown, listing = scene(data, images, teams, known)
    same(protocol, key, judge, shown, listing, conflicts)


@given(value=json_values, key=st.binary(min_size=32, max_size=32))
def test_both_hash_alike(value, key):
    assert canonical(value) == written.canonical_json(value)
    assert event_hash("ab", value) == written.event_hash("ab", value)
    assert commitment(key, value) == ledger.commitment(key, value)


def test_the_digest_does_not_depend_on_the_order_of_chains():
    heads = [("study", 3, "a" * 64), ("judge01", 2, "b" * 64), ("test01", 0, "0" * 64)]
    assert study_digest(heads) == ledger.study_digest(reversed(heads))
    assert study_digest(heads) != ledger.study_digest(heads[:2])
