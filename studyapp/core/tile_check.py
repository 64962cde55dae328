"""The sum by which the judging page knows that a tile came as it was sent."""

import zlib


def tile_check(address: str, body: bytes) -> str:
    """Return the CRC-32 of a tile's address followed by its bytes, as eight hexadecimal digits.

    It shows what an intermediary changed (a picture compressed again, a tile of another address), not what
    somebody forged: who can forge a tile can forge the page's script. The address begins with the token of
    one judge, trial and slot, so the same file has another sum wherever it stands: it is no hash that a team
    could look for.

    Parameters
    ----------
    address
        Token, level and place as in the tile's URL: ``token/level/column_row``.
    body
        The tile's bytes as they are sent.

    Examples
    --------
    >>> tile_check("abc/0/0_0", b"pixels"), tile_check("abd/0/0_0", b"pixels")
    ('7b822eb2', '06f128ea')
    """
    return f"{zlib.crc32(body, zlib.crc32(address.encode('ascii'))):08x}"
