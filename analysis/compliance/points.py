"""Points of the Recommendations, each met, deviated from or unknown; and what there is to report.

Recommendations are paraphrased, and clauses are numbered only where their numbers are known for the edition
named. What a study cannot know, the organisers may state; a point that rests on that says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.amounts import how_many
from analysis.compliance.facts import Facts
from analysis.compliance.stated import FEWEST

Status = Literal["met", "deviates", "unknown"]
BY_ORGANISERS = "stated by the organisers, not measured"
HALF_AN_HOUR = 30


@dataclass(frozen=True)
class Point:
    """One point of a Recommendation, and whether the study meets it.

    Attributes
    ----------
    what
        What the Recommendation asks for.
    status
        Whether that is so.
    how
        What the study did, how it deviates, or what the organisers would have to state.
    """

    what: str
    status: Status
    how: str


@dataclass(frozen=True)
class Item:
    """One thing to report; `source` says where it comes from: recorded, stated, or unknown."""

    about: str
    value: str
    source: str


def is_informal(facts: Facts) -> bool:
    """Whether too few judges took part for a formal test."""
    return len(facts.judges) < FEWEST


def size_note(facts: Facts) -> str:
    """Call the test informal where it is."""
    count = how_many(len(facts.judges), "observers")
    if is_informal(facts):
        return f"an informal test: {count}, fewer than {FEWEST} (ITU-R BT.500-15, ITU-T P.910)"
    return f"{count}; {FEWEST} or more are not called informal (ITU-R BT.500-15, ITU-T P.910)"


def reported(facts: Facts) -> list[Item]:
    """What ITU-T P.910 clause 14 requires to be reported about a test, as far as known."""
    rules, protocol = facts.rules, facts.rules["protocol"]
    least, median, most = facts.each
    recorded = [
        ("Test design: method", _asked(facts)),
        ("Test design: scale or answer", _scale(facts)),
        ("Test design: stimuli", f"{facts.images} still images, {facts.teams} candidates of each"),
        ("Test design: presentation", f"{_presented(facts)}; for as long as the judge wants, with zoom"),
        (
            "Test design: order",
            "a random order for each judge, from a key committed to before the first answer",
        ),
        ("Test design: training", _training(facts)),
        ("Test design: hidden trials", _hidden(facts)),
        ("Test design: score", f"{rules['rule']['name'] or 'a custom rule'} (rule.json of the export)"),
        ("Subjects: number", f"{len(facts.judges)} of {facts.invited} invited; {size_note(facts)}"),
        ("Subjects: not counted", _not_counted(facts)),
        ("Subjects: conflicts of interest", f"{how_many(facts.conflicts, 'judges')} not shown a team"),
        ("Environment: screens", "; ".join(facts.screens)),
        ("Test: when", f"{facts.opened} to {facts.closed or 'not closed'}"),
        ("Test: longest work without a rest", _longest(facts)),
        ("Data: answers", f"{facts.answers}; {least} to {most} (median {median:g}) about each candidate"),
        ("Data: intervals", "95 %, judges and images resampled together (docs/statistics.md)"),
        ("Data: screening of subjects", _screening(facts)),
        ("Data: amendments after invitation", _listed(facts.amended)),
    ]
    items = [Item(about, value, "recorded" if value else "unknown") for about, value in recorded]
    if rules.get("simulated"):
        items.insert(
            0, Item("Simulated", "no person gave the answers; nothing below describes people", "recorded")
        )
    if protocol.get("kind") == "pairwise":
        items.append(Item("Test design: pairs", f"{protocol['design']} design", "recorded"))
    for key, about in (
        ("place", "Environment: place"),
        ("viewing_distance", "Environment: viewing distance"),
        ("room_illumination", "Environment: illumination"),
        ("displays", "Environment: displays"),
        ("display_calibration", "Environment: calibration of displays"),
        ("observers", "Subjects: age, sex, recruitment"),
        ("expertise", "Subjects: expertise"),
        ("involvement", "Subjects: part in developing the methods"),
        ("acuity_test", "Subjects: visual acuity"),
        ("colour_vision_test", "Subjects: colour vision"),
    ):
        value = facts.stated.get(key)
        said = "no" if value is False else str(value or "")
        source = BY_ORGANISERS if key in facts.stated else f"unknown; state `{key}`"
        items.append(Item(about, said, source))
    return items


def declarations(facts: Facts) -> Mapping[str, list[Point]]:
    """Every Recommendation, and the study point by point."""
    return {name: [*_people(facts), *make(facts)] for name, make in STANDARDS.items()}


def counts(points: list[Point]) -> str:
    """How many points are met; never a single word for all of them."""
    found = {
        status: sum(point.status == status for point in points) for status in ("met", "deviates", "unknown")
    }
    met = how_many(found["met"], "points")
    return f"{met} met, {found['deviates'] or 'none'} deviating, {found['unknown'] or 'none'} unknown"


def _p910(facts: Facts) -> list[Point]:
    methods = {
        "acr": Point("a method of the Recommendation", "met", "absolute category rating (8.1), five words"),
        "dcr": Point(
            "a method of the Recommendation", "met", "degradation category rating (8.2), five words"
        ),
        "acr_hr": Point(
            "a method of the Recommendation", "met", "absolute category rating (8.1) with a hidden reference"
        ),
        "pairwise": Point(
            "a method of the Recommendation",
            "deviates",
            "pairs without degrees; comparison category rating (8.3) asks how much better one is",
        ),
    }
    return [
        methods.get(facts.kind, Point("a method of the Recommendation", "deviates", _no_method(facts))),
        _observers(facts, FEWEST),
        _untimed(),
        *_eyes(facts),
        *_room(facts),
        _trained(facts),
        _ordered(),
        _described(facts),
        _with_intervals(facts),
        Point("everything is reported that clause 14 requires", *_all_reported(facts)),
    ]


def _p913(facts: Facts) -> list[Point]:
    methods = {
        "acr": Point("a method of the Recommendation", "met", "absolute category rating (7.1.1)"),
        "acr_hr": Point("a method of the Recommendation", "met", "ACR with hidden reference (7.2.2)"),
        "dcr": Point("a method of the Recommendation", "met", "degradation category rating (7.1.2)"),
        "pairwise": Point("a method of the Recommendation", "met", "pair comparison (7.1.3)"),
    }
    return [
        Point(
            "a Recommendation in force",
            "deviates",
            "P.913 was merged into P.910 and discontinued; listed for readers who know it",
        ),
        methods.get(facts.kind, Point("a method of the Recommendation", "deviates", _no_method(facts))),
        Point("video, audio or both", "deviates", "still images"),
        _observers_by_place(facts),
        *_eyes(facts),
        *_room(facts),
        _trained(facts),
        _ordered(),
        _described(facts),
        _with_intervals(facts),
    ]


def _bt500(facts: Facts) -> list[Point]:
    methods = {
        "acr": "a single stimulus rated by five words, as in its adjectival categorical methods",
        "acr_hr": "a single stimulus rated by five words, as in its adjectival categorical methods",
        "dcr": "an impairment scale of five words beside the reference, as in double-stimulus impairment",
        "pairwise": "pairs, as in its stimulus-comparison methods",
    }
    method = methods.get(facts.kind)
    return [
        Point(
            "a method of the Recommendation",
            "unknown" if method else "deviates",
            f"{method}; the organisers have to decide whether presentation and scale are those of the method"
            if method
            else _no_method(facts),
        ),
        Point("television pictures", "deviates", "still images on the judges' screens"),
        _observers(facts, FEWEST),
        _independent(facts),
        *_eyes(facts),
        *_room(facts),
        _untimed(),
        _trained(facts),
        Point(
            "opening presentations that stabilise opinions and do not count",
            "met" if facts.stabilising else "deviates",
            how_many(facts.stabilising, "trials") + " of each judge" if facts.stabilising else "none",
        ),
        _ordered(),
        _half_an_hour(facts),
        Point(
            "screening of observers by the Recommendation's own procedure",
            "met" if facts.kind in ("acr", "acr_hr", "dcr", "slider") else "deviates",
            "computed for each judge, as a proposal, in the report"
            if facts.kind in ("acr", "acr_hr", "dcr", "slider")
            else "it is made for ratings; other rules are used for these answers (docs/statistics.md)",
        ),
        _described(facts),
        _with_intervals(facts),
    ]


def _bt2095(facts: Facts) -> list[Point]:
    expertise = facts.stated.get("expertise")
    status: dict[object, Status] = {"experts": "met", "non-experts": "deviates", "both": "deviates"}
    how = f"{expertise}, {BY_ORGANISERS}" if expertise else "state `expertise`"
    return [
        Point("observers are experts", status.get(expertise, "unknown"), how),
        Point(
            "enough experts",
            "unknown",
            f"{how_many(len(facts.judges), 'judges')}; compare with the edition that you cite",
        ),
        Point("video", "deviates", "still images"),
        Point(
            "the protocol's own presentation and grading scale",
            "deviates",
            f"judges were asked something else: {_asked(facts)}",
        ),
        *_room(facts),
        _with_intervals(facts),
    ]


def _aic3(facts: Facts) -> list[Point]:
    return [
        Point(
            "triplets: which of two pictures differs more from the source",
            "deviates",
            f"judges were asked something else: {_asked(facts)}",
        ),
        Point(
            "boosted triplets: artefacts amplified, zoomed and flickering, beside plain ones",
            "deviates",
            "unchanged images; judges can zoom and blink, but nothing is amplified",
        ),
        Point("distortions of image coding", "deviates", "results of image restoration"),
        Point(
            "quality in units of just noticeable differences",
            "deviates",
            "the report gives Thurstone's case V in just objectionable differences, another unit"
            if facts.kind == "pairwise"
            else f"scores are those of {facts.rules['rule']['name'] or 'the rule'}",
        ),
        Point(
            "quality from good to mathematically lossless",
            "unknown",
            "no score says how far the candidates are from the source; the organisers would have to",
        ),
    ]


STANDARDS: Mapping[str, Callable[[Facts], list[Point]]] = {
    "ITU-T P.910 (10/2023)": _p910,
    "ITU-T P.913 (06/2021)": _p913,
    "ITU-R BT.500-15 (05/2023)": _bt500,
    "ITU-R BT.2095-1 (06/2017), expert viewing": _bt2095,
    "ISO/IEC 29170-3:2026 (JPEG AIC-3)": _aic3,
}
"""Each Recommendation in the edition that the points are of."""


def _observers(facts: Facts, fewest: int) -> Point:
    count = how_many(len(facts.judges), "observers")
    enough = len(facts.judges) >= fewest
    return Point(
        f"{fewest} observers or more; else the test is called informal",
        "met" if enough else "deviates",
        f"{count} count" if enough else f"{count} count: this is an informal test",
    )


def _observers_by_place(facts: Facts) -> Point:
    """P.913: 24 in a controlled environment, 35 in a public one."""
    place, number = facts.stated.get("place"), len(facts.judges)
    fewest = {"controlled": 24, "own": 35, "public": 35}.get(str(place))
    what = "24 observers in a controlled environment, 35 in a public one; fewer for a pilot study"
    where = f"place: {place}, {BY_ORGANISERS}" if fewest else "state `place`"
    if fewest is None and 24 <= number < 35:
        return Point(what, "unknown", f"{number} count; {where}")
    status = "met" if number >= (fewest or 24) else "deviates"
    return Point(what, status, f"{number} count" + (f"; {where}" if fewest else ""))


def _independent(facts: Facts) -> Point:
    what = "observers were not involved in developing what is assessed"
    part = facts.stated.get("involvement")
    kept = (
        f"; {how_many(facts.conflicts, 'judges')} never shown a team of their own" if facts.conflicts else ""
    )
    if part is None:
        return Point(what, "unknown", f"state `involvement`{kept}")
    if part is False:
        return Point(what, "met", f"nobody was, {BY_ORGANISERS}{kept}")
    return Point(what, "deviates", f"{part}, {BY_ORGANISERS}{kept}")


def _eyes(facts: Facts) -> list[Point]:
    return [
        _done(facts, "acuity_test", "observers are tested for normal visual acuity"),
        _done(facts, "colour_vision_test", "observers are tested for normal colour vision"),
    ]


def _done(facts: Facts, key: str, what: str) -> Point:
    value = facts.stated.get(key)
    if value is None:
        return Point(what, "unknown", f"state `{key}`")
    if value is False:
        return Point(what, "deviates", f"not done, {BY_ORGANISERS}")
    return Point(what, "met", f"{value}; {BY_ORGANISERS}")


def _room(facts: Facts) -> list[Point]:
    """Viewing conditions: whether what is stated lies within limits is not decided here."""
    found = []
    for key, what in (
        ("viewing_distance", "viewing distance within the Recommendation's limits"),
        ("room_illumination", "illumination of the room within the Recommendation's limits"),
        ("display_calibration", "displays are adjusted or calibrated"),
    ):
        value = facts.stated.get(key)
        if value is False:
            found.append(Point(what, "deviates", f"not done, {BY_ORGANISERS}"))
        elif value is None:
            found.append(Point(what, "unknown", f"state `{key}`"))
        elif key == "display_calibration":
            found.append(Point(what, "met", f"{value}; {BY_ORGANISERS}"))
        else:
            found.append(Point(what, "unknown", f"{value}, {BY_ORGANISERS}; compare with the limits"))
    return found


def _people(facts: Facts) -> list[Point]:
    """Where no person answered, nothing else that is met means much."""
    simulated = facts.rules.get("simulated")
    return [Point("people judged", "deviates", "the answers are simulated")] if simulated else []


def _untimed() -> Point:
    return Point(
        "presentations of a set duration",
        "deviates",
        "images remain for as long as the judge wants, and can be zoomed and compared",
    )


def _trained(facts: Facts) -> Point:
    what = "observers are trained on images that do not count"
    all_trained = facts.practised == len(facts.judges)
    return Point(what, "met" if all_trained else "deviates", _training(facts))


def _ordered() -> Point:
    return Point(
        "presentations in a random order, another for each observer",
        "met",
        "drawn from a key committed to before the first answer; `verify` recomputes it",
    )


def _half_an_hour(facts: Facts) -> Point:
    what = "a session lasts up to half an hour"
    if not facts.minutes:
        return Point(what, "unknown", "the export has no times of answers")
    over = sum(minutes > HALF_AN_HOUR for minutes in facts.minutes)
    return Point(what, "deviates" if over else "met", _longest(facts))


def _described(facts: Facts) -> Point:
    return Point("who was rejected, and why, is reported", "met", _not_counted(facts))


def _with_intervals(facts: Facts) -> Point:
    what = "scores are given with 95 % confidence intervals"
    if min(len(facts.judges), facts.images) < 2:
        return Point(what, "deviates", "one judge, or one image, says nothing about others")
    return Point(what, "met", "for every team, judges and images resampled together")


def _all_reported(facts: Facts) -> tuple[Status, str]:
    lacking = [item.about for item in reported(facts) if item.source.startswith("unknown")]
    if not lacking:
        return "met", f"the list above; what is not recorded is {BY_ORGANISERS}"
    return "unknown", f"unknown: {', '.join(lacking)}"


def _asked(facts: Facts) -> str:
    protocol = facts.rules["protocol"]
    words = {
        "top_k": f"the best {protocol.get('places', 3)} of all candidates of an image, in order",
        "ranking": "all candidates of an image put in order",
        "pairwise": "which of two candidates of an image is better",
        "acr": "absolute category rating, one candidate at a time",
        "acr_hr": "absolute category rating with a hidden reference, one candidate at a time",
        "dcr": "degradation category rating, one candidate at a time beside its reference",
        "slider": "all candidates of an image at once, each on a slider",
    }
    return words.get(facts.kind, facts.kind)


def _no_method(facts: Facts) -> str:
    nearest = "; SAMVIQ and MUSHRA are akin" if facts.kind == "slider" else ""
    return f"{_asked(facts)}, which is none of its methods{nearest}"


def _scale(facts: Facts) -> str:
    protocol = facts.rules["protocol"]
    if facts.kind == "top_k":
        return f"places worth {', '.join(f'{value:g}' for value in protocol['points'])} points"
    answers = ["left", "right"]
    answers += ["no difference"] if protocol.get("ties") else []
    answers += ["both are bad"] if protocol.get("both_bad") else []
    scales = {
        "ranking": "places, equal ones shared" if protocol.get("ties") else "places",
        "pairwise": ", ".join(answers),
        "acr": "Excellent, Good, Fair, Poor, Bad (5 to 1)",
        "acr_hr": "Excellent, Good, Fair, Poor, Bad (5 to 1)",
        "dcr": "Imperceptible to Very annoying (5 to 1)",
        "slider": "0 to 100, with words",
    }
    return scales.get(facts.kind, "")


def _presented(facts: Facts) -> str:
    if facts.kind in ("acr", "acr_hr", "dcr"):
        return "one candidate at a time"
    if facts.kind == "pairwise":
        return "two candidates side by side"
    return "all candidates of an image at once, anonymous"


def _training(facts: Facts) -> str:
    if not facts.practice:
        return "no practice trial"
    return (
        f"a practice trial that does not count, answered by {facts.practised} of {len(facts.judges)} judges"
    )


def _hidden(facts: Facts) -> str:
    found = [f"{how_many(count, 'images')} of {kind}" for kind, count in facts.checks.items()]
    found += [f"{facts.identical} per judge with two identical images"] if facts.identical else []
    found += [f"{how_many(facts.stabilising, 'first trials')} that do not count"] if facts.stabilising else []
    repeats = [f"{how_many(facts.repeated, 'repeats')} answered"] if facts.repeated else []
    return "; ".join(found + repeats) or "none"


def _not_counted(facts: Facts) -> str:
    found = [f"{judge}: {reason}" for judge, reason in facts.withdrawn]
    absent = facts.invited - len(facts.judges) - len(facts.withdrawn)
    found += [f"{how_many(absent, 'judges')} without an answer that counts"] if absent > 0 else []
    found += [f"{how_many(facts.test_judges, 'test judges')}"] if facts.test_judges else []
    found += [f"{team} disqualified: {reason}" for team, reason in facts.disqualified]
    return "; ".join(found) or "nobody was rejected"


def _screening(facts: Facts) -> str:
    out = how_many(len(facts.withdrawn), "judges")
    return f"rules propose, the organisers decide (report): {out} taken out"


def _longest(facts: Facts) -> str:
    if not facts.minutes:
        return ""
    over = sum(minutes > HALF_AN_HOUR for minutes in facts.minutes)
    return (
        f"{max(facts.minutes):.0f} minutes; {over} of {len(facts.minutes)} judges more than {HALF_AN_HOUR} "
        "(a rest is five minutes without an answer)"
    )


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{what}: {reason}" for what, reason in pairs) or "none"
