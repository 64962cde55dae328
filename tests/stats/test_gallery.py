"""What stands out on an image, by hand and in any order; crops at the right place, bounded, or named."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.gallery.choice import choices
from analysis.gallery.pictures import INPUT, crops_of
from analysis.gallery.places import SIDE, around, differing, looked, marked
from analysis.imaging.crops import as_jpeg, cut_out
from analysis.parts import Parts
from analysis.report import gallery_part
from analysis.report.blocks import Pictures, Section, Table, Text
from analysis.report.gallery_part import MOST_BYTES, gallery_section
from analysis.report.html import to_html
from analysis.report.study import make_study
from analysis.report.write import make_document
from analysis.resampling.joint import joint_draws, observe
from analysis.rule import read_rule
from analysis.user_study.read import user_study, validate_answers
from tests.drawn_study import drawn_study

TEAMS = ("Ada", "Bea", "Cid")
NO_REASONS = pd.DataFrame(columns=["image", "team", "judge", "x", "y", "width", "height"])


def votes(rows):
    """Votes from judge, image and places of the three teams: 0 for one not placed, None for one not shown."""
    table = [
        (judge, image, team, slot, place or np.nan)
        for judge, image, places in rows
        for slot, (team, place) in enumerate(zip(TEAMS, places, strict=True), start=1)
        if place is not None
    ]
    return pd.DataFrame(table, columns=["judge", "image", "team", "slot", "rank"])


def pairs(rows):
    return pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer"])


def ratings(rows):
    table = [
        (judge, image, team, score)
        for judge, image, scores in rows
        for team, score in zip(TEAMS, scores, strict=True)
    ]
    return pd.DataFrame(table, columns=["judge", "image", "team", "score"])


# Points on image 1: Ada 3 3 3, Bea 2 1 2, Cid 1 2 1; on image 2: Ada 3 1, Bea 2 3 3, Cid 1 2 2.
VOTES = votes(
    [
        ("Jo", "1", (1, 2, 3)), ("Ian", "1", (1, 3, 2)), ("June", "1", (1, 2, 3)),
        ("Jo", "2", (1, 2, 3)), ("Ian", "2", (3, 1, 2)), ("June", "2", (None, 1, 2)),
    ]
)  # fmt: skip
PAIRS = pairs(
    [
        ("Jo", "1", "Ada", "Bea", "a"), ("Jo", "1", "Bea", "Cid", "a"), ("Jo", "1", "Ada", "Cid", "a"),
        ("Ian", "1", "Bea", "Ada", "b"), ("Ian", "1", "Bea", "Cid", "b"), ("Ian", "1", "Cid", "Ada", "b"),
        ("June", "1", "Cid", "Bea", "b"),
    ]
)  # fmt: skip
RATINGS = ratings([("Jo", "1", (5, 2, 1)), ("Ian", "1", (5, 4, 1)), ("June", "1", (4, 1, 1))])


def chosen(table, *, names=TEAMS):
    name = {"rank": "votes", "answer": "pairs", "score": "ratings"}[table.columns[-1]]
    answers = validate_answers(name, table, scale=(1, 5) if name == "ratings" else None)
    rule = read_rule({"votes": "user-study", "pairs": "bt", "ratings": "mos"}[name], points=(3, 2, 1))
    return {
        choice.image: {
            role: found and (set(found.teams), round(found.value, 4), set(found.n))
            for role, found in (("best", choice.best), ("worst", choice.worst), ("disputed", choice.disputed))
        }
        for choice in choices(user_study(answers, rule), names)
    }


def shuffled(table):
    """The rows in another order; who is called what stays."""
    return table.sample(frac=1, random_state=5)


@pytest.mark.parametrize("order", [lambda table: table, shuffled], ids=["as it is", "shuffled"])
def test_what_stands_out_is_what_a_person_counts(order):
    found = chosen(order(VOTES))
    assert found["1"]["best"] == ({"Ada"}, 3.0, {3})
    assert found["1"]["worst"] == ({"Cid"}, round(4 / 3, 4), {3})
    third = round(np.sqrt(1 / 3), 4)  # of 2 1 2, as of 1 2 1
    assert found["1"]["disputed"] == ({"Bea", "Cid"}, third, {3})
    assert found["2"]["best"][0] == {"Bea"}
    assert found["2"]["worst"][0] == {"Cid"}
    assert found["2"]["disputed"] == ({"Ada"}, round(np.sqrt(2), 4), {2})
    found = chosen(order(RATINGS))["1"]
    assert found == {
        "best": ({"Ada"}, round(14 / 3, 4), {3}),
        "worst": ({"Cid"}, 1.0, {3}),
        "disputed": ({"Bea"}, round(np.std([2, 4, 1], ddof=1), 4), {3}),
    }
    found = chosen(order(PAIRS))["1"]
    assert (found["best"][0], found["best"][2]) == ({"Ada"}, {4})
    assert (found["worst"][0], found["worst"][2]) == ({"Cid"}, {5})
    # Against each other Bea and Cid have 1 0 1; against Ada both have 0 0: squares 2/3 on 2 + 1 degrees.
    assert found["disputed"] == ({"Bea", "Cid"}, round(np.sqrt(2 / 3 / 3), 4), {5})


@pytest.mark.parametrize("table", [VOTES, PAIRS, RATINGS], ids=["votes", "pairs", "ratings"])
def test_other_names_of_judges_and_teams_change_nothing_but_names(table):
    judges = {"Jo": "Zed", "Ian": "Amy", "June": "Moe"}
    teams = {"Ada": "Cid", "Bea": "Ada", "Cid": "Bea"}
    other = table.assign(judge=table["judge"].map(judges))
    columns = [name for name in ("team", "team_a", "team_b") if name in table]
    other[columns] = other[columns].map(teams.get)
    renamed = {
        image: {
            role: found and ({teams[team] for team in found[0]}, *found[1:]) for role, found in roles.items()
        }
        for image, roles in chosen(table).items()
    }
    assert chosen(other) == renamed


def test_where_all_score_alike_or_nobody_can_differ_nothing_stands_out():
    nothing = {"best": None, "worst": None, "disputed": None}
    assert chosen(ratings([("Jo", "1", (3, 3, 3)), ("Ian", "1", (3, 3, 3))])) == {"1": nothing}
    assert chosen(pairs([("Jo", "1", "Ada", "Bea", "tie"), ("Jo", "1", "Ada", "Cid", "tie")]))["1"] == nothing
    alone = chosen(votes([("Jo", "1", (1, 2, 3))]))["1"]
    assert alone["disputed"] is None
    assert alone["best"][0] == {"Ada"}
    split = chosen(votes([("Jo", "1", (1, 2, None)), ("Ian", "1", (2, 1, None))]))["1"]
    assert (split["best"], split["worst"], split["disputed"][0]) == (None, None, {"Ada", "Bea"})


def test_of_those_that_share_a_place_the_highest_and_the_lowest_of_the_ranking_are_shown():
    (choice,) = choices(
        user_study(validate_answers("votes", votes([("Jo", "1", (0, 1, 0))])), read_rule("user-study")),
        ("Cid", "Bea", "Ada"),
    )
    assert choice.worst.teams == ("Ada", "Cid")
    assert choice.shown == {"Bea": ["best"], "Ada": ["worst"]}


def said(*rows):
    return pd.DataFrame(
        [("1", "Ada", judge, x, y, side, side) for judge, x, y, side in rows], columns=list(NO_REASONS)
    )


def maps(cells, *, cell=200, size=(800, 600)):
    row = {"judge": "j", "image": "1", "kind": "main", "width": size[0], "height": size[1], "cell": cell}
    return pd.DataFrame([row | {"cells": np.array(cells, dtype=float)}])


def test_a_crop_is_where_most_judges_marked_else_where_they_looked_else_where_candidates_differ():
    size = (800, 600)
    reasons = said(("Jo", 10, 10, 20), ("Jo", 12, 12, 20), ("Ian", 600, 400, 50), ("June", 640, 430, 20))
    place = marked(reasons, size)
    assert place.rect == around(625, 425, size)  # the first of the two windows that hold both
    assert place.why == "marked by 2 judges (2 regions)"
    assert marked(NO_REASONS, size) is None
    corner = [[0, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0]]
    place = looked(maps(corner), "1", size)
    assert (place.rect.left, place.rect.top) == (800 - SIDE, 0)
    assert place.why == "where 1 judge looked longest"
    assert looked(maps([[1] * 4] * 3), "1", size) is None  # the whole image, all the time
    assert looked(maps(corner), "2", size) is None
    assert looked(maps(corner), "1", (400, 300)) is None
    plain = np.full((600, 800, 3), 90, np.uint8)
    other = plain.copy()
    other[400:440, 96:136] = 250
    rect = differing([plain, other]).rect
    assert rect.left <= 96 < 136 <= rect.left + SIDE
    assert rect.top <= 400 < 440 <= rect.top + SIDE
    assert differing([plain[:100, :90], other[:100, :90]]).rect == (0, 0, 90, 100)


def picture(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def study_of(folder, images, *, size=(300, 260), noise=False, **options):
    rng = np.random.default_rng(2)
    shape = (size[1], size[0], 3)

    def pixels():
        return rng.integers(0, 256, shape, np.uint8) if noise else np.full(shape, rng.integers(256), np.uint8)

    table = votes(
        [
            (judge, f"{n:03}", (2, 1, 3) if judge == "June" else (1, 2, 3))
            for n in range(images)
            for judge in ("Jo", "Ian", "June")
        ]
    )
    files = {
        (image, team): picture(folder / "teams" / team / f"{image}.png", pixels())
        for image in sorted(set(table["image"]))
        for team in TEAMS
    }
    inputs = {
        image: picture(folder / "input" / f"{image}.png", pixels()) for image in sorted(set(table["image"]))
    }
    return make_study(drawn_study(table), pictures=files, input_pictures=inputs, **options)


def test_crops_are_the_pixels_of_the_files_beside_the_same_of_the_input(tmp_path):
    rng = np.random.default_rng(1)
    whole = {key: rng.integers(0, 256, (400, 480, 3), np.uint8) for key in (*TEAMS, "input")}
    files = {team: picture(tmp_path / f"{team}.png", whole[team]) for team in TEAMS}
    small = whole["input"][::4, ::4]
    files[INPUT] = picture(tmp_path / "input.png", small)
    user = user_study(validate_answers("votes", VOTES), read_rule("user-study"))
    choice = choices(user, TEAMS)[0]
    crops = crops_of(choice, files, reasons=said(("Jo", 300, 200, 9)), maps=None)
    assert crops.problems == ()
    rect = crops.place.rect
    for team in choice.shown:
        assert crops.files[team] == as_jpeg(cut_out(whole[team], rect))
    enlarged = small.repeat(4, axis=0).repeat(4, axis=1)
    assert crops.files[INPUT] == as_jpeg(cut_out(enlarged, rect))
    files[INPUT] = picture(tmp_path / "input.png", whole["input"][:-1])
    crops = crops_of(choice, files, reasons=NO_REASONS, maps=None)
    assert INPUT not in crops.files
    assert crops.problems == ("the input has another size (480 x 399) and is not shown",)


def test_a_picture_that_cannot_be_read_is_named_and_the_report_is_written(tmp_path):
    study = study_of(tmp_path, 2)
    (tmp_path / "teams" / "Ada" / "000.png").write_bytes(b"no picture")
    (tmp_path / "input" / "001.png").unlink()
    document = make_document(study)
    assert document.failures == ()
    (section,) = [section for section in document.sections if section.title == "Gallery"]
    notes = [block.text for block in section.blocks if isinstance(block, Text)]
    assert any(
        note.startswith("Not shown: image 000, the picture of Ada cannot be shown: 000.png") for note in notes
    )
    assert any(
        note.startswith("Not shown: image 001, the picture of the input cannot be shown") for note in notes
    )
    pictures = [block for block in section.blocks if isinstance(block, Pictures)]
    assert [[label.split(":")[0] for label, _ in block.shown] for block in pictures] == [
        ["Input", "Cid"],
        ["Ada", "Cid"],
    ]


def test_the_page_of_a_large_study_stays_below_25_megabytes():
    """Of 50 images all crops have room, even with the noise of inputs (sd 25) in all of them."""
    noisy = np.random.default_rng(3).normal(128, 25, (SIDE, SIDE, 3)).astype(np.uint8)
    assert 50 * 4 * len(as_jpeg(noisy)) < MOST_BYTES
    assert MOST_BYTES * 4 / 3 < 23e6  # the rest of the page is below 2 MB


def test_pictures_without_room_are_named(tmp_path, monkeypatch):
    study = study_of(tmp_path, 3, noise=True)
    size = sum(len(data) for _, data in pictures_of(gallery_section(study))[0].shown)
    monkeypatch.setattr(gallery_part, "MOST_BYTES", 2 * size + size // 2)
    sections = gallery_section(study)
    assert [block.caption.split(",")[0] for block in pictures_of(sections)] == ["Image 000", "Image 001"]
    told = " ".join(block.text for block in sections[0].blocks if isinstance(block, Text))
    assert "Of 1 image no pictures are shown" in told
    assert told.rstrip(".").endswith("002")
    (table,) = [block for block in sections[0].blocks if isinstance(block, Table)]
    assert len(table.frame) == 3


def pictures_of(sections: list[Section]) -> list[Pictures]:
    return [block for section in sections for block in section.blocks if isinstance(block, Pictures)]


def test_without_pictures_there_is_the_table_alone():
    for table, rule in ((PAIRS, "bt"), (RATINGS, "mos")):
        name = "pairs" if rule == "bt" else "ratings"
        answers = validate_answers(name, table, scale=(1, 5) if name == "ratings" else None)
        drawn = joint_draws(observe(answers, Parts(), read_rule(rule)), draws=100, seed=1)
        (section,) = gallery_section(make_study(drawn))
        assert section.title == "Image by image"
        assert pictures_of([section]) == []


def test_the_page_holds_the_crops_at_their_size(tmp_path):
    study = study_of(tmp_path, 1, team_names={"Ada": "Ada <b>", "Bea": "Bea", "Cid": "Cid"})
    page = to_html(make_document(study))
    assert "Ada &lt;b&gt;: best" in page
    found = re.findall(r'data:image/jpeg;base64,([^"]+)"', page)
    assert [Image.open(io.BytesIO(base64.b64decode(data))).size for data in found] == [(SIDE, SIDE)] * 3
