"""`check`: every problem of a real folder of images at once, each with its file, and nothing written."""

import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import join_scores, read_given_scores
from studyapp.errors import errors_of
from studyapp.services.folder.checking import check_study

STUDY = """title: T
practice: warmup
protocol: {places: 2, points: [2, 1]}
teams:
- {id: alpha, name: A}
- {id: beta, name: B}
- {id: gamma, name: C}
limits: {max_pixels: 10000}
"""
TEAMS = ("alpha", "beta", "gamma")
IMAGES = ("001", "002", "003", "warmup")


def save(path, seed, size=(60, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    (root / "study.yaml").write_text(STUDY)
    for number, folder in enumerate(("input", *(f"teams/{team}" for team in TEAMS))):
        for image_number, image in enumerate(IMAGES):
            save(root / folder / f"{image}.png", 10 * number + image_number)
    return root


@pytest.fixture
def root(good, tmp_path):
    return shutil.copytree(good, tmp_path / "study")


def told(root):
    return [str(problem) for problem in check_study(root, jobs=1)]


def files(root):
    """All but what was kept to be reused."""
    kept = root / "var"
    found = {path: path.stat().st_mtime_ns for path in root.rglob("*") if kept not in (path, *path.parents)}
    assert all(path == kept / "seen" for path in kept.glob("*"))
    return found


def test_a_study_in_order_has_no_problem_and_is_not_written_to(root):
    before = files(root)
    told = []
    assert check_study(root, progress=lambda *now: told.append(now)) == []
    assert files(root) == before
    assert told[-1] == ("check", 16, 16)


def test_everything_wrong_is_named_at_once(root):
    teams = root / "teams"
    content = (teams / "alpha/001.png").read_bytes()
    (teams / "alpha/001.png").write_bytes(content[: len(content) // 2])
    save(teams / "alpha/warmup.png", 50, size=(61, 40))
    Image.open(teams / "alpha/003.png").convert("RGBA").rotate(5).save(teams / "alpha/003.png")
    (teams / "beta/001.png").rename(teams / "beta/1.png")
    (teams / "beta/002.png").unlink()
    save(teams / "beta/009.png", 51)
    (teams / "beta/003.png").write_bytes(b"GIF89a and so on")
    (teams / "gamma").rename(teams / "gama")
    (teams / "gama/002.png").write_bytes(b"")
    save(root / "input/002.png", 52, size=(33, 20))
    save(root / "input/warmup.png", 53, size=(200, 200))
    (root / "judges.csv").write_text(
        "name,email,conflicts\nJude,jude@example.org,\nJune,Jude@example.org,betta\n"
    )
    (root / "measures.csv").write_text(
        "team,params_m,flops_g,time_ms\nalpha,1,2,fast\nbeta,-1,2,\nalpha,1,1,1\n"
    )
    (root / "scores.csv").write_text("team,S2\nalhpa,70\n")
    before = files(root)
    problems = check_study(root, jobs=1)
    assert files(root) == before
    assert [(problem.path, problem.line, problem.severity) for problem in problems] == [
        ("input/002.png", None, "error"),
        ("input/warmup.png", None, "error"),
        ("judges.csv", 3, "error"),
        ("judges.csv", 3, "error"),
        ("measures.csv", 2, "error"),
        ("measures.csv", 3, "error"),
        ("measures.csv", 4, "error"),
        ("scores.csv", 2, "error"),
        ("teams/alpha/001.png", None, "error"),
        ("teams/alpha/003.png", None, "error"),
        ("teams/alpha/warmup.png", None, "error"),
        ("teams/beta/002.png", None, "error"),
        ("teams/beta/003.png", None, "error"),
        ("teams/beta/009.png", None, "error"),
        ("teams/beta/1.png", None, "error"),
        ("teams/gama", None, "error"),
        ("teams/gama/002.png", None, "error"),
    ]


@pytest.mark.parametrize(
    ("teams", "places", "what", "remedy"),
    [
        ("[]", 3, "no teams to rank", "add teams"),
        ("[{id: alpha, name: A}]", 3, "1 team to rank", "add teams"),
        (
            "[{id: alpha, name: A}, {id: beta, name: B}]",
            3,
            "2 teams cannot fill 3 places",
            "add teams, or lower protocol.places",
        ),
    ],
)
def test_a_draft_with_too_few_teams_is_read_and_the_check_says_so(root, teams, places, what, remedy):
    (root / "study.yaml").write_text(f"title: T\nprotocol: {{places: {places}}}\nteams: {teams}\n")
    found = [problem for problem in check_study(root) if problem.path == "study.yaml"]
    assert [(problem.what, problem.remedy, problem.severity) for problem in found] == [
        (what, remedy, "error")
    ]


def test_a_size_that_differs_is_named_against_the_others(root):
    save(root / "teams/beta/002.png", 1, size=(60, 41))
    assert told(root) == [
        "teams/beta/002.png: 60x41 pixels, but the others of this image have 60x40; "
        "all results of an image must have the same size"
    ]


@pytest.mark.parametrize(
    ("size", "fits"), [((30, 20), True), ((15, 10), True), ((6, 4), True), ((3, 2), True)]
)
def test_an_input_may_be_an_exact_fraction(root, size, fits):
    save(root / "input/002.png", 1, size=size)
    assert (told(root) == []) == fits


@pytest.mark.parametrize("size", [(30, 40), (40, 60), (29, 20), (120, 80), (24, 16)])
def test_an_input_of_another_size_is_named(root, size):
    save(root / "input/002.png", 1, size=size)
    assert told(root) == [
        f"input/002.png: {size[0]}x{size[1]} pixels, but the candidates have 60x40; "
        "use an input of the same size, or an exact integer fraction of it"
    ]


def test_of_two_sizes_equally_common_the_one_that_fits_the_input_is_right(root):
    (root / "study.yaml").write_text(STUDY.replace("- {id: gamma, name: C}\n", ""))
    shutil.rmtree(root / "teams/gamma")
    save(root / "teams/alpha/001.png", 1, size=(61, 40))
    assert [problem.path for problem in check_study(root, jobs=1)] == ["teams/alpha/001.png"]


def test_two_teams_with_the_same_pixels_are_a_warning_that_names_both(root):
    for image in ("001", "003"):
        Image.open(root / f"teams/alpha/{image}.png").save(
            root / f"teams/gamma/{image}.png", compress_level=1
        )
    (problem,) = check_study(root, jobs=1)
    assert str(problem) == (
        "teams/gamma: the same pixels as teams/alpha in 2 of 4 images (001, 003); "
        "ask the team whether this is intended"
    )
    assert errors_of([problem]) == []


def test_a_candidate_that_is_the_input_is_a_warning(root):
    for image in IMAGES:
        Image.open(root / f"input/{image}.png").save(root / f"teams/beta/{image}.png")
    assert told(root) == [
        "teams/beta: the same pixels as the input in 4 of 4 images (001, 002, 003, warmup); "
        "ask the team whether this is intended"
    ]


def test_one_picture_under_two_names_is_a_warning(root):
    shutil.copy(root / "teams/beta/001.png", root / "teams/beta/002.png")
    assert told(root) == [
        "teams/beta/002.png: the same pixels as teams/beta/001.png; check that the right image was saved"
    ]


def test_what_ingest_changes_is_a_warning_with_its_file(root):
    deep = np.random.default_rng(0).integers(0, 65536, (40, 60), dtype=np.uint16)
    Image.fromarray(deep).save(root / "teams/alpha/001.png")
    clear = Image.open(root / "teams/beta/001.png").convert("RGBA")
    clear.save(root / "teams/beta/001.png")
    problems = check_study(root, jobs=1)
    assert [(problem.path, problem.what) for problem in problems] == [
        ("teams/alpha/001.png", "16 bit; the high byte of each sample is kept (>> 8)"),
        ("teams/beta/001.png", "an alpha channel, opaque everywhere, is dropped"),
    ]
    assert errors_of(problems) == []


def test_a_typo_in_study_yaml_does_not_hide_the_rest(root):
    (root / "study.yaml").write_text(STUDY.replace("title:", "titel:"))
    (root / "teams/alpha/001.png").write_bytes(b"")
    (root / "teams/beta/002.png").unlink()
    problems = check_study(root, jobs=1)
    assert [(problem.path, problem.line) for problem in problems] == [
        ("study.yaml", 1),
        ("study.yaml", 1),
        ("teams/alpha/001.png", None),
        ("teams/beta/002.png", None),
    ]
    assert "did you mean 'title'?" in str(problems[1])


def test_a_folder_that_is_no_study(tmp_path):
    assert [problem.path for problem in check_study(tmp_path, jobs=1)] == ["input", "study.yaml", "teams"]


def test_paired_images_are_looked_at_too(root):
    save(root / "paired/input/101.png", 1, size=(30, 20))
    save(root / "paired/gt/101.png", 2)
    save(root / "paired/teams/alpha/101.png", 3, size=(60, 41))
    save(root / "paired/input/102.png", 4, size=(31, 20))
    save(root / "paired/gt/102.png", 5)
    (root / "paired/teams/alpha/102.png").write_bytes(b"no image")
    assert [problem.path for problem in check_study(root, jobs=1)] == [
        "paired/input/102.png",
        "paired/teams/alpha/101.png",
        "paired/teams/alpha/102.png",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("team,params_m,flops_g\nalpha,1,2\n", 1, "column 'time_ms' is missing"),
        ("team,params,flops_g,time_ms\n", 1, "unknown column 'params'"),
        ("team,params_m,flops_g,time_ms,team\n", 1, "column 'team' appears twice"),
        ("team,params_m,flops_g,time_ms\nalpha,1,2,3,4\n", 2, "5 values for 4 columns"),
        ('team,params_m,flops_g,time_ms\nalpha,1,2,"3\n', 2, "a quote is opened but never closed"),
        ("team,params_m,flops_g,time_ms\n\nalpha,1,2,nan\n", 3, "column time_ms: 'nan' is not a number"),
        ("team;params_m;flops_g;time_ms\nalpha;1;2;x\n", 2, "column time_ms: 'x' is not a number"),
        (
            "team,params_m,flops_g,time_ms,rémarks\n".encode() + b"alpha,1,2,3,\xff\n",
            None,
            "mixes encodings: line 1 is UTF-8, line 2 is not",
        ),
        ("team,params_m,flops_g,time_ms\nalpha,1,2,3\nalpha,1,2,3\n", 3, "team 'alpha' has two rows"),
        (
            'team,params_m,flops_g,time_ms\nalpha,1,"16,703",3\n',
            None,
            "column flops_g: '16,703' could be 16703 or 16.703",
        ),
    ],
)
def test_measures_with_a_problem(root, text, line, what):
    (root / "measures.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    (problem,) = check_study(root, jobs=1)
    assert (problem.path, problem.line, problem.what) == ("measures.csv", line, what)


SCORES = {
    "decimal commas": ("team;s2\nalpha;79,1\nbeta;70,25\n", True),
    "a column too many": ("team,s2,comment\nalpha,79.1,good\n", True),
    "a header in capitals": ("Team,S2\nalpha,79.1\n", True),
    "Windows-1252": ("team,s2,comment\nalpha,79.1,schön\n".encode("cp1252"), True),
    "an EScore": ("team,s2,escore\nalpha,79.1,20\n", True),
    "a thousand": ('team,s2\nalpha,"1,079"\n', False),
    "words": ("team,s2\nalpha,good\n", False),
    "a misspelt column": ("team,s2,ecsore\nalpha,79.1,20\n", False),
    "S3 of another source": ("team,s2,s3\nalpha,79.1,20\n", False),
    "a stranger": ("team,s2\nalhpa,79.1\n", False),
    "a team twice": ("team,s2\nalpha,79.1\nalpha,79.2\n", False),
}


@pytest.mark.parametrize(("text", "accepted"), SCORES.values(), ids=SCORES)
def test_check_refuses_a_table_of_scores_exactly_when_ranking_would(root, text, accepted):
    (root / "scores.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert (errors_of(check_study(root, jobs=1)) == []) is accepted
    points = pd.DataFrame({"team": ["alpha", "beta"], "s3": [2.0, 1.0]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            join_scores(points, read_given_scores(root / "scores.csv"))
            ranked = True
        except AnalysisError:
            ranked = False
    assert ranked is accepted


def test_measures_may_have_every_column_that_measuring_writes(root):
    from analysis.efficiency.measures import OPTIONAL

    head = ",".join(["team,params_m,flops_g,time_ms", *OPTIONAL])
    (root / "measures.csv").write_text(f"{head}\nalpha,1,2,3{',' * len(OPTIONAL)}\n")
    assert told(root) == []


def test_measures_may_have_gaps(root):
    (root / "measures.csv").write_text("team,params_m,flops_g,time_ms\nalpha,1,,3.5\nbeta,,,\n")
    (root / "scores.csv").write_text("\ufeffteam,s2\nalpha,-1e2\n")
    assert told(root) == []


def write_models(root, *names):
    (root / "models").mkdir()
    for name in names:
        (root / "models" / name).write_text("raise SystemExit('checking runs no model')\n")


def test_a_team_without_a_model_is_a_warning(root):
    write_models(root, "alpha.py", "gamma.py")
    assert told(root) == ["models: no model of 'beta'; a team that is not measured gets no EScore"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("alpha.py", "alhpa2.py", "01_delta.py"), "models: model '01_delta' fits no team"),
        (("alpha.py", "02_alpha.py"), "models: team 'alpha' has several models: 02_alpha, alpha; keep one"),
    ],
)
def test_models_that_cannot_be_told_apart_are_named(root, names, said):
    write_models(root, *names)
    (problem,) = told(root)
    assert problem.startswith(said)
