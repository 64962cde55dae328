"""What the key determines: shuffles, draws and names, by HMAC-SHA256 over a label."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def shuffled(key: bytes, items: Sequence[T], *label: object) -> list[T]:
    """Shuffle by Fisher and Yates, from the last place down, with 32-bit words of the keyed stream."""
    result, draw = list(items), drawing(key, *label)
    for last in reversed(range(1, len(result))):
        pick = draw(last + 1)
        result[last], result[pick] = result[pick], result[last]
    return result


def opaque(key: bytes, *label: object) -> str:
    """Return the name that browsers use for something: 24 characters of its keyed hash."""
    return base64.urlsafe_b64encode(_mac(key, _encoded(("name", *label)))).decode("ascii")[:24]


def drawing(key: bytes, *label: object) -> Callable[[int], int]:
    """Return a function that draws a number below a bound; words that would favour small ones are skipped."""
    words = _words(key, _encoded(("stream", *label)))

    def draw(bound: int) -> int:
        usable = (1 << 32) // bound * bound
        return next(word for word in words if word < usable) % bound

    return draw


def _words(key: bytes, label: bytes) -> Iterator[int]:
    block = 0
    while True:
        mac = _mac(key, block.to_bytes(8, "big") + label)
        yield from (int.from_bytes(mac[start : start + 4], "big") for start in range(0, 32, 4))
        block += 1


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _encoded(parts: Sequence[object]) -> bytes:
    texts = [str(part).encode("utf-8") for part in parts]
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)
