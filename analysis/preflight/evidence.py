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
from analysis.preflight.matching import Values, grey
from analysis.preflight.orientation import Likeness, thumbnail, ways_round
from analysis.preflight.overlays import Marks
from analysis.preflight.placement import Placement, placement
from analysis.preflight.reencoding import jpeg_quality
from analysis.preflight.sketch import PATCH, Sketch
from analysis.preflight.tone import Tone, levels, tone

SMALL_VIEW = 9
"""The number of the small version among the views in which marks are looked for; patches are 0 to 8."""

_ICON = 32
_FLAT = 2.0  # standard deviation of grey values
_SUSPECT, _MOVED, _SAME = 40.0, 50.0, 67.0  # dB
_TRIES = (
    3  # images of two teams in a row in which JPEG is tried in vain, before it is taken to be something else
)


@dataclass(frozen=True)
class Seen:
    """A candidate against its input.

    `levels` is its gain and offset against the median of all candidates, where there are three or more.
    """

    scale: int
    placement: Placement
    likeness: Likeness
    tone: Tone
    frames: Sequence[Frame]
    levels: tuple[float, float] | None = None


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


@dataclass
class Evidence:
    """Everything that is known of a set of images whose candidates belong together.

    Attributes
    ----------
    seen
        By team and image.
    nearness
        By image.
    icons
        Tiny versions of inputs and candidates, to recognise a picture under another name: by image, and by
        team and image.
    marks, common
        What the images of a team have in common, and what all candidates have.
    """

    seen: dict[str, dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))
    nearness: dict[str, Nearness] = field(default_factory=dict)
    icons: dict[str, Values] = field(default_factory=dict)
    candidate_icons: dict[tuple[str, str], Values] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=lambda: defaultdict(Marks))
    common: Marks = field(default_factory=Marks)
    _tried: dict[tuple[str | None, str | None], int] = field(default_factory=lambda: defaultdict(int))

    def add(
        self,
        image: str,
        source: Sketch | None,
        candidates: Mapping[str, Sketch],
        truth: Sketch | None = None,
    ) -> None:
        """Measure one image; candidates that are not of the commonest size are left out."""
        sizes = [one.size for one in candidates.values()]
        if not sizes:
            return
        size = max(set(sizes), key=sizes.count)
        chosen = {team: one for team, one in candidates.items() if one.size == size}
        scale = None if source is None else scale_of(source.size, size)
        if source is None or scale is None:
            return
        self.icons[image] = _icon(source)
        levelled = _levels(chosen)
        for team, one in chosen.items():
            self.seen[team][image] = Seen(
                scale,
                placement(source, one, scale),
                ways_round(source, one),
                tone(source, one),
                frames(one),
                levelled.get(team),
            )
            if self.seen[team][image].likeness.unlike:
                self.candidate_icons[team, image] = _icon(one)
        self.nearness[image] = self._nearness(image, source, chosen, truth)
        self._add_marks(source, chosen, scale)

    def _nearness(
        self, image: str, source: Sketch, candidates: Mapping[str, Sketch], truth: Sketch | None
    ) -> Nearness:
        if grey(source.small.astype(np.float32)).std() < _FLAT:
            return Nearness(
                (), np.empty((0, 0)), np.empty((0, 0)), {}, {}
            )  # plain pictures are near each other whoever made them
        size = next(iter(candidates.values())).size
        names: list[str | None] = list(candidates)
        sketches = list(candidates.values())
        moves = [self.seen[team][image].placement for team in candidates]
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
        for a, b in near:
            key = names[a], names[b]
            if found[a, b] < _SAME and self._tried[key] < _TRIES:
                self._tried[key] += 1
                first, second = sketches[a].patches, sketches[b].patches
                quality = jpeg_quality(second, first)
                if quality is None and names[b]:  # an input that is a JPEG is no copy of what is near it
                    quality = jpeg_quality(first, second)
                if quality is not None:
                    qualities[a, b] = quality
                    self._tried[key] = 0
        return Nearness(names, found, psnr(levelled_distances(sketches)), even, qualities, moved)

    def _add_marks(self, source: Sketch, candidates: Mapping[str, Sketch], scale: int) -> None:
        """Take differences to the median of the candidates, or of too few to an input of the same size."""
        views = {team: _views(one) for team, one in candidates.items()}
        if len(candidates) >= 3:
            middle = [np.median(np.stack(view), axis=0) for view in zip(*views.values(), strict=True)]
        elif scale == 1:
            middle = _views(source)
        else:
            return
        for number, common in enumerate(middle):
            self.common.add(number, common)
            for team, own in views.items():
                self.marks[team].add(number, own[number] - common)


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


def _icon(seen: Sketch) -> Values:
    small = Image.fromarray(seen.small).convert("L").resize((_ICON, _ICON), Image.Resampling.BOX)
    return np.asarray(small, np.float32)
