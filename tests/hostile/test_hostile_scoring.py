"""Hostile files in paired/teams, by `studyapp score`: each is named, the others keep their values."""

import shutil
from pathlib import Path

import pytest

from studyapp.services.paired.scoring import ScoringChoice, score_study
from tests.conftest import TEAMS
from tests.hostile.corpus import IMAGES, NO_FILES
from tests.paired_study import PAIRS, write_paired_study

SLOTS = [(team, image) for team in TEAMS for image in PAIRS[:2]]
HOSTILE = {
    **NO_FILES,
    **{name: IMAGES[name] for name in ("png, 60,000 x 60,000", "16 GiB of zeros", "tiff with two pages")},
}
CASES = dict(zip(SLOTS, HOSTILE.items(), strict=True))


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """The scores of a good study, and of one with a hostile file in each slot."""
    base = tmp_path_factory.mktemp("scoring")
    good = write_paired_study(base / "good")
    bad = Path(shutil.copytree(good, base / "bad"))
    for (team, image), (_name, write) in CASES.items():
        place = bad / "paired" / "teams" / team / f"{image}.png"
        place.unlink()
        write(place)
    good_scores, bad_scores = (score_study(root, ScoringChoice(workers=1))[0] for root in (good, bad))
    return good_scores, bad_scores


@pytest.mark.parametrize("slot", SLOTS, ids=list(HOSTILE))
def test_a_hostile_result_is_named_and_has_no_score(scored, slot):
    _good, bad = scored
    row = bad.images.set_index(["team", "image"]).loc[slot]
    assert row[["psnr", "ssim", "score"]].isna().all()
    assert [said for said in bad.about["problems"] if (said["team"], said["image"]) == slot]
    assert "root:x:0" not in str(bad.about)


def test_the_other_results_keep_their_values(scored):
    good, bad = (scores.images.set_index(["team", "image"])["score"] for scores in scored)
    others = [(team, PAIRS[2]) for team in TEAMS]
    assert bad.loc[others].notna().all()
    assert bad.loc[others].equals(good.loc[others])
