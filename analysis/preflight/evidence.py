"""What is measured of a study's candidates, image by image, and kept: numbers, and no pictures."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from analysis.imaging.scale import scale_of
from analysis.preflight.borders import Frame, frames
from analysis.preflight.copies import distances, evenness, levelled_distances, psnr
from analysis.preflight.matching import Values, common_small, grey
from analysis.preflight.orientation import Likeness, thumbnail, ways_round
from analysis.preflight.overlays import Marks, scaled
from analysis.preflight.placement import Placement, placement
from analysis.preflight.reencoding import jpeg_quality
from analysis.preflight.sketch import PATCH, Sketch
from analysis.preflight.tone import Cast, Tone, cast, colours, levels, tone

SMALL_VIEW = 9
"""The number of the small version among the views in which marks are looked for; patches are 0 to 8."""

_ICON = 32
_FLAT = 2.0  # standard deviation of grey values
_SUSPECT, _MOVED, _SAME = 40.0, 50.0, 67.0  # dB
_TRIES = 2  # pairs for each team in which JPEG is tried, the nearest ones


@dataclass(frozen=True)
class Seen:
    """A candidate against its input.

    `levels` is its gain and offset against the median of all candidates, where there are three or more, and
    `cast` how its colours differ from the median of the others, where there are three or more of them.
    """

    scale: int
    placement: Placement
    likeness: Likeness
    tone: Tone
    frames: Sequence[Frame]
    levels: tuple[float, float] | None = None
    cast: Cast | None = None


@dataclass(frozen=True, eq=False)
class Nearness:
    """How near the candidates of one image are, each to each.

    Attributes
    ----------
    names
        Of the teams; then "" for the input and None for the ground truth, where they are of the same size.
    psnr
        dB, for each two of them.
    levelled
        The same at one brightness and contrast.
    evenness
        How evenly those differ that are near each other, see `copies.evenness`.
    qualities
        Of those, at which JPEG quality one becomes the other (the input or ground truth the candidate).
    moved
        Those that are the same but for a shift.
    """

    names: Sequence[str | None]
    psnr: NDArray[np.float64]
    levelled: NDArray[np.float64]
    evenness: Mapping[tuple[int, int], float]
    qualities: Mapping[tuple[int, int], int]
    moved: Collection[tuple[int, int]] = ()


@dataclass(frozen=True, eq=False)
class Measured:
    """What is measured of one image: numbers, and small pictures that add up over images.

    Attributes
    ----------
    seen
        By team.
    nearness
        Of all to each other.
    icon, candidate_icons
        Tiny versions of the input, and of candidates that look unlike it, to recognise a picture under
        another name.
    marks, common
        For each view, what the candidate of a team has more than the others, and what all candidates have.
    task
        How the colours of the median of all differ from the input's: what the task asks for.
    """

    seen: Mapping[str, Seen]
    nearness: Nearness
    icon: Values
    candidate_icons: Mapping[str, Values]
    marks: Mapping[str, Sequence[Values]]
    common: Sequence[Values]
    task: Cast


@dataclass
class Evidence:
    """Everything that is known of a set of images whose candidates belong together.

    Attributes
    ----------
    seen
        By team and image.
    nearness, icons, task
        By image, see `Measured`.
    candidate_icons
        By team and image.
    marks, common
        What the images of a team have in common, and what all candidates have.
    """

    seen: dict[str, dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))
    nearness: dict[str, Nearness] = field(default_factory=dict)
    icons: dict[str, Values] = field(default_factory=dict)
    task: dict[str, Cast] = field(default_factory=dict)
    candidate_icons: dict[tuple[str, str], Values] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=lambda: defaultdict(Marks))
    common: Marks = field(default_factory=Marks)

    def take(self, image: str, measured: Measured) -> None:
        """Take in what was measured of one image."""
        for team, one in measured.seen.items():
            self.seen[team][image] = one
        self.nearness[image] = measured.nearness
        self.icons[image] = measured.icon
        self.task[image] = measured.task
        for team, icon in measured.candidate_icons.items():
            self.candidate_icons[team, image] = icon
        for view, common in enumerate(measured.common):
            self.common.add(view, common)
        for team, own in measured.marks.items():
            for view, difference in enumerate(own):
                self.marks[team].add(view, difference)


def measure(
    source: Sketch | None, candidates: Mapping[str, Sketch], truth: Sketch | None = None
) -> Measured | None:
    """Measure one image; candidates that are not of the commonest size are left out.

    None where there is nothing to compare: no candidate, or no input of a size that fits them.
    """
    sizes = [one.size for one in candidates.values()]
    if source is None or not sizes:
        return None
    size = max(set(sizes), key=sizes.count)
    chosen = {team: one for team, one in candidates.items() if one.size == size}
    scale = scale_of(source.size, size)
    if scale is None:
        return None
    levelled = _levels(chosen)
    casts, task = _casts(source, chosen)
    seen = {
        team: Seen(
            scale,
            placement(source, one, scale),
            ways_round(source, one),
            tone(source, one),
            frames(one),
            levelled.get(team),
            casts.get(team),
        )
        for team, one in chosen.items()
    }
    marks, common = _marks(source, chosen, scale)
    return Measured(
        seen,
        _nearness(source, chosen, truth, {team: one.placement for team, one in seen.items()}),
        _icon(source),
        {team: _icon(one) for team, one in chosen.items() if seen[team].likeness.unlike},
        marks,
        common,
        task,
    )


def _nearness(
    source: Sketch,
    candidates: Mapping[str, Sketch],
    truth: Sketch | None,
    placements: Mapping[str, Placement],
) -> Nearness:
    if grey(source.small.astype(np.float32)).std() < _FLAT:
        # Plain pictures are near each other whoever made them.
        return Nearness((), np.empty((0, 0)), np.empty((0, 0)), {}, {})
    size = next(iter(candidates.values())).size
    names: list[str | None] = list(candidates)
    sketches = list(candidates.values())
    moves = [placements[team] for team in candidates]
    shifts = [(round(one.dx), round(one.dy)) if one.clear else (0, 0) for one in moves]
    for name, one in (("", source), (None, truth)):
        if one is not None and one.size == size:
            names, sketches, shifts = [*names, name], [*sketches, one], [*shifts, (0, 0)]
    found = psnr(distances(sketches, shifts))
    pairs = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    moved = {(a, b) for a, b in pairs if found[a, b] > _MOVED and shifts[a] != shifts[b]}
    near = [(a, b) for a, b in pairs if found[a, b] > _SUSPECT and shifts[a] == shifts[b]]
    even = {(a, b): evenness(sketches[a], sketches[b]) for a, b in near}
    qualities = {}
    for a, b in _worth_trying(names, found, near):
        first, second = sketches[a].patches, sketches[b].patches
        quality = jpeg_quality(second, first)
        if quality is None and names[b]:  # an input that is a JPEG is no copy of what is near it
            quality = jpeg_quality(first, second)
        if quality is not None:
            qualities[a, b] = quality
    return Nearness(names, found, psnr(levelled_distances(sketches)), even, qualities, moved)


def _worth_trying(
    names: Sequence[str | None], found: NDArray[np.float64], near: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the nearest pairs in which JPEG may be what one did to the other; trying takes long."""
    least = found[names.index("")] if "" in names else np.full(len(names), -np.inf)
    tried = [
        (a, b)
        for a, b in near
        # Two that are nearer to the input than to each other did little to it.
        if found[a, b] < _SAME and not (names[a] and names[b] and min(least[a], least[b]) >= found[a, b])
    ]
    return sorted(tried, key=lambda pair: -found[pair])[: _TRIES * len(names)]


def _marks(
    source: Sketch, candidates: Mapping[str, Sketch], scale: int
) -> tuple[dict[str, list[Values]], list[Values]]:
    """Take differences to the median of the candidates, or of too few to an input of the same size."""
    views = {team: _views(one) for team, one in candidates.items()}
    if len(candidates) >= 3:
        middle = [np.median(np.stack(view), axis=0) for view in zip(*views.values(), strict=True)]
    elif scale == 1:
        middle = _views(source)
    else:
        return {}, []
    own = {
        team: [scaled(mine - common) for mine, common in zip(view, middle, strict=True)]
        for team, view in views.items()
    }
    return own, [scaled(common) for common in middle]


def _views(seen: Sketch) -> list[Values]:
    small = Image.fromarray(grey(seen.small.astype(np.float32)))
    square = np.asarray(small.resize((PATCH, PATCH), Image.Resampling.BOX))
    return [*seen.patches.astype(np.float32), square]


def _levels(candidates: Mapping[str, Sketch]) -> dict[str, tuple[float, float]]:
    """Return each team's gain and offset against the median of all, of three or more."""
    if len(candidates) < 3:
        return {}
    small = {team: thumbnail(grey(one.small.astype(np.float32))) for team, one in candidates.items()}
    middle = np.median(np.stack([*small.values()]), axis=0)
    return {team: levels(middle, own) for team, own in small.items()}


def _casts(source: Sketch, candidates: Mapping[str, Sketch]) -> tuple[dict[str, Cast], Cast]:
    """Compare each with the median of the others, of three or more; and the median of all with the input."""
    found = {team: colours(one.small) for team, one in candidates.items()}
    first, _ = common_small(source, next(iter(candidates.values())))
    middle = np.median(np.stack([*found.values()]), axis=0)
    known = colours(first)
    if known.shape != middle.shape:  # the input is smaller than the small version of a candidate
        size = middle.shape[1::-1]
        known = np.stack(
            [np.asarray(Image.fromarray(known[..., one]).resize(size)) for one in range(3)], axis=2
        )
    task = cast(middle, known)
    if len(candidates) <= 3:
        return {}, task
    others = {
        team: np.median(np.stack([one for name, one in found.items() if name != team]), axis=0)
        for team in found
    }
    return {team: cast(one, others[team]) for team, one in found.items()}, task


def _icon(seen: Sketch) -> Values:
    small = Image.fromarray(seen.small).convert("L").resize((_ICON, _ICON), Image.Resampling.BOX)
    return np.asarray(small, np.float32)
