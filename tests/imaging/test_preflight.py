"""What is measured of candidates: a fault of each kind is found, and honest restorations are not accused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from analysis.preflight.copies import psnr
from analysis.preflight.evidence import Evidence, measure
from analysis.preflight.findings import findings
from analysis.preflight.orientation import TURNS, ways_round
from analysis.preflight.placement import placement
from analysis.preflight.sketch import LEAST, sketch
from analysis.preflight.tone import cast, colours, without_saturation
from benchmarks.bench_fairness import FAULTS, detected, found_in
from benchmarks.made_up_restorations import framed, jpeg, made_up, shifted, zoomed

HALVES = st.integers(-16, 16).map(lambda steps: steps / 2)
SHORT = (
    "shift by (0.5, 0) px",
    "cropped by 1 px, enlarged",
    "rotated by 0.3 degrees",
    "mirrored",
    "black border of 1 px",
    "brighter by 4 levels",
    "another scene",
    "copy, JPEG 98",
    "the ground truth, JPEG 98",
)


def texture(seed, height=200, width=260):
    """A random picture with detail of all sizes, as photographs have."""
    rng = np.random.default_rng(seed)
    layers = (
        sigma * ndimage.gaussian_filter(rng.normal(size=(height, width)), sigma) for sigma in (1, 2, 4, 16)
    )
    grey = sum(layers, np.zeros((height, width)))
    grey = 128 + 40 * grey / grey.std()
    return np.clip(np.stack([grey, 0.9 * grey + 10, 0.7 * grey + 20], axis=2), 0, 255)


def as_bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def sketched(values):
    found = sketch(as_bytes(values))
    assert found is not None
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), HALVES, HALVES, st.floats(0, 20), st.floats(0, 1.5))
def test_a_shift_is_found_to_a_tenth_of_a_pixel_in_noise_and_blur(seed, dx, dy, noise, blur):
    scene = texture(seed)
    moved = ndimage.shift(scene, (dy, dx, 0), order=3, mode="nearest")
    rng = np.random.default_rng(seed)
    source = ndimage.gaussian_filter(scene, (blur, blur, 0)) + rng.normal(0, noise, scene.shape)
    found = placement(sketched(source), sketched(moved), 1)
    assert found.clear
    assert (found.dx, found.dy) == (pytest.approx(dx, abs=0.1), pytest.approx(dy, abs=0.1))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(TURNS)), st.floats(0, 20))
def test_a_turned_picture_is_told_from_the_seven_others(seed, turn, noise):
    scene = texture(seed, 160, 160)
    turned = np.stack([TURNS[turn](scene[..., channel]) for channel in range(3)], axis=2)
    noisy = scene + np.random.default_rng(seed).normal(0, noise, scene.shape)
    assert ways_round(sketched(noisy), sketched(turned)).turned == turn


@settings(max_examples=10, deadline=None)
@given(st.floats(0.95, 1.05), st.floats(-1, 1))
def test_enlargement_and_rotation_are_measured_together(scale, degrees):
    scene = as_bytes(texture(7, 256, 320))
    found = placement(sketched(scene), sketched(zoomed(scene, scale, degrees)), 1)
    assert found.enlarged == pytest.approx(scale - 1, abs=0.003)
    assert found.turned == pytest.approx(-degrees, abs=0.15)


@pytest.mark.parametrize("scale", [2, 4])
def test_an_input_may_be_a_fraction_of_its_candidates(scale):
    scene = texture(3, 400, 560)
    height, width = scene.shape[0] // scale, scene.shape[1] // scale
    small = scene.reshape(height, scale, width, scale, 3).mean(axis=(1, 3))
    found = placement(sketched(small), sketched(ndimage.shift(scene, (-2, 3, 0), mode="nearest")), scale)
    assert (found.dx, found.dy) == (pytest.approx(3, abs=0.1 * scale), pytest.approx(-2, abs=0.1 * scale))


@pytest.mark.parametrize("seed", range(3))
def test_honest_restorations_are_not_accused(seed):
    assert found_in(made_up(seed, images=2, teams=4), truths=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_five_hundred_honest_restorations_are_not_accused(seed):
    assert found_in(made_up(seed, images=4, teams=5), truths=True) == []


@pytest.fixture(scope="module")
def study():
    return made_up(1003, images=3, teams=4)


@pytest.mark.parametrize("name", SHORT)
def test_a_fault_is_found_and_nobody_else_accused(study, name):
    assert detected(study, name, 0) == (True, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_most_faults_of_each_kind_are_found(name):
    studies = [made_up(1000 + seed, images=8, teams=5) for seed in (1, 3, 4, 6)]
    tried = [detected(made, name, 0) for made in studies if "input" not in name or made.damage != "half"]
    assert sum(right for right, _ in tried) > len(tried) / 2
    assert [others for _, others in tried if others] == []


def test_letters_in_a_corner_of_all_images_are_found_beside_a_border_of_another_team():
    made = made_up(1003, images=6, teams=4)
    own = {image: framed(pixels, 4) for image, pixels in made.teams["team02"].items()}
    bordered = replace(made, teams={**made.teams, "team02": own})
    right, others = detected(bordered, "letters, opacity 0.5", 0)
    assert right
    told = {(one.team, one.kind) for one in others}
    assert ("team02", "border") in told
    assert not {("team02", "overlay"), ("team03", "overlay"), ("team04", "overlay")} & told


def evidence_of(inputs, teams):
    found = Evidence()
    for image, source in inputs.items():
        measured = measure(sketched(source), {team: sketched(own[image]) for team, own in teams.items()})
        if measured is not None:
            found.take(image, measured)
    return found


def test_when_all_teams_differ_alike_the_inputs_are_named_once(study):
    moved = {image: shifted(pixels, 3, 0) for image, pixels in study.inputs.items()}
    (found,) = findings(evidence_of(moved, study.teams))
    assert (found.kind, found.team, found.images) == ("shift", None, ("001", "002", "003"))
    assert "shifted by (-3, 0) pixels" in found.what


def test_a_team_is_told_in_one_line_with_the_value_and_its_images(study):
    own = {image: shifted(pixels, 1.5, 0) for image, pixels in study.teams["team02"].items()}
    (found,) = findings(evidence_of(study.inputs, {**study.teams, "team02": own}))
    assert (found.kind, found.team, found.images) == ("shift", "team02", ("001", "002", "003"))
    assert found.what == "shifted by (1.5, 0) pixels against the input in all 3 images"


def test_one_bad_image_among_good_ones_is_named_alone(study):
    own = dict(study.teams["team02"])
    own["002"] = framed(shifted(own["002"], 6, -5), 9, 255)
    told = {one.kind: one for one in findings(evidence_of(study.inputs, {**study.teams, "team02": own}))}
    assert set(told) == {"shift", "border"}
    assert {one.images for one in told.values()} == {("002",)}
    assert told["border"].what == "a plain border, up to 9 pixels wide, in 1 of 3 images (002)"


def test_an_image_of_another_name_is_recognised(study):
    own = dict(study.teams["team02"])
    own["001"] = own["003"]
    (found,) = findings(evidence_of(study.inputs, {**study.teams, "team02": own}))
    assert (found.kind, found.images) == ("scene", ("001",))
    assert "001 shows 003" in found.what


def test_two_teams_are_enough_to_find_a_copy(study):
    own = {image: jpeg(pixels, 95) for image, pixels in study.teams["team01"].items()}
    (found,) = findings(evidence_of(study.inputs, {"team01": study.teams["team01"], "team02": own}))
    assert (found.kind, found.team) == ("copy", "team02")
    assert found.what.startswith("nearly the same as team01 in all 3 images (PSNR ")


def test_small_images_are_not_sketched():
    assert sketch(np.zeros((LEAST - 1, 500, 3), np.uint8)) is None
    assert sketch(np.zeros((LEAST, 500, 3), np.uint8)) is not None


def test_flat_pictures_say_nothing():
    flat = {"001": np.full((100, 120, 3), 90, np.uint8)}
    assert findings(evidence_of(flat, {"a": flat, "b": {"001": flat["001"] + 1}})) == []


def test_a_cast_is_told_from_stronger_colours_even_where_all_things_have_one_colour():
    scenes = [texture(seed) for seed in range(3)]
    known = [colours(scene) for scene in scenes]
    vivid = [scene + 0.2 * (scene - scene.mean(axis=2, keepdims=True)) for scene in scenes]
    red = [scene + np.array([6.0, 0.0, -6.0]) for scene in vivid]
    for made, left in ((vivid, (0, 0, 0)), (red, (6, 0, -6))):
        found = without_saturation(
            [cast(colours(one), own) for one, own in zip(made, known, strict=True)], 0.3
        )
        assert found == pytest.approx(np.tile(left, (3, 1)), abs=0.1)


def test_a_cast_is_found_where_the_task_changes_brightness():
    assert detected(made_up(1004, images=3, teams=4), "red +6, blue -6", 0) == (True, [])


def test_psnr_by_its_formula():
    assert psnr(1.0) == pytest.approx(48.1308, abs=1e-4)
