"""Does a finite estimate exist? Ford's condition on who was chosen over whom.

A choice model has a finite, unique maximum-likelihood estimate exactly when the directed graph
"chosen -> every other member of the choice set" is strongly connected: in every split of the teams into two
groups, each group has been chosen over a member of the other at least once (Ford 1957; Hunter 2004).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components


def strongly_connected(beats: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each of a batch of directed graphs is strongly connected.

    Parameters
    ----------
    beats : (..., N, N) bool
        `beats[..., a, b]`: team a was chosen at least once from a set that held team b.

    Returns
    -------
    (...) bool
        One answer for each graph.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.roll(np.eye(3, dtype=bool), 1, axis=1)
    >>> chain = np.triu(np.ones((3, 3), dtype=bool), 1)
    >>> strongly_connected(np.stack([ring, chain]))
    array([ True, False])
    """
    n = beats.shape[-1]
    reach = (beats | np.eye(n, dtype=bool)).astype(np.float32)
    for _ in range(max(1, (n - 1).bit_length())):
        reach = np.minimum(reach @ reach, 1)  # doubles the length of the paths covered
    return np.asarray((reach > 0).all(axis=(-2, -1)))


def win_groups(beats: NDArray[np.bool_]) -> list[list[int]]:
    """The strongly connected groups of one graph, best first: no later group was ever chosen over an earlier.

    Parameters
    ----------
    beats : (N, N) bool
        As for `strongly_connected`.

    Returns
    -------
    list of lists of int
        Team indices. One group means that a finite estimate exists. Groups that were never compared stand in
        the order of their first team.

    Examples
    --------
    >>> import numpy as np
    >>> win_groups(np.triu(np.ones((3, 3), dtype=bool), 1))
    [[0], [1], [2]]
    """
    count, label = connected_components(beats, directed=True, connection="strong")
    groups = [np.flatnonzero(label == g).tolist() for g in range(count)]
    above = np.zeros((count, count), dtype=bool)
    rows, cols = np.nonzero(beats)
    above[label[rows], label[cols]] = True
    np.fill_diagonal(above, False)
    return [groups[g] for g in _topological(above, [group[0] for group in groups])]


def _topological(above: NDArray[np.bool_], first: list[int]) -> list[int]:
    left, order = set(range(len(above))), []
    while left:
        free = [g for g in left if not any(above[h, g] for h in left)]
        chosen = min(free, key=first.__getitem__)
        order.append(chosen)
        left.remove(chosen)
    return order
