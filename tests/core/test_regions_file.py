"""regions.csv: rectangles inside their images, every problem with its line."""

import pytest

from studyapp.core.regions_file import outside, read_regions


def read(tmp_path, text: str):
    path = tmp_path / "regions.csv"
    path.write_text(text, encoding="utf-8")
    return read_regions(path, ["001", "002"])


def test_regions_keep_their_order(tmp_path):
    regions, problems = read(tmp_path, "image,x,y,width,height\n001,5,6,7,8\n001,1,2,3,4\n002,0,0,9,9\n")
    assert problems == []
    assert regions == {"001": [(5, 6, 7, 8), (1, 2, 3, 4)], "002": [(0, 0, 9, 9)]}
    assert outside(regions, {"001": (12, 14), "002": (9, 9)}) == []
    assert "reaches beyond image 001" in outside(regions, {"001": (11, 14), "002": (9, 9)})[0].what


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("01,0,0,5,5", "no image '01'"),
        ("001,-1,0,5,5", "x '-1' is not a number of pixels"),
        ("001,0,0,0,5", "width '0'"),
        ("001,0,0,5,2.5", "height '2.5'"),
    ],
)
def test_problems(tmp_path, line, words):
    regions, problems = read(tmp_path, f"image,x,y,width,height\n{line}\n")
    assert regions == {}
    assert [problem.line for problem in problems] == [2]
    assert words in problems[0].what
