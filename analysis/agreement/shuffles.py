"""Random permutations of one ballot, fast for ballots that place few and tie the rest."""

from functools import lru_cache
from itertools import permutations
from math import perm

import numpy as np

_MAX_FORMS = 1 << 15


def shuffles(values: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` independent random permutations of a vector, shape (count, n).

    A ballot that places k of n teams and ties the rest has only n!/(n-k)! equally likely forms (1,320 for the
    top 3 of 12): they are listed once and drawn from. Vectors with more forms are permuted one by one.
    """
    ordered = np.sort(values)
    forms = _forms(ordered.tobytes())
    if forms is None:
        return rng.permuted(np.broadcast_to(ordered, (count, len(ordered))), axis=1)
    return forms.take(rng.integers(len(forms), size=count, dtype=np.uint16), axis=0)


@lru_cache(maxsize=64)
def _forms(ordered: bytes) -> np.ndarray | None:
    values = np.frombuffer(ordered)
    distinct, counts = np.unique(values, return_counts=True)
    rest = int(np.argmax(counts))
    placed = values[values != distinct[rest]]
    if perm(len(values), len(placed)) > _MAX_FORMS:
        return None
    where = np.array(list(permutations(range(len(values)), len(placed))), dtype=np.intp)
    forms = np.full((len(where), len(values)), distinct[rest])
    np.put_along_axis(forms, where.reshape(len(where), len(placed)), placed, axis=1)
    return forms
