"""The geometry of tiles: every pixel of every level lies in exactly one tile."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.core.tiles import COARSEST, TILE, Pyramid, level_sizes

SIDES = st.integers(1, 3000)


@given(SIDES, SIDES)
def test_each_level_is_half_of_the_next_down_to_one_tile(width, height):
    sizes = level_sizes(width, height)
    assert sizes[-1] == (width, height)
    assert max(sizes[0]) <= COARSEST
    for coarse, fine in pairwise(sizes):
        assert max(fine) > COARSEST
        assert coarse == (-(-fine[0] // 2), -(-fine[1] // 2))


@given(SIDES, SIDES)
def test_tiles_cover_each_level_once(width, height):
    pyramid = Pyramid(width, height)
    for level, (columns, rows) in enumerate(pyramid.sizes):
        covered = np.zeros((rows, columns), np.uint8)
        for box in pyramid.boxes(level):
            covered[box.top : box.top + box.height, box.left : box.left + box.width] += 1
            assert level == 0 or max(box.width, box.height) <= TILE
        assert (covered == 1).all()


@given(SIDES, SIDES)
def test_positions_count_all_tiles_in_order(width, height):
    pyramid = Pyramid(width, height)
    positions = [
        pyramid.position(level, col, row)
        for level in range(len(pyramid.sizes))
        for row in range(pyramid.grid(level)[1])
        for col in range(pyramid.grid(level)[0])
    ]
    assert positions == list(range(pyramid.count))


@pytest.mark.parametrize(
    "place", [(-1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1), (1, -1, 0), (1, 0, -1), (1, 3, 0), (1, 0, 2)]
)
def test_there_is_no_tile_outside_the_image(place):
    assert Pyramid(600, 300).position(*place) is None


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5)])
def test_an_image_without_pixels_has_no_levels(size):
    with pytest.raises(ValueError, match="at least 1"):
        level_sizes(*size)


def test_a_small_image_is_one_tile():
    assert Pyramid(512, 512).count == 1
    assert Pyramid(513, 512).sizes == ((257, 256), (513, 512))
