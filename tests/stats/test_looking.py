"""`studyapp analyse looking`: coverage by hand-made numbers, maps that show where, hostile tables refused."""

import io

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.looking.coverage import by_image, by_judge, cell_areas, half_area, total_map
from analysis.looking.plot import faded, looking_plot
from analysis.looking.reading import read_candidates, read_maps
from analysis.plots.canvas import png

HEAD = "judge,image,kind,trial,slot,team,visits,seen,dwell\n"
MAP_HEAD = "judge,image,kind,trial,visits,seconds,width,height,cell,cells\n"
# 90 x 50 pixels in cells of 40: the right column is 10 wide, the lower row 10 high.
CANDIDATES = HEAD + (
    "judge01,001,main,t1,0,,1,0,2\njudge01,001,main,t1,1,a,1,0.5,4\njudge01,001,main,t1,2,b,1,0,4\n"
    "judge02,001,main,t2,1,b,2,0.25,4\njudge02,001,main,t2,2,a,2,0.75,6\n"
    "judge02,001,repeat,t3,1,a,1,1,99\n"
)
MAPS = MAP_HEAD + (
    "judge01,001,main,t1,1,10,90,50,40,9 1 0 0 0 0\n"
    "judge02,001,main,t2,2,20,90,50,40,19 0 0 0 0 1\n"
    "judge02,001,repeat,t3,1,99,90,50,40,0 99 0 0 0 0\n"
)


@pytest.fixture
def export(tmp_path):
    (tmp_path / "looking.csv").write_text(CANDIDATES)
    (tmp_path / "looking_maps.csv").write_text(MAPS)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, ["looking", *map(str, arguments)])


def test_coverage_of_candidates_only_and_of_main_trials_only(export):
    candidates, maps = read_candidates(export), read_maps(export)
    judges = by_judge(candidates, maps).set_index("judge")
    assert judges.loc["judge01"].to_dict() == pytest.approx(
        {"images": 1, "minutes": 1 / 6, "seconds": 10, "seen": 0.25, "at_1_1": 0.5}
    )
    assert judges.loc["judge02", "seen"] == 0.5
    (image,) = by_image(candidates, maps).to_dict("records")
    assert (image["judges"], image["minutes"], image["seconds"]) == (2, 0.5, 15)
    assert image["half_area"] == pytest.approx(0.5 * 30 / 28 * 1600 / 4500), "28 of 30 s on the first cell"


def test_cells_at_the_edge_are_cut_off(export):
    area = cell_areas(read_maps(export), "001")
    np.testing.assert_array_equal(area, [[1600, 1600, 400], [400, 400, 100]])
    np.testing.assert_array_equal(total_map(read_maps(export), "001"), [[28, 1, 0], [0, 0, 1]])


def test_half_area_follows_the_density_not_the_seconds():
    assert half_area(np.array([[4.0, 4.0]]), np.array([[3.0, 1.0]])) == 0.25
    assert np.isnan(half_area(np.zeros((1, 2)), np.ones((1, 2))))


def test_the_map_is_dark_where_the_time_was(export, tmp_path):
    inputs = tmp_path / "input"
    inputs.mkdir()
    Image.fromarray(np.full((50, 90, 3), 128, np.uint8)).save(inputs / "001.webp", lossless=True)
    done = run(export, "--maps", tmp_path / "maps", "--inputs", inputs)
    assert done.exit_code == 0, done.output
    assert "2 judges; time on screen, not where eyes rested" in done.stderr
    picture = np.asarray(Image.open(tmp_path / "maps" / "001.png").convert("RGB")).astype(int)
    warmth = picture[..., 0] - picture[..., 2]
    height, width = warmth.shape
    assert warmth[int(height * 0.35), int(width * 0.15)] > 80
    assert warmth[int(height * 0.35), int(width * 0.5)] < 25


def test_the_same_tables_give_the_same_picture(export):
    maps = read_maps(export)

    def draw() -> bytes:
        seconds, area = total_map(maps, "001"), cell_areas(maps, "001")
        return png(looking_plot(seconds, area, cell=40, image="001", judges=2, minutes=0.5, picture=None))

    assert draw() == draw()
    assert Image.open(io.BytesIO(draw())).size[0] > 500


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("9 1 0 0 0 0", "9 1 0 0 0", "5 values; give 2 x 3 seconds"),
        ("9 1 0 0 0 0", "9 1 0 0 0 -1", "6 values; give 2 x 3 seconds of 0 or more"),
        ("9 1 0 0 0 0", "9 1 0 0 0 x", "are not numbers"),
        ("9 1 0 0 0 0", "9 1 0 0 0 nan", "of 0 or more"),
        ("20,90,50,40", "20,91,50,40", "maps of different sizes"),
        (",90,50,40,", ",1e9,1e9,1,", "are pixels; use 1 to 100000"),
        ("judge01,001,main", "judge01,001,other", "unknown kind 'other'"),
    ],
)
def test_maps_that_cannot_be_are_refused(export, old, new, says):
    (export / "looking_maps.csv").write_text(MAPS.replace(old, new))
    with pytest.raises(AnalysisError, match=says):
        read_maps(export)


def test_a_name_that_leads_elsewhere_writes_nothing(export, tmp_path):
    (export / "looking.csv").write_text(CANDIDATES.replace("001", "../001"))
    (export / "looking_maps.csv").write_text(MAPS.replace("001", "../001"))
    done = run(export, "--maps", tmp_path / "maps")
    assert (done.exit_code, (tmp_path / "001.png").exists()) == (2, False)


def test_what_is_missing_is_named(tmp_path, export):
    assert "looking.csv" in run(tmp_path / "..").stderr
    (tmp_path / "empty").mkdir()
    done = run(export, "--maps", tmp_path / "maps", "--inputs", tmp_path / "empty")
    assert done.exit_code == 2
    assert "has no image 001" in done.stderr


def test_a_picture_of_sixteen_bits_and_one_that_is_none(tmp_path):
    Image.fromarray(np.full((4, 6), 0x8000, np.uint16)).save(tmp_path / "a.png")
    assert faded(tmp_path / "a.png")[0, 0] == pytest.approx(128 / 255)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(AnalysisError, match=r"b\.png: not an image"):
        faded(tmp_path / "b.png")
