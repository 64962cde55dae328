"""By which whole number one image is larger than another."""

Size = tuple[int, int]


def scale_of(small: Size, large: Size) -> int | None:
    """Return the whole number by which `small` must be enlarged to be `large`, or None.

    Examples
    --------
    >>> scale_of((100, 50), (400, 200)), scale_of((100, 50), (400, 201)) is None
    (4, True)
    """
    scale = large[0] // small[0]
    return scale if scale >= 1 and (small[0] * scale, small[1] * scale) == large else None
