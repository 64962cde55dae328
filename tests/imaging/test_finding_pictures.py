"""The picture of a finding shows the fault, wherever in the image it is."""

import numpy as np
import pytest

from analysis.preflight.finding import PANELS
from analysis.preflight.pictures import PANEL, panels
from analysis.preflight.sketch import patches_of
from benchmarks.made_up_restorations import framed, lettered, shifted
from tests.imaging.test_preflight import as_bytes, texture

SCENE = as_bytes(texture(5, height=300, width=420))


@pytest.mark.parametrize("kind", PANELS)
def test_all_panels_of_a_kind_are_of_one_size_even_where_the_input_is_smaller(kind):
    pictures = {"input": SCENE[::2, ::2], "other": SCENE, "team": SCENE}
    wanted = {name: one for name, one in pictures.items() if name in PANELS[kind]}
    shown = panels(kind, wanted, (8, 10, 10, 30, 20) if kind == "overlay" else None)
    assert len(shown) == len(PANELS[kind])
    assert {one.shape for one in shown} == {shown[0].shape}
    assert PANEL / 2 < max(shown[0].shape) <= PANEL


def test_a_difference_is_grey_where_there_is_none_whatever_the_brightness():
    *_, none = panels("shift", {"input": SCENE, "team": as_bytes(SCENE * 0.8 + 20.0)})
    *_, some = panels("shift", {"input": SCENE, "team": shifted(SCENE, 2, 0)})
    assert np.abs(none - 128.0).max() <= 2
    assert np.abs(some - 128.0).max() > 60


@pytest.mark.parametrize("side", range(4))
def test_a_border_is_shown_on_the_side_that_has_it(side):
    turned = np.rot90(SCENE, side)
    team = turned.copy()
    team[:, :3] = 0
    source, theirs = panels("border", {"input": np.rot90(turned, -side), "team": np.rot90(team, -side)})
    black = (theirs == 0).all(axis=2)
    assert 3 / 32 - 0.01 <= black.mean() < 0.2
    assert not (source == 0).all(axis=2).any()


def test_a_mark_is_shown_where_it_is_in_each_image():
    for scene in (SCENE, np.rot90(SCENE).copy()):
        height, width = scene.shape[:2]
        _, corners = patches_of((width, height))
        lower_right = corners[8]
        team = lettered(scene, 1.0)
        high = (team != scene).any(axis=2)
        rows, columns = np.nonzero(high)
        box = (columns.min() - lower_right[0], rows.min() - lower_right[1], np.ptp(columns), np.ptp(rows))
        *_, apart = panels("overlay", {"other": scene, "team": team}, (8, *map(int, box)))
        assert (apart == 255).mean() > 0.02
    *_, none = panels("overlay", {"other": scene, "team": framed(scene, 1)}, (4, 90, 90, 10, 10))
    assert (none == 128).all()
