"""Tiles: pixels and nothing else, of one shape for all candidates."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from PIL import Image

from studyapp.blind_audit.evidence import Evidence, Place, Tile
from studyapp.imaging import webp

_RECODED = 1500
"""Encoding takes 10 ms a tile; so many are enough to see a difference between teams."""


def missing_tiles(evidence: Evidence) -> Iterator[str]:
    """Every candidate has every tile that the others have."""
    for place, tiles in _by_place(evidence).items():
        answers = {tile.exchange.status for tile in tiles}
        if answers != {200}:
            yield f"status {sorted(answers)} at level, column, row {place[2]} of image {place[1]}"


def chunks(evidence: Evidence) -> Iterator[str]:
    """A tile is one VP8L chunk: no text, EXIF, XMP or colour profile."""
    for tile in _good(evidence):
        if not webp.is_bare(tile.exchange.body):
            yield f"more than pixels, or another format, in {tile.exchange}"


def dimensions(evidence: Evidence) -> Iterator[str]:
    """The tiles of all candidates at one place have one size, one depth and no alpha."""
    for place, tiles in _by_place(evidence).items():
        shapes = {_shape(tile.exchange.body) for tile in tiles if tile.exchange.status == 200}
        if len(shapes) > 1:
            yield f"{sorted(map(str, shapes))} at level, column, row {place[2]} of image {place[1]}"


def encoding(evidence: Evidence) -> Iterator[str]:
    """The bytes of a tile follow from its pixels alone, so that its length tells nothing more."""
    tiles = list(_good(evidence))
    step = max(1, len(tiles) // _RECODED)
    same: dict[str | None, list[bool]] = defaultdict(list)
    for tile in tiles[::step]:
        same[tile.slot.team].append(_is_canonical(tile.exchange.body))
    shares = {team: sum(flags) / len(flags) for team, flags in same.items() if team is not None}
    # Packs made with another version of the encoder differ for all teams alike, which tells nothing.
    if shares and min(shares.values()) < max(shares.values()):
        worst = min(shares, key=lambda team: shares[team])
        best = max(shares.values())
        yield f"{shares[worst]:.0%} of team {worst}'s tiles are as the encoder writes them, "
        f"{best:.0%} elsewhere"


def _good(evidence: Evidence) -> Iterator[Tile]:
    return (tile for tile in evidence.tiles if tile.exchange.status == 200)


def _by_place(evidence: Evidence) -> dict[tuple[int, str, Place], list[Tile]]:
    """Tiles that must look alike: same judge, trial and place."""
    groups: dict[tuple[int, str, Place], list[Tile]] = defaultdict(list)
    for tile in evidence.tiles:
        groups[tile.slot.judge, tile.slot.image, tile.place].append(tile)
    return groups


@lru_cache(maxsize=4096)
def _shape(data: bytes) -> tuple[object, ...]:
    """Width, height, alpha and kind as the header says, without decoding."""
    if data[12:16] != b"VP8L" or len(data) < 25:
        return (data[:16],)
    bits = int.from_bytes(data[21:25], "little")
    return (
        (bits & 0x3FFF) + 1,
        (bits >> 14 & 0x3FFF) + 1,
        "alpha" if bits >> 28 & 1 else "opaque",
        bits >> 29,
    )


@lru_cache(maxsize=4096)
def _is_canonical(data: bytes) -> bool:
    try:
        return webp.encode(Image.fromarray(webp.decode(data))) == data
    except (OSError, SyntaxError, ValueError):
        return False
