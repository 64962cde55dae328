"""Judging where candidates show the scene: shifted, scaled, rotated, turned, or another scene altogether."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.evidence import Evidence, Seen
from analysis.preflight.finding import Finding, which
from analysis.preflight.orientation import correlation

# Pixels of a candidate, for one as large as its input; for larger ones see `_allowed`.
_SHIFTED, _SHIFTED_ALONE = 0.3, 1.0
_MOVED_CORNER, _MOVED_CORNER_ALONE = 0.75, 2.5
_ALIKE = 0.6  # of a team's images must agree before a small shift is believed
_FEW = 3  # with fewer images, or teams, no majority can be told from chance
_CLEAR_ALONE = 8.0
_SAME_SCENE = 0.9

_BLINK = "judges would see it jump when they blink; ask the team to align its results with the inputs"
_JUMP = (
    "judges would see it jump when they blink; ask the team for results that cover exactly the input's area"
)


def judge_places(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with where teams show the scenes."""
    strange = _strangers(evidence)
    turned = _turned(evidence)
    yield from _tell_turned(evidence, turned)
    yield from _tell_strangers(evidence, {key: value for key, value in strange.items() if key not in turned})
    apart = set(strange) | set(turned)
    placed = {
        team: {
            image: one for image, one in seen.items() if one.placement.clear and (team, image) not in apart
        }
        for team, seen in evidence.seen.items()
    }
    yield from _tell_shifts(evidence, placed)
    yield from _tell_scales(evidence, placed)


def _tell_shifts(evidence: Evidence, placed: Mapping[str, Mapping[str, Seen]]) -> Iterator[Finding]:
    moves = {
        team: {image: np.array([one.placement.dx, one.placement.dy]) for image, one in seen.items()}
        for team, seen in placed.items()
    }
    common, odd = _common(moves, evidence, _SHIFTED)
    if odd:
        middle = np.median([common[image] for image in odd], axis=0)
        what = f"the candidates of all teams are shifted by {_pair(middle)} pixels"
        what += f" against the input in {which(odd, len(evidence.nearness))}"
        remedy = "the inputs may have been reduced or cropped with an offset; judges would see them jump"
        yield Finding("shift", None, tuple(odd), what, remedy)
    for team, own in moves.items():
        found = {image: move - common.get(image, 0) for image, move in own.items()}
        images = _differing(found, evidence.seen[team], _SHIFTED, _SHIFTED_ALONE)
        if images:
            yield _shift(team, {image: found[image] for image in images}, len(evidence.seen[team]))


def _shift(team: str, moves: Mapping[str, NDArray], total: int) -> Finding:
    values = np.stack(list(moves.values()))
    middle = np.median(values, axis=0)
    alike = np.all(np.abs(values - middle) <= 1)
    images = which(moves, total)
    shift = f"by {_pair(middle)}" if alike else f"by up to {_pair(values[np.argmax(np.hypot(*values.T))])}"
    what = f"shifted {shift} pixels against the input in {images}"
    return Finding("shift", team, tuple(sorted(moves)), what, _BLINK)


def _pair(move: NDArray) -> str:
    dx, dy = (round(float(value), 1) + 0.0 for value in move)
    return f"({dx:g}, {dy:g})"


def _tell_scales(evidence: Evidence, placed: Mapping[str, Mapping[str, Seen]]) -> Iterator[Finding]:
    """Enlargement and rotation, each as the pixels by which it moves the corners."""
    for kind in ("scale", "rotation"):
        moves: dict[str, dict[str, NDArray]] = {}
        for team, seen in placed.items():
            known = {
                image: one.placement for image, one in seen.items() if one.placement.enlarged is not None
            }
            moves[team] = {image: np.array([_corner(one, kind), 0.0]) for image, one in known.items()}
        common, odd = _common(moves, evidence, _MOVED_CORNER)
        if odd:
            what = f"the candidates of all teams are {_measured(kind, odd, placed, None)} against the input"
            remedy = "the inputs may have been resized or cropped; judges would see them jump"
            yield Finding(kind, None, tuple(odd), f"{what} in {which(odd, len(evidence.nearness))}", remedy)
        for team, own in moves.items():
            found = {image: move - common.get(image, 0) for image, move in own.items()}
            images = _differing(found, evidence.seen[team], _MOVED_CORNER, _MOVED_CORNER_ALONE)
            if images:
                corner = np.median([abs(found[image][0]) for image in images])
                what = f"{_measured(kind, images, placed, team)} against the input"
                what += f" ({corner:.1f} pixels at the corners) in {which(images, len(evidence.seen[team]))}"
                yield Finding(kind, team, tuple(sorted(images)), what, _JUMP)


def _corner(placement, kind: str) -> float:
    angle = np.radians(placement.turned)
    part = placement.enlarged if kind == "scale" else angle
    whole = float(np.hypot(placement.enlarged, angle))
    return placement.corner * part / whole if whole else 0.0


def _measured(
    kind: str, images: Sequence[str], placed: Mapping[str, Mapping[str, Seen]], team: str | None
) -> str:
    teams = placed if team is None else [team]
    seen = [placed[name][image].placement for name in teams for image in images if image in placed[name]]
    if kind == "scale":
        return f"scaled by {1 + np.median([one.enlarged for one in seen if one.enlarged is not None]):.4f}"
    return f"rotated by {np.median([one.turned for one in seen if one.turned is not None]):.2f} degrees"


def _common(
    moves: Mapping[str, Mapping[str, NDArray]], evidence: Evidence, least: float
) -> tuple[dict[str, NDArray], list[str]]:
    """Return what the candidates of each image have in common, if more than `least`, and those images.

    With fewer than three teams nothing is: either could be right.
    """
    found: dict[str, NDArray] = {}
    for image in evidence.nearness:
        known = [own[image] for own in moves.values() if image in own]
        if len(known) < _FEW:
            continue
        middle = np.median(np.stack(known), axis=0)
        scale = next(seen[image].scale for seen in evidence.seen.values() if image in seen)
        alike = np.mean([np.hypot(*(move - middle)) <= _allowed(least, scale) for move in known])
        if np.hypot(*middle) > _allowed(least, scale) and alike > 0.5:
            found[image] = middle
    return found, sorted(found) if len(found) > len(evidence.nearness) / 2 or len(found) >= _FEW else []


def _differing(
    moves: Mapping[str, NDArray], seen: Mapping[str, Seen], least: float, alone: float
) -> list[str]:
    """Return the images that are moved: all that share a small move, or those moved by much."""
    if not moves:
        return []
    values = np.stack(list(moves.values()))
    middle = np.median(values, axis=0)
    scale = max(seen[image].scale for image in moves)
    allowed = _allowed(least, scale)
    near = np.hypot(*(values - middle).T) <= max(allowed, 0.25 * np.hypot(*middle))
    if len(moves) >= _FEW and np.hypot(*middle) > allowed and near.mean() >= _ALIKE:
        return [image for image, move in moves.items() if np.hypot(*move) > allowed]
    far = _allowed(alone, scale)
    return [
        image
        for image, move in moves.items()
        if np.hypot(*move) > far and seen[image].placement.peak >= _CLEAR_ALONE
    ]


def _allowed(pixels: float, scale: int) -> float:
    """A candidate enlarged from a small input is placed to a part of the input's pixels, no better."""
    return pixels * max(1.0, scale / 2)


def _far(seen: Seen) -> bool:
    """Whether a candidate looks unlike its input because it is moved, by as much as was measured."""
    place = seen.placement
    moved = np.hypot(place.dx, place.dy) > _SHIFTED_ALONE or place.corner > _MOVED_CORNER_ALONE
    return min(place.peak, seen.likeness.peak) >= _CLEAR_ALONE and bool(moved)


def _turned(evidence: Evidence) -> dict[tuple[str, str], str]:
    return {
        (team, image): one.likeness.turned
        for team, seen in evidence.seen.items()
        for image, one in seen.items()
        if one.likeness.turned is not None
    }


def _tell_turned(evidence: Evidence, turned: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    odd, groups = _by_team(evidence, turned)
    for way, images in odd.items():
        what = f"{way} against the candidates of all teams in {which(images, len(evidence.nearness))}"
        yield Finding("turned", None, tuple(images), what, "check the orientation of the inputs")
    for (team, way), images in groups.items():
        what = f"{way} against the input in {which(images, len(evidence.seen[team]))}"
        remedy = "ask the team to save the pixels the way round the inputs have them"
        yield Finding("turned", team, tuple(images), what, remedy)


def _strangers(evidence: Evidence) -> dict[tuple[str, str], str]:
    """Return the candidates that do not show their image, and what they show as far as is known."""
    found = {}
    for team, seen in evidence.seen.items():
        for image, one in seen.items():
            if not one.likeness.unlike:
                continue
            icon = evidence.candidate_icons[team, image]
            likely = {
                name: correlation(icon, other) for name, other in evidence.icons.items() if name != image
            }
            best = max(likely, key=likely.__getitem__, default=None)
            if best is not None and likely[best] >= _SAME_SCENE:
                found[team, image] = f"{image} shows {best}"
            elif not _far(one):
                same = one.placement.clear and one.likeness.peak >= _CLEAR_ALONE
                found[team, image] = "misplaced" if same else ""
    return found


def _tell_strangers(evidence: Evidence, strange: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
    odd, groups = _by_team(
        evidence, {key: "misplaced" if value == "misplaced" else "scene" for key, value in strange.items()}
    )
    for kind, images in odd.items():
        what = f"looks unlike the candidates of all teams in {which(images, len(evidence.nearness))}"
        yield Finding(kind, None, tuple(images), what, "check that the inputs have the right names")
    for (team, kind), images in groups.items():
        total = len(evidence.seen[team])
        least = min(evidence.seen[team][image].likeness.correlation for image in images)
        if kind == "misplaced":
            what = f"shifted, scaled or rotated by more than can be measured in {which(images, total)}"
            yield Finding(
                kind, team, tuple(images), f"{what} (correlation with the input {least:.2f})", _JUMP
            )
            continue
        told = [strange[team, image] for image in images if strange[team, image]]
        shown = f"; {', '.join(told[:5])}" if told else ""
        what = f"shows another scene than the input in {which(images, total)}"
        what += f" (correlation with the input {least:.2f}{shown})"
        yield Finding(kind, team, tuple(images), what, "ask the team whether files were mixed up or renamed")


def _by_team(
    evidence: Evidence, marked: Mapping[tuple[str, str], str]
) -> tuple[dict[str, list[str]], dict[tuple[str, str], list[str]]]:
    """Return what most candidates of an image share (then the input is odd), and the rest by team."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, image), value in marked.items():
        votes[image][value] += 1
    teams = Counter(image for seen in evidence.seen.values() for image in seen)
    shared = {
        (image, value)
        for image, counts in votes.items()
        for value, count in counts.items()
        if teams[image] >= _FEW and 2 * count > teams[image]
    }
    odd: dict[str, list[str]] = defaultdict(list)
    for image, value in sorted(shared):
        odd[value].append(image)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (team, image), value in sorted(marked.items()):
        if (image, value) not in shared:
            groups[team, value].append(image)
    return odd, groups
