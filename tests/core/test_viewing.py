"""What a study demands of how judges look."""

import pytest
from pydantic import ValidationError

from studyapp.core.viewing import ViewingRules, colours_seen, pixels_per_degree

SCREEN = {"dpr": 1.100000023841858, "width": 1200, "height": 700, "gamut": "p3"}
EYES = {
    "acuity": {"decimal": 0.7, "gap_px": 1, "limited": True},
    "colour": {"control": True, "protan": 3, "deutan": 3, "tritan": 3},
}
CHECK = {**SCREEN, "px_per_mm": 4.2, "told": {"distance_cm": 60, "light": "dim"}, "eyes": EYES}


@pytest.mark.parametrize(
    ("rules", "changed", "unmet"),
    [
        ({}, {"dpr": None, "told": {}, "eyes": {}}, ()),
        ({"window": (1320, 770)}, {}, ()),
        ({"window": (1321, 770)}, {}, ("window",)),
        ({"window": (1, 1)}, {"width": None}, ("window",)),
        ({"pixel_ratio": (1.1, 1.1)}, {}, ()),
        ({"pixel_ratio": (1.2, 2)}, {}, ("pixel_ratio",)),
        ({"gamut": "srgb"}, {}, ()),
        ({"gamut": "rec2020"}, {}, ("gamut",)),
        ({"gamut": "srgb"}, {"gamut": "less"}, ("gamut",)),
        ({"required": ("size", "light", "panel")}, {}, ("ask:panel",)),
        ({"required": ("acuity",)}, {"px_per_mm": None, "told": {}}, ("ask:size", "ask:distance")),
        ({"acuity": 0.8}, {}, ()),  # this screen can test no more
        ({"acuity": 0.8}, {"eyes": {**EYES, "acuity": {"decimal": 0.7, "limited": False}}}, ("acuity",)),
        ({"acuity": 0.8}, {"eyes": {}}, ("ask:acuity",)),
        ({"colour_vision": True}, {}, ()),
        ({"colour_vision": True}, {"eyes": {}}, ("ask:colour_vision",)),
        (
            {"colour_vision": True},
            {"eyes": {"colour": {**EYES["colour"], "deutan": 2}}},
            ("colour_vision",),
        ),
    ],
)
def test_a_check_is_held_against_what_the_study_demands(rules, changed, unmet):
    assert ViewingRules.model_validate({"eyes": "private", **rules}).unmet({**CHECK, **changed}) == unmet


def test_rules_that_nobody_can_keep_are_refused_by_name():
    for wrong, said in (
        ({"pixel_ratio": (2, 1)}, "write the smaller number first"),
        ({"required": ("size", "size")}, "required lists size twice"),
        ({"window": (0, 10)}, "window.0"),
        ({"gamut": "less"}, "gamut"),
        ({"acuity": 0.8}, "acuity is needed, but eyes are left_out; write eyes: private"),
    ):
        with pytest.raises(ValidationError, match=said):
            ViewingRules.model_validate(wrong)


def test_the_screening_of_colours_says_what_was_not_seen():
    read = {"control": True, "protan": 3, "deutan": 3, "tritan": 3}
    for changed, seen in (
        ({}, "seen"),
        ({"protan": 2}, "red_green"),
        ({"tritan": 0}, "blue_yellow"),
        ({"deutan": 1, "tritan": 2}, "both"),
        ({"control": False}, "unclear"),
    ):
        assert colours_seen({**read, **changed}) == seen
    assert colours_seen(None) is None


def test_pixels_per_degree():
    assert pixels_per_degree(1, 57.29) == pytest.approx(10, abs=0.001)
    assert pixels_per_degree(None, 60) is None
    assert pixels_per_degree(4, None) is None
