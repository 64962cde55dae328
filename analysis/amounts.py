"""Numbers of things in words."""


def how_many(number: int, things: str) -> str:
    """Return a number with what it counts, which is given in the plural that adds an s.

    Examples
    --------
    >>> [how_many(number, "test judges") for number in (0, 1, 2)]
    ['no test judges', '1 test judge', '2 test judges']
    """
    return f"{number or 'no'} {things.removesuffix('s') if number == 1 else things}"
