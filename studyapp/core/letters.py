"""Candidates by letters, as in a published pair: A, B, ..., Z, AA, AB, ..."""


def letter_of(slot: int) -> str:
    """Return the letters of a slot, from 1.

    Examples
    --------
    >>> letter_of(1), letter_of(26), letter_of(27)
    ('A', 'Z', 'AA')
    """
    before, last = divmod(slot - 1, 26)
    return (letter_of(before) if before else "") + chr(ord("A") + last)
