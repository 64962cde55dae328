"""Secret-keyed randomness: shuffles and opaque names that only the holder of the key can recompute.

Everything derives from the study key by HMAC-SHA256 over a label, so the same key gives the same study
on any machine. `tests/core/test_keyed.py` holds test vectors.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

KEY_BYTES = 32
T = TypeVar("T")


def check_key(key: bytes) -> bytes:
    """Return `key` when it has the right length.

    Raises
    ------
    ValueError
        When it is not 32 bytes long.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a study key has {KEY_BYTES} bytes, this one has {len(key)}")
    return key


def keyed_shuffle(key: bytes, items: Sequence[T], *label: object) -> list[T]:
    """Shuffle `items` by Fisher and Yates with the keyed stream of `label`.

    Rejection sampling makes each of the n! orders equally likely under a random key.

    Examples
    --------
    >>> keyed_shuffle(bytes(32), "abcdef", "example")
    ['a', 'd', 'b', 'f', 'e', 'c']
    """
    shuffled = list(items)
    draw = keyed_draws(key, *label)
    for last in range(len(shuffled) - 1, 0, -1):
        other = draw(last + 1)
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
    return shuffled


def keyed_draws(key: bytes, *label: object) -> Callable[[int], int]:
    """Return a function that draws the next integer in [0, bound) from the keyed stream of `label`."""
    words = _words(check_key(key), _encode(("stream", *label)))

    def draw(bound: int) -> int:
        # Values at or above the largest multiple of `bound` would favour small results: draw again.
        limit = 2**32 - 2**32 % bound
        return next(word for word in words if word < limit) % bound

    return draw


def opaque_name(key: bytes, *label: object, characters: int = 24) -> str:
    """Name something by its keyed hash: URL-safe, unguessable, without a trace of `label`."""
    digest = hmac.new(check_key(key), _encode(("name", *label)), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:characters]


def derived_key(key: bytes, purpose: str) -> bytes:
    """Derive a key for another purpose (session cookies, for example) that tells nothing of this one."""
    return hmac.new(check_key(key), _encode(("derived key", purpose)), hashlib.sha256).digest()


def _words(key: bytes, label: bytes) -> Iterator[int]:
    block = 0
    while True:
        digest = hmac.new(key, block.to_bytes(8, "big") + label, hashlib.sha256).digest()
        for start in range(0, len(digest), 4):
            yield int.from_bytes(digest[start : start + 4], "big")
        block += 1


def _encode(parts: Sequence[object]) -> bytes:
    """Encode unambiguously: each part is preceded by its length, so ("ab", "c") differs from ("a", "bc")."""
    encoded = [str(part).encode("utf-8") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
