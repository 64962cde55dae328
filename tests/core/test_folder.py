"""Finding a study's files by name, and naming everything that is missing, extra or misnamed."""

import shutil

import pytest

from analysis.did_you_mean import nearest
from analysis.image_names import EXTENSIONS
from analysis.imaging.signature import _SIGNATURES
from studyapp.core.image_names import is_key
from studyapp.study.folder import plan_folder, plan_names
from studyapp.study.study_file import load_study_file

TEAMS = ("alpha", "beta", "gamma")
STUDY = """title: T
practice: warmup
teams:
- {id: alpha, name: A}
- {id: beta, name: B}
- {id: gamma, name: C}
"""


@pytest.fixture
def root(tmp_path):
    """A study folder in order; the files are empty, nobody looks inside."""
    (tmp_path / "study.yaml").write_text(STUDY)
    for folder in ("input", *(f"teams/{team}" for team in TEAMS)):
        (tmp_path / folder).mkdir(parents=True)
        for image in ("001", "002", "003", "warmup"):
            (tmp_path / folder / f"{image}.png").touch()
    return tmp_path


def plan(root):
    return plan_folder(root, load_study_file(root / "study.yaml"))


def told(root):
    return [str(problem) for problem in plan(root).problems]


def test_a_folder_in_order(root):
    found = plan(root)
    assert found.problems == []
    assert found.images == ("001", "002", "003")
    assert found.practice == "warmup"
    assert found.shown == ("001", "002", "003", "warmup")
    assert found.inputs["warmup"] == root / "input" / "warmup.png"
    assert found.candidates["002", "beta"] == root / "teams" / "beta" / "002.png"
    assert len(found.candidates) == 12
    assert len(found.files) == 16
    assert found.pairs == ()


def test_the_extension_may_differ_from_folder_to_folder(root):
    (root / "input" / "001.png").rename(root / "input" / "001.jpeg")
    (root / "teams" / "beta" / "002.png").rename(root / "teams" / "beta" / "002.tif")
    assert told(root) == []


def test_a_missing_candidate(root):
    (root / "teams" / "beta" / "002.png").unlink()
    assert told(root) == ["teams/beta/002.png: missing; put the image there"]


def test_an_extra_candidate(root):
    (root / "teams" / "beta" / "009.png").touch()
    assert told(root) == [
        "teams/beta/009.png: extra: there is no input '009'; add the input, or move it elsewhere"
    ]


@pytest.mark.parametrize("wrong", ["1", "0001", "001_restored", "img-001", "001.out"])
def test_a_misnamed_candidate_is_told_once(root, wrong):
    (root / "teams" / "beta" / "001.png").rename(root / "teams" / "beta" / f"{wrong}.png")
    assert told(root) == [
        f"teams/beta/{wrong}.png: misnamed: there is no image {wrong!r}; did you mean 001.png?"
    ]


def test_another_number_is_not_a_misspelling(root):
    (root / "teams" / "beta" / "001.png").rename(root / "teams" / "beta" / "004.png")
    assert [problem.path for problem in plan(root).problems] == ["teams/beta/001.png", "teams/beta/004.png"]


def test_an_extension_in_capitals(root):
    (root / "teams" / "beta" / "001.png").rename(root / "teams" / "beta" / "001.PNG")
    assert told(root) == ["teams/beta/001.PNG: misnamed: the extension is in capitals; did you mean 001.png?"]


def test_a_name_that_cannot_be_a_key(root):
    (root / "input" / "two words.png").touch()
    assert told(root) == [
        "input/two words.png: misnamed: 'two words' is too long or has characters that are not "
        "allowed; use 1 to 64 of A-Z a-z 0-9 . _ -"
    ]


@pytest.mark.parametrize("twin", ["001.jpg", "001.tiff"])
def test_two_files_of_one_name(root, twin):
    (root / "input" / twin).touch()
    (problem,) = plan(root).problems
    assert problem.what.startswith("has the same name as 001.")


def test_names_that_differ_in_case_only(root):
    (root / "input" / "Warmup.png").touch()
    assert "input/warmup.png: has the same name as Warmup.png; keep one of the two" in told(root)


def test_a_missing_input_is_told_once_not_for_every_team(root):
    (root / "input" / "002.png").unlink()
    assert told(root) == ["input/002.png: missing; put the image there"]


def test_an_image_of_another_format_is_named_where_it_is_missing(root):
    (root / "teams" / "beta" / "001.png").rename(root / "teams" / "beta" / "001.gif")
    missing, ignored = sorted(plan(root).problems, key=lambda problem: problem.severity)
    assert str(missing) == "teams/beta/001.png: missing; 001.gif has another format; save it as 001.png"
    assert str(ignored).startswith("teams/beta/001.gif: not an image")


def test_a_misspelt_team_folder(root):
    (root / "teams" / "beta").rename(root / "teams" / "Beta")
    assert told(root) == ["teams/Beta: no team has this id in study.yaml; did you mean beta?"]


def test_an_unknown_and_a_missing_team_folder(root):
    (root / "teams" / "beta").rename(root / "teams" / "xyz")
    assert told(root) == [
        "teams/beta: folder missing; add the team's images",
        "teams/xyz: no team has this id in study.yaml; "
        "add it under `teams:`, or move it elsewhere; there are alpha, beta, gamma",
    ]


def test_an_empty_team_folder_is_one_problem(root):
    shutil.rmtree(root / "teams" / "beta")
    (root / "teams" / "beta").mkdir()
    assert told(root) == ["teams/beta: has none of the 4 images; put them there"]


def test_folders_that_are_missing_or_misspelt(root):
    (root / "input").rename(root / "inputs")
    shutil.rmtree(root / "teams")
    assert told(root) == [
        "input: folder missing; did you mean inputs/? rename it to input/",
        "study.yaml:2: there is no image 'warmup' (practice); add input/ and teams/ files with that name, "
        "or remove it",
        "teams: folder missing; make the folder",
    ]


def test_a_study_without_images(root):
    for folder in ("input", *(f"teams/{team}" for team in TEAMS)):
        for path in (root / folder).iterdir():
            path.unlink()
    assert "input: no images; put the inputs there, one file for each image" in told(root)


def test_a_study_with_nothing_but_the_practice_image(root):
    for folder in ("input", *(f"teams/{team}" for team in TEAMS)):
        for image in ("001", "002", "003"):
            (root / folder / f"{image}.png").unlink()
    assert told(root) == [
        "input: no images other than the practice image; put the inputs there, one file for each image"
    ]


def test_a_practice_image_that_is_not_there_has_its_line(root):
    (root / "study.yaml").write_text(STUDY.replace("warmup", "warmpu"))
    assert told(root) == ["study.yaml:2: there is no image 'warmpu' (practice); did you mean 'warmup'?"]


def test_what_systems_leave_behind_is_not_spoken_of(root):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (root / "input" / name).touch()
    (root / "teams" / ".cache").mkdir()
    assert told(root) == []


def test_other_files_and_folders_are_ignored_with_a_warning(root):
    (root / "input" / "readme.txt").touch()
    (root / "teams" / "notes.txt").touch()
    (root / "teams" / "beta" / "old").mkdir()
    problems = plan(root).problems
    assert [problem.path for problem in problems] == ["input/readme.txt", "teams/beta/old", "teams/notes.txt"]
    assert {problem.severity for problem in problems} == {"warning"}


def test_links_that_leave_the_folder_are_refused(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.png").touch()
    (root / "input" / "001.png").unlink()
    (root / "input" / "001.png").symlink_to(outside / "secret.png")
    shutil.rmtree(root / "teams" / "beta")
    (root / "teams" / "beta").symlink_to(outside)
    leaving = [problem.path for problem in plan(root).problems if "leads out" in problem.what]
    assert leaving == ["input/001.png", "teams/beta"]
    assert not any(str(outside) in str(path.resolve()) for path in plan(root).files)


def test_links_inside_the_folder_are_followed(root):
    (root / "teams" / "beta" / "001.png").unlink()
    (root / "teams" / "beta" / "001.png").symlink_to(root / "teams" / "alpha" / "001.png")
    assert told(root) == []


def test_paired_images(root):
    for folder in ("input", "gt", "teams/alpha"):
        (root / "paired" / folder).mkdir(parents=True)
        for image in ("101", "102"):
            (root / "paired" / folder / f"{image}.png").touch()
    found = plan(root)
    assert found.problems == []
    assert found.pairs == ("101", "102")
    assert found.pair_truths["101"] == root / "paired" / "gt" / "101.png"
    assert list(found.pair_candidates) == [("101", "alpha"), ("102", "alpha")]
    (root / "paired" / "gt" / "101.png").unlink()
    (root / "paired" / "teams" / "alpha" / "102.png").unlink()
    (root / "paired" / "teams" / "alhpa").mkdir()
    assert [problem.path for problem in plan(root).problems] == [
        "paired/gt/101.png",
        "paired/teams/alhpa",
        "paired/teams/alpha/102.png",
    ]


def test_every_problem_is_told_at_once(root):
    (root / "input" / "001.png").rename(root / "input" / "001.PNG")
    (root / "teams" / "alpha" / "002.png").unlink()
    (root / "teams" / "beta" / "003.png").rename(root / "teams" / "beta" / "3.png")
    (root / "teams" / "delta").mkdir()
    assert [problem.path for problem in plan(root).problems] == [
        "input/001.PNG",
        "teams/alpha/002.png",
        "teams/beta/3.png",
        "teams/delta",
    ]


def test_a_folder_that_is_not_there(tmp_path):
    paths = [problem.path for problem in plan_names(tmp_path / "none", TEAMS).problems]
    assert paths == ["input", "teams"]


@pytest.mark.parametrize("name", ["001", "a.b-c_d", "A" * 64])
def test_keys(name):
    assert is_key(name)


@pytest.mark.parametrize("name", ["", ".a", "-a", "a b", "ä", "a/b", "A" * 65, "a\n"])
def test_what_is_no_key(name):
    assert not is_key(name)


def test_a_guess_is_made_only_when_there_is_one():
    assert nearest("1", ["1a", "001", "0001"]) is None
    assert nearest("b", ["alpha", "gamma"]) is None


def test_every_extension_has_a_signature():
    assert set(EXTENSIONS.values()) == {name for _, name in _SIGNATURES} | {"WEBP", "AVIF", "HEIC"}


@pytest.mark.parametrize(
    "name",
    ["$RECYCLE.BIN", "@eaDir", "#recycle", "lost+found", "__MACOSX", "System Volume Information", ".stfolder",
     "found.000", "RECYCLER", "Network Trash Folder", "old drafts"],
)  # fmt: skip
def test_what_a_system_leaves_among_the_teams_is_no_team(root, name):
    (root / "teams" / name / "deeper").mkdir(parents=True)
    if name != "old drafts":
        shutil.copy(root / "teams" / "beta" / "001.png", root / "teams" / name / "001.png")
        shutil.copytree(root / "teams" / name, root / "input" / name)
    (root / "teams" / "beta" / "001.png:Zone.Identifier").write_text("[ZoneTransfer]")
    problems = plan(root).problems
    assert not [problem for problem in problems if problem.severity == "error"]
    assert len(problems) == (name == "old drafts")


def test_images_in_a_folder_or_an_archive_of_a_team_are_named_with_a_way_in(root):
    team = root / "teams" / "beta"
    inner = team / "results"
    inner.mkdir()
    for path in team.glob("*.png"):
        path.rename(inner / path.name)
    (team / "beta.ZIP").touch()
    told_now = told(root)
    assert not [line for line in told_now if "remove" in line]
    ways = [line for line in told_now if line.endswith("copies its images to where they belong")]
    assert [line.partition(":")[0] for line in ways] == [
        "teams/beta",
        "teams/beta/beta.ZIP",
        "teams/beta/results",
    ]
    assert "studyapp import DIR teams/beta/results" in ways[2]


def test_one_pattern_of_names_is_one_problem(root):
    team = root / "teams" / "beta"
    for path in team.glob("*.png"):
        path.rename(team / f"{path.stem}_restored.png")
    (problem,) = told(root)
    assert "misnamed, such as 001_restored.png, which is probably 001.png" in problem
