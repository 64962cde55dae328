"""How long a judge still has to go, from how fast this judge has been so far."""

import math
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from analysis.texts import say

LATEST = 12
"""Gaps between answers that tell the pace: judges get faster, so what is long ago says little."""

FEWEST = 3
"""Below this many gaps one slow image would be taken for the pace."""

TOGETHER = timedelta(seconds=1)
"""Answers closer than this were kept in the browser and sent together: they tell no pace."""


def seconds_each(answered: Sequence[datetime]) -> float | None:
    """Return the seconds that an image takes this judge; None while too few answers tell.

    Parameters
    ----------
    answered
        When each image was first answered completely, in any order.

    Returns
    -------
    float or None
        The median of the latest gaps, so that a break of any length counts as one image only.
    """
    gaps = [later - earlier for earlier, later in pairwise(sorted(answered))]
    told = [gap.total_seconds() for gap in gaps if gap >= TOGETHER][-LATEST:]
    return round(statistics.median(told), 1) if len(told) >= FEWEST else None


def time_left(pace: float | None, images: int) -> str | None:
    """Say how long `images` take at `pace` seconds each; None when nothing can or need be said.

    The judging page says the same in the same words (static/js/page/progress.js): tests compare the two.
    """
    if pace is None or images < 1:
        return None
    minutes = pace * images / 60
    step = 1 if minutes < 10 else 5
    hours, rest = divmod(max(1, step * math.floor(minutes / step + 0.5)), 60)
    if hours and rest:
        return say("about %(hours)s h %(minutes)s min left", hours=hours, minutes=rest)
    if hours:
        return say("about %(hours)s h left", hours=hours)
    return say("about %(minutes)s min left", minutes=rest)
