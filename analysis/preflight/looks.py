"""Judging how candidates look apart from detail: brightness, colour, borders, and marks in all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from analysis.preflight.evidence import SMALL_VIEW, Evidence, Seen
from analysis.preflight.finding import Finding, which
from analysis.preflight.overlays import Mark
from analysis.preflight.sketch import PATCH
from analysis.preflight.tone import without_saturation

_FEW = 3
_OFFSET = 3.0  # levels of 255
_TASK = 5.0  # levels: where teams change the input's by more, that is the task
_STEADY = 1 / 3  # of the offset: how much it may differ between images
# How many times more than the other teams differ among themselves.
_TIMES_BRIGHTNESS, _TIMES_COLOUR = 4.0, 2.0
_TASTE = 0.3  # colours may be stronger or weaker by as much
_MOST = 0.8  # of a team's images
_EXCHANGED = -0.3  # of honest ones 0.2 and more
_STUDIO = {"narrower": (219 / 255, 16.0), "wider": (255 / 219, -16 * 255 / 219)}  # ITU-R BT.601
_GAIN, _LEVEL = 0.03, 4.0
_INTENDED = "judges may see it as better or worse for that alone; ask the team whether it is intended"

_PLACES = (
    "upper left",
    "upper",
    "upper right",
    "left",
    "middle",
    "right",
    "lower left",
    "lower",
    "lower right",
)


def judge_looks(evidence: Evidence) -> Iterator[Finding]:
    """Yield what sets the look of a team's candidates apart from the others."""
    yield from _brightness(evidence)
    yield from _colour(evidence)
    for team, seen in evidence.seen.items():
        yield from _channels(evidence, team, seen)
        yield from _levels(team, seen)
    borders = [*_borders(evidence)]
    yield from borders
    bordered = {one.team for one in borders if 2 * len(one.images) > len(evidence.seen[one.team or ""])}
    yield from _marks(evidence, bordered)


def _brightness(evidence: Evidence) -> Iterator[Finding]:
    """Compare grey values with the other teams'; where the task changes them, each does it in its own way."""
    offsets: dict[str, dict[str, float]] = defaultdict(dict)
    for image in evidence.nearness:
        known = {team: seen[image].tone.offset for team, seen in evidence.seen.items() if image in seen}
        if len(known) > _FEW and abs(float(np.median([*known.values()]))) <= _TASK:
            for team, own in known.items():
                offsets[team][image] = own
    apart = {team: _from_others(offsets, team) for team in offsets}
    for team, own in apart.items():
        rest = {name: one for name, one in offsets.items() if name != team}
        # How far the others are from each other, which is not for this team to decide.
        others = [np.abs(np.median([*_from_others(rest, name).values()])) for name in rest]
        if (told := _steady(own, _TIMES_BRIGHTNESS * float(np.median(others)))) is not None:
            (grey,), images = told
            word = "brighter" if grey > 0 else "darker"
            what = (
                f"{word} than the other teams by {abs(grey):.1f} of 255 levels in {which(images, len(own))}"
            )
            yield Finding("brightness", team, tuple(sorted(images)), what, _INTENDED)


def _from_others(offsets: Mapping[str, Mapping[str, float]], team: str) -> dict[str, NDArray]:
    return {
        image: own
        - np.median([[one[image]] for name, one in offsets.items() if name != team and image in one], axis=0)
        for image, own in offsets[team].items()
    }


def _colour(evidence: Evidence) -> Iterator[Finding]:
    """Yield casts: colours that differ from the other teams', apart from being stronger or weaker."""
    if not evidence.task:
        return
    usual = dict(zip(evidence.task, without_saturation([*evidence.task.values()], np.inf), strict=True))
    apart: dict[str, dict[str, NDArray]] = {}
    for team, seen in evidence.seen.items():
        casts = {
            image: one.cast
            for image, one in seen.items()
            if one.cast is not None and np.abs(usual[image]).max() <= _TASK
        }
        if casts:
            rest = without_saturation([*casts.values()], _TASTE)
            apart[team] = dict(zip(casts, rest, strict=True))
    sizes = {team: float(np.abs(np.median([*own.values()], axis=0)).max()) for team, own in apart.items()}
    for team, own in apart.items():
        others = float(np.median([size for name, size in sizes.items() if name != team]))
        if (told := _steady(own, _TIMES_COLOUR * others)) is not None:
            (red, green, blue), images = told
            channels = f"red {red:+.1f}, green {green:+.1f}, blue {blue:+.1f} of 255 levels"
            what = f"colours differ from the other teams ({channels}) in {which(images, len(own))}"
            yield Finding("colour", team, tuple(sorted(images)), what, _INTENDED)


def _steady(own: Mapping[str, NDArray], least: float) -> tuple[NDArray, list[str]] | None:
    """Return the middle of a team's differences and the images that have it, where it is large and steady."""
    values = np.stack([*own.values()])
    middle = np.median(values, axis=0)
    size = float(np.abs(middle).max())
    spread = float(np.median(np.abs(values - middle), axis=0).max())
    if len(own) < _FEW or size < max(_OFFSET, least) or spread > _STEADY * size:
        return None
    images = [image for image, one in own.items() if np.abs(one - middle).max() <= size / 2]
    return (middle, images) if len(images) >= _MOST * len(own) else None


def _channels(evidence: Evidence, team: str, seen: Mapping[str, Seen]) -> Iterator[Finding]:
    images = [
        image
        for image, one in seen.items()
        if one.tone.exchanged is not None and one.tone.exchanged < _EXCHANGED and not one.likeness.unlike
    ]
    known = sum(one.tone.exchanged is not None for one in seen.values())
    if images and 2 * len(images) > known:
        what = f"red and blue have changed places in {which(images, len(seen))}"
        yield Finding("channels", team, tuple(sorted(images)), what, "ask the team to save RGB, not BGR")


def _levels(team: str, seen: Mapping[str, Seen]) -> Iterator[Finding]:
    for name, (gain, offset) in _STUDIO.items():
        images = [
            image
            for image, one in seen.items()
            if one.levels is not None
            and abs(one.levels[0] - gain) <= _GAIN
            and abs(one.levels[1] - offset) <= _LEVEL
        ]
        if len(images) >= max(_FEW, _MOST * len(seen)):
            fitted = [seen[image].levels or (1.0, 0.0) for image in images]
            low, high = np.median([(add, 255 * times + add) for times, add in fitted], axis=0)
            what = f"the range of levels is {name}: 0 to 255 became {low:.0f} to {high:.0f}"
            remedy = "it looks like video levels (16 to 235) taken for full range; ask the team"
            yield Finding(
                "levels", team, tuple(sorted(images)), f"{what} in {which(images, len(seen))}", remedy
            )


def _borders(evidence: Evidence) -> Iterator[Finding]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for seen in evidence.seen.values():
        for image, one in seen.items():
            for frame in one.frames:
                counts[image, frame.side] += 1
    teams = {image: sum(image in seen for seen in evidence.seen.values()) for image in evidence.nearness}
    for team, seen in evidence.seen.items():
        widths: dict[str, int] = {}
        plain = False
        for image, one in seen.items():
            # A border that most candidates have belongs to the scene.
            own = [
                frame
                for frame in one.frames
                if teams[image] < _FEW or 2 * counts[image, frame.side] <= teams[image]
            ]
            if own:
                widths[image] = max(frame.width for frame in own)
                plain |= any(frame.plain for frame in own)
        if widths:
            kind = "a plain border" if plain else "a border that repeats the edge of the picture"
            most = max(widths.values())
            what = f"{kind}, up to {most} pixel{'s' * (most != 1)} wide, in {which(widths, len(seen))}"
            remedy = "ask the team for results without padding"
            yield Finding("border", team, tuple(sorted(widths)), what, remedy)


def _marks(evidence: Evidence, bordered: Collection[str | None]) -> Iterator[Finding]:
    """Leave out teams with borders, which are marks that could hide those of other teams."""
    found = {
        team: marks.found(evidence.common) for team, marks in evidence.marks.items() if team not in bordered
    }
    for team, own in found.items():
        others = [mark for name, marks in found.items() if name != team for mark in marks]
        # A mark moves the median a little, and then the other teams differ from that at its place.
        left = [mark for mark in own if not any(_echoes(mark, other) for other in others)]
        if left:
            images = tuple(sorted(evidence.seen[team]))
            what = f"something at the same place, such as letters or a logo: {_where(left[0])}"
            remedy = "it may name the team to judges; look at these images, and ask the team"
            what = f"{what}, in {which(images, len(images))}"
            yield Finding("overlay", team, images, what, remedy, mark=(left[0].view, *left[0].box))


def _echoes(mark: Mark, other: Mark) -> bool:
    if mark.view != other.view or mark.area > 0.7 * other.area:
        return False
    (x, y, width, height), (left, top, across, down) = mark.box, other.box
    return left - width < x < left + across and top - height < y < top + down


def _where(mark: Mark) -> str:
    x, y, width, height = mark.box
    if mark.view == SMALL_VIEW:
        across, down = (x + width / 2) / PATCH, (y + height / 2) / PATCH
        return f"at {across:.0%} of the width and {down:.0%} of the height"
    return f"about {width}x{height} pixels near the {_PLACES[mark.view]}"
