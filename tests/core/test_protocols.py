"""Protocols: what study.yaml may say of them, what they accept and draw, and what the verifier says."""

import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.verify.protocols import protocol_of
from studyapp.core.hidden_trials import Checks
from studyapp.errors import InvalidBallotError, ProblemsFoundError
from studyapp.protocols import (
    KINDS,
    Acr,
    AcrHr,
    Asked,
    Dcr,
    Pairwise,
    Ranking,
    Scene,
    Slider,
    TopK,
    read_protocol,
)
from studyapp.services.voting.ballots import Ballot
from studyapp.study.study_file import load_study_file
from studyapp.web.judge.trial_json import ballot_json
from studyapp.web.judge.trials import AnswerBody

ROOT = Path(__file__).parents[2]
TEAMS = ("a", "b", "c", "d", "e")
SCENE = Scene(
    images=("001", "002", "003", "004"), teams=TEAMS, practice=None, checks=Checks(repeats=("002",))
)
KEY = bytes(range(32))


@pytest.mark.parametrize("kind", KINDS)
def test_every_protocol_has_what_belongs_to_it(kind):
    """The page's module, the words of the guidelines, its rows in the docs, and the verifier's own lines."""
    page = (ROOT / "static" / "js" / "pages" / "trial.js").read_text(encoding="utf-8")
    assert re.search(rf"\b{kind}(:|,| \}})", page)
    words = (ROOT / "templates" / "judge" / "protocols" / f"{kind}.html").read_text(encoding="utf-8")
    assert re.search(r"macro asked\(protocol\)|set asked = ", words)
    assert re.search(r"macro how\(\)|set how = ", words)
    assert f"`{kind}`" in (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    assert protocol_of({"protocol": KINDS[kind]().model_dump()})


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_travels_beside_what_goes_with_every_answer(kind):
    """On the wire both are fields of one object, so that their names must differ."""
    own = set(KINDS[kind].answer_type().model_fields)
    ballot = Ballot(1, KINDS[kind].nothing(), complete=False, saved_at=None, receipt=None)
    assert own
    assert not own & (set(AnswerBody.model_fields) | {field.name for field in fields(Ballot)})
    assert ballot_json(ballot).keys() - own == {"revision", "complete", "saved_at", "receipt", "reasons"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_new_study_is_the_protocol_as_it_is_without_settings(kind):
    example = yaml.safe_load(KINDS[kind].example)
    assert KINDS[kind].model_validate(example) == KINDS[kind]()
    assert example["kind"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_protocol_comes_back_from_what_the_database_keeps(kind):
    protocol = KINDS[kind](see_all_at_1_1=True)
    assert read_protocol(protocol.model_dump_json()) == protocol


@pytest.mark.parametrize("kind", KINDS)
@given(values=st.lists(st.floats(-9, 9), min_size=5, max_size=5))
def test_what_a_simulated_judge_sends_is_accepted_and_complete(kind, values):
    protocol = KINDS[kind]()
    shown = protocol.plan(KEY, 0, SCENE, ())[-1].slots
    asked, liking = Asked("main", len(shown)), values[: len(shown)]
    steps = type(protocol).simulate(protocol.question(asked), dict(enumerate(liking, start=1)))
    answers = [protocol.read(step) for step in steps]
    for answer in answers:
        protocol.check(answer, asked)
        assert not protocol.says_nothing(answer)
    assert protocol.complete(answers[-1], asked, lambda: pytest.fail("nobody asked for 1:1"))
    assert protocol.rows(answers[-1], {slot: f"team{slot}" for slot in range(1, len(liking) + 1)})


def test_where_all_must_be_seen_an_answer_counts_only_then():
    protocol, full = TopK(see_all_at_1_1=True), TopK().read({"picks": [1, 2, 3]})
    asked = Asked("main", 4)
    assert not protocol.complete(full, asked, lambda: [4])
    assert protocol.complete(full, asked, list)
    assert not protocol.complete(protocol.read({"picks": [1]}), asked, list)


@pytest.mark.parametrize("judge", [0, 1, 7])
@pytest.mark.parametrize("conflicts", [(), ("b", "d")])
def test_a_plan_shows_each_image_once_hidden_trials_besides_and_no_conflicts(judge, conflicts):
    practice, *rest = TopK().plan(KEY, judge, SCENE, conflicts)
    assert (practice.kind, practice.image) == ("practice", [t.image for t in rest if t.kind == "main"][-1])
    assert sorted(trial.image for trial in rest if trial.kind == "main") == list(SCENE.images)
    assert [trial.image for trial in rest if trial.kind == "repeat"] == ["002"]
    for trial in (practice, *rest):
        assert sorted(trial.slots) == sorted(set(TEAMS) - set(conflicts))
    assert TopK().plan(KEY, judge, SCENE, conflicts) == [practice, *rest]


PLANS = {
    "kind: top_k": "8ef21f82ee8da7e0",
    "kind: slider, reference: true, anchor: true": "4407382ed73ff681",
    "kind: pairwise, identical: 2, stabilising: 2": "9160f5fd6b660edb",
    "kind: pairwise, design: balanced, pairs_per_judge: 7": "6a493f09fa0b8668",
    "kind: acr, stabilising: 2": "4c0d8ce015457d13",
    "kind: acr_hr": "a12babd4854e86eb",
}
"""The beginning of the SHA-256 of what four judges see."""


@pytest.mark.parametrize("settings", PLANS)
def test_plans_never_change(settings):
    """Published studies are recomputed with them."""
    protocol = read_protocol(json.dumps(yaml.safe_load(f"{{{settings}}}")))
    checks = Checks(repeats=("002",), golden=("001", "004"))
    scene = Scene(SCENE.images, TEAMS, "000", checks, ("reference", "anchor"))
    plans = [protocol.plan(KEY, judge, scene, conflicts) for judge in (0, 5) for conflicts in ((), ("c",))]
    told = [[trial.kind, trial.image, *trial.slots] for plan in plans for trial in plan]
    assert hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16] == PLANS[settings]


slots = st.integers(-1, 6)
value = st.none() | st.sampled_from([-1, 0, 2.5, 100, 100.5, True])
rules = st.integers(1, 4).map(lambda places: TopK(places=places, points=tuple(range(places, 0, -1))))
ASKED = st.one_of(
    st.tuples(rules, st.just(5), st.fixed_dictionaries({"picks": st.lists(slots, max_size=5)})),
    st.tuples(
        st.builds(Ranking, ties=st.booleans()),
        st.just(5),
        st.fixed_dictionaries({"groups": st.lists(st.lists(slots, max_size=3), max_size=5)})
        | st.permutations(range(1, 6)).map(lambda order: {"groups": [order[:2], order[2:4], order[4:]]}),
    ),
    st.tuples(
        st.builds(Pairwise, ties=st.booleans(), both_bad=st.booleans()),
        st.just(2),
        st.fixed_dictionaries({"choice": st.sampled_from([None, "a", "b", "tie", "bad", "both", 1])}),
    ),
    st.tuples(
        st.sampled_from([Acr(), AcrHr(), Dcr()]),
        st.just(1),
        st.fixed_dictionaries({"score": st.integers(-1, 6) | value}),
    ),
    st.tuples(
        st.just(Slider()),
        st.just(5),
        st.fixed_dictionaries(
            {"scores": st.lists(value, max_size=6) | st.lists(st.floats(0, 100), min_size=5, max_size=5)}
        ),
    ),
)


@settings(max_examples=300)
@given(ASKED, st.booleans())
def test_the_verifier_refuses_what_the_application_refuses(asked, complete):
    protocol, count, given_answer = asked
    verifier = protocol_of({"protocol": protocol.model_dump()})
    try:
        answer = protocol.read(given_answer)
        protocol.check(answer, Asked("main", count))
    except InvalidBallotError:
        assert verifier.misfit(given_answer, count, complete=complete)
    else:
        impossible = complete and not protocol.is_full(answer, Asked("main", count))
        found = verifier.misfit(protocol.written(answer), count, complete=complete)
        assert bool(found) == impossible


@settings(max_examples=300)
@given(ASKED, st.sets(st.integers(1, 5)))
def test_the_verifier_gives_the_rows_that_the_application_gives(asked, out):
    protocol, count, given_answer = asked
    verifier = protocol_of({"protocol": protocol.model_dump()})
    shown = {slot: team for slot, team in enumerate(TEAMS[:count], start=1) if slot not in out}
    letters = {slot: "ABCDE"[slot - 1] for slot in shown}
    assert (verifier.table, verifier.columns) == (protocol.table, tuple(protocol.columns))
    assert verifier.scale == getattr(protocol, "scale", None)
    try:
        answer = protocol.read(given_answer)
        protocol.check(answer, Asked("main", count))
    except InvalidBallotError:
        return
    written = protocol.written(answer)
    for slot in shown:
        said = protocol.said_of(answer, slot)
        assert verifier.said_of(written, slot) == ("" if said is None else str(said))
    if protocol.is_full(answer, Asked("main", count)):
        ours = [
            {name: "" if value is None else str(value) for name, value in row.items()}
            for row in protocol.rows(answer, shown)
        ]
        assert verifier.rows(written, shown) == ours
        if protocol.table != "pairs" or len(shown) == 2:
            assert verifier.said_in_letters(written, letters) == protocol.said_in_letters(answer, letters)
        assert verifier.wants_reasons(written) == protocol.wants_reasons(answer)


def test_picks_behind_a_team_that_is_out_move_up_and_without_a_pick_there_is_no_ballot():
    answer = TopK().read({"picks": [2, 3, 1]})
    rows = TopK().rows(answer, {1: "a", 3: "c", 4: "d"})
    assert [(row["team"], row["rank"]) for row in rows] == [("a", 2), ("c", 1), ("d", None)]
    assert TopK().rows(answer, {4: "d"}) == []


def test_who_is_equally_good_shares_a_rank_and_those_behind_a_team_that_is_out_move_up():
    answer = Ranking().read({"groups": [[3], [1, 4], [2]]})
    whole = Ranking().rows(answer, {1: "a", 2: "b", 3: "c", 4: "d"})
    assert [(row["team"], row["rank"]) for row in whole] == [("a", 2), ("b", 4), ("c", 1), ("d", 2)]
    without = Ranking().rows(answer, {1: "a", 2: "b", 4: "d"})
    assert [(row["team"], row["rank"]) for row in without] == [("a", 1), ("b", 3), ("d", 1)]


def study(tmp_path: Path, protocol: str) -> Path:
    path = tmp_path / "study.yaml"
    teams = "".join(f"  - {{id: team0{number}, name: Team {number}}}\n" for number in (1, 2, 3))
    path.write_text(f"title: T\n{protocol}\nteams:\n{teams}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("protocol", "words", "line"),
    [
        (
            "protocol: {kind: best_k}",
            "there is no protocol 'best_k'; choose from top_k, ranking, pairwise",
            2,
        ),
        ("protocol: {kind: pair-wise}", "there is no protocol 'pair-wise'; did you mean 'pairwise'?", 2),
        ("protocol: 3", "protocol: must have keys of its own", 2),
        ("protocol:\n  kind: top_k\n  plaecs: 2", "unknown key 'protocol.plaecs': did you mean 'places'?", 4),
        ("protocol:\n  places: 2", "protocol: 3 points for 2 places", 2),
        ("protocol:\n  places: 12", "protocol.places: must be 9 or less", 3),
        ("protocol: {points: [1, 2, 3]}", "points [1.0, 2.0, 3.0] must decrease", 2),
    ],
)
def test_what_is_wrong_with_a_protocol_is_said_at_its_line(tmp_path, protocol, words, line):
    with pytest.raises(ProblemsFoundError) as raised:
        load_study_file(study(tmp_path, protocol))
    (problem,) = raised.value.problems
    assert words in f"{problem.what}: {problem.remedy}"
    assert problem.line == line


def test_a_study_that_names_no_kind_picks_the_best(tmp_path):
    file = load_study_file(study(tmp_path, "protocol: {places: 1, points: [5]}"))
    assert file.protocol == TopK(places=1, points=(5,))
    assert load_study_file(study(tmp_path, "")).protocol == TopK()
