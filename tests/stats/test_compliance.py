"""What a study may say of the Recommendations: every point with its reason, and never more than is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.compliance.facts import Facts
from analysis.compliance.points import BY_ORGANISERS, counts, declarations, is_informal, reported, size_note
from analysis.compliance.stated import STATED, check_stated, read_stated
from analysis.compliance.written import compliance, compliance_markdown
from analysis.errors import AnalysisError
from analysis.output import render

P910, P913, BT500, BT2095, AIC3 = (
    "ITU-T P.910 (10/2023)",
    "ITU-T P.913 (06/2021)",
    "ITU-R BT.500-15 (05/2023)",
    "ITU-R BT.2095-1 (06/2017), expert viewing",
    "ISO/IEC 29170-3:2026 (JPEG AIC-3)",
)
RULE = {"name": "mos", "rules": {}, "points": [1], "awards": []}
LAB = {
    "place": "controlled",
    "viewing_distance": "3 screen heights",
    "room_illumination": "20 lux",
    "displays": "one 27 inch screen of 3840 x 2160",
    "display_calibration": "D65, 120 cd/m2",
    "acuity_test": "Snellen chart",
    "colour_vision_test": "Ishihara plates",
    "observers": "students, 19 to 28 years, half of them women, paid",
    "expertise": "non-experts",
    "involvement": False,
}


def facts(judges: int = 24, *, kind: str = "acr", **changes) -> Facts:
    """A study that went well, of which nothing is stated."""
    usual = Facts(
        rules={"title": "Spring", "protocol": {"kind": kind}, "rule": RULE, "simulated": False},
        opened="2026-03-01T12:00:00.000Z",
        closed="2026-03-09T12:00:00.000Z",
        invited=judges,
        test_judges=1,
        judges=tuple(f"judge{number:02}" for number in range(1, judges + 1)),
        images=30,
        teams=8,
        answers=judges * 240,
        each=(judges, float(judges), judges),
        practice=True,
        practised=judges,
        checks={"repeats": 2},
        identical=0,
        stabilising=3,
        repeated=2 * judges,
        withdrawn=(),
        disqualified=(),
        amended=(),
        conflicts=0,
        minutes=(22.0,) * judges,
        screens=(f"{judges} of {judges} judges' browsers described the screen",),
        stated={},
    )
    return replace(usual, **changes)


def point(found: Facts, standard: str, begin: str) -> tuple[str, str]:
    (one,) = [each for each in declarations(found)[standard] if each.what.startswith(begin)]
    return one.status, one.how


@pytest.mark.parametrize(("judges", "informal"), [(1, True), (14, True), (15, False), (24, False)])
def test_below_15_observers_the_word_is_informal(judges, informal):
    found = facts(judges)
    assert is_informal(found) is informal
    assert ("an informal test" in size_note(found)) is informal
    for standard in (P910, BT500):
        assert point(found, standard, "15 observers")[0] == ("deviates" if informal else "met")
    assert ("This is an informal test" in compliance_markdown(found)) is informal


def test_what_nobody_stated_is_unknown_and_the_key_is_named():
    found = facts()
    for begin, key in (
        ("observers are tested for normal visual acuity", "acuity_test"),
        ("observers are tested for normal colour vision", "colour_vision_test"),
        ("viewing distance", "viewing_distance"),
        ("illumination", "room_illumination"),
        ("displays", "display_calibration"),
    ):
        assert point(found, BT500, begin) == ("unknown", f"state `{key}`")
    lacking = {item.source for item in reported(found) if item.source.startswith("unknown")}
    assert lacking == {f"unknown; state `{key}`" for key in STATED}
    assert point(found, P910, "everything is reported")[0] == "unknown"


def test_what_is_stated_is_said_to_be_and_limits_are_not_judged():
    found = facts(stated=LAB)
    assert point(found, BT500, "observers are tested for normal visual") == (
        "met",
        f"Snellen chart; {BY_ORGANISERS}",
    )
    assert point(found, BT500, "observers were not involved")[0] == "met"
    assert point(found, P913, "24 observers")[0] == "met"
    assert point(found, P910, "viewing distance") == (
        "unknown",
        f"3 screen heights, {BY_ORGANISERS}; compare with the limits",
    )
    assert point(found, P910, "everything is reported")[0] == "met"
    assert {item.source for item in reported(found)} == {"recorded", BY_ORGANISERS}


@pytest.mark.parametrize(
    ("changes", "standard", "begin", "status", "told"),
    [
        (
            {"stated": {"acuity_test": False}},
            P910,
            "observers are tested for normal visual",
            "deviates",
            "not done",
        ),
        ({"stated": {"expertise": "experts"}}, BT2095, "observers are experts", "met", BY_ORGANISERS),
        ({"stated": {"expertise": "both"}}, BT2095, "observers are experts", "deviates", "both"),
        ({"stated": {"involvement": "two judges"}}, BT500, "observers were not", "deviates", "two judges"),
        ({"stated": {"place": "own"}}, P913, "24 observers", "deviates", "24 count; place: own"),
        ({}, P913, "24 observers", "unknown", "state `place`"),
        ({"practised": 20}, P910, "observers are trained", "deviates", "20 of 24 judges"),
        ({"practice": False, "practised": 0}, P910, "observers are trained", "deviates", "no practice trial"),
        ({"stabilising": 0}, BT500, "opening presentations", "deviates", "none"),
        ({"minutes": (10.0, 52.0)}, BT500, "a session lasts", "deviates", "52 minutes; 1 of 2 judges"),
        ({"minutes": ()}, BT500, "a session lasts", "unknown", "no times"),
        ({"images": 1}, P910, "scores are given", "deviates", "one image"),
        (
            {"withdrawn": (("judge09", "did not look"),)},
            P910,
            "who was rejected",
            "met",
            "judge09: did not look",
        ),
        ({"kind": "pairwise"}, P913, "a method", "met", "7.1.3"),
        ({"kind": "pairwise"}, P910, "a method", "deviates", "8.3"),
        ({"kind": "top_k"}, P910, "a method", "deviates", "none of its methods"),
        ({"kind": "top_k"}, BT500, "screening of observers", "deviates", "made for ratings"),
        ({"kind": "dcr"}, P910, "a method", "met", "8.2"),
        ({"kind": "pairwise"}, AIC3, "triplets", "deviates", "which of two candidates"),
    ],
)
def test_points(changes, standard, begin, status, told):
    kind = changes.pop("kind", "acr") if "kind" in changes else "acr"
    found = facts(kind=kind, **changes)
    protocol = {"kind": kind, "places": 3, "points": [3, 2, 1], "design": "complete"}
    found = replace(found, rules={**found.rules, "protocol": protocol})
    got = point(found, standard, begin)
    assert (got[0], told in got[1]) == (status, True), got


def test_simulated_answers_meet_nothing_of_people_first():
    found = facts()
    found = replace(found, rules={**found.rules, "simulated": True})
    for points in declarations(found).values():
        assert (points[0].what, points[0].status) == ("people judged", "deviates")
    assert reported(found)[0].about == "Simulated"


def test_nothing_is_ever_called_compliant_and_every_format_holds_every_point():
    found = facts(stated=LAB)
    output = compliance(found)
    for form in ("text", "markdown", "json", "csv", "latex"):
        assert "compliant" not in render(output, form).casefold()
    assert "compliant" not in compliance_markdown(found).casefold()
    for name, points in declarations(found).items():
        assert f"{name}: {counts(points)}" in output.notes
        assert all(each.what in compliance_markdown(found) and each.how for each in points)
    assert "p{0.4\\linewidth}" in render(output, "latex")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"acuity_tets": "x"}, "unknown key 'acuity_tets'; did you mean 'acuity_test'?"),
        ({"place": "home"}, "stated.place is 'home'; write controlled or own or public"),
        ({"viewing_distance": False}, "stated.viewing_distance is False; give one line of text"),
        ({"acuity_test": True}, "stated.acuity_test is True; give one line of text, or false if it was not"),
        ({"displays": " "}, "give one line of text"),
        ({"displays": "a\nb"}, "give one line of text"),
        ({"displays": "x" * 501}, "has 501 characters; 500 at most"),
        (["place"], "give keys such as viewing_distance"),
    ],
)
def test_what_states_nothing_is_refused(raw, message):
    with pytest.raises(AnalysisError) as raised:
        check_stated(raw)
    assert message in str(raised.value)


def test_a_file_of_statements_is_read_and_a_wrong_one_named(tmp_path):
    path = Path(tmp_path / "more.yaml")
    path.write_text("title: x\nstated: {place: own, acuity_test: false}\n")
    assert read_stated(path) == {"place": "own", "acuity_test": False}
    path.write_text("title: x\n")
    with pytest.raises(AnalysisError, match="no key `stated`"):
        read_stated(path)
    path.write_text("stated: [")
    with pytest.raises(AnalysisError, match="neither YAML nor JSON"):
        read_stated(path)
