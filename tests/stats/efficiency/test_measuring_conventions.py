"""Whose a model is, and which files are its own."""

import pytest

from analysis.efficiency.measuring.conventions import find_models
from analysis.efficiency.measuring.inputs import input_images
from analysis.efficiency.measuring.matching import match_teams
from analysis.errors import AnalysisError

from .zoo import write_model


@pytest.fixture
def root(tmp_path):
    for stem in ("team01_Swin", "team02_naf"):
        write_model(tmp_path, stem, "")
    folder = tmp_path / "models" / "03-Third"
    folder.mkdir()
    (folder / "model.py").touch()
    (folder / "requirements.txt").write_text("einops\n")
    zoo = tmp_path / "model_zoo"
    (zoo / "team03_weights").mkdir(parents=True)
    for name in ("team01_swin.pth", "team02_other.ckpt", "notes.txt"):
        (zoo / name).touch()
    return tmp_path


def test_models_are_found_with_their_weights_and_requirements(root):
    first, second, third = find_models(root, teams=["team01", "team02", "team03"])
    assert (first.team, first.name, first.weights) == ("team01", "Swin", root / "model_zoo/team01_swin.pth")
    assert second.weights == root / "model_zoo/team02_other.ckpt"
    assert (third.file, third.weights) == (
        root / "models/03-Third/model.py",
        root / "model_zoo/team03_weights",
    )
    assert (first.requirements, third.requirements) == (None, root / "models/03-Third/requirements.txt")
    assert third.folders == (root, root / "models", root / "models/03-Third")


def test_a_model_sees_what_is_its_own_and_what_is_nobodys(root):
    models = root / "models"
    for name in ("__init__.py", "blocks.py", "team01_Swin_layers.py", "team02_naf.requirements.txt"):
        (models / name).touch()
    (root / "utils").mkdir()
    _, first, second = find_models(root)
    assert set(first.seen) == {
        models / "team01_Swin.py",
        models / "team01_Swin_layers.py",
        root / "model_zoo/team01_swin.pth",
        models / "__init__.py",
        models / "blocks.py",
        root / "utils",
    }
    assert models / "team01_Swin_layers.py" not in second.seen


def test_names_that_begin_alike_are_models_of_their_own_unless_a_number_joins_them(tmp_path):
    for stem in ("alpha", "alpha_plus"):
        write_model(tmp_path, stem, "")
    assert [model.team for model in find_models(tmp_path)] == ["alpha", "alpha_plus"]
    found = find_models(tmp_path, teams=["alpha", "alpha_plus"])
    assert [model.team for model in found] == ["alpha", "alpha_plus"]
    (alone,) = find_models(tmp_path, teams=["alpha", "beta"])
    assert tmp_path / "models/alpha_plus.py" in alone.seen


def test_the_folder_of_models_itself_may_be_given(root):
    assert [model.team for model in find_models(root / "models")] == ["03-Third", "team01_Swin", "team02_naf"]


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"main.py": "", "io.py": "", "model.py": ""}, "main.py"),
        ({"__init__.py": "from .io import main", "io.py": "", "model.py": ""}, "__init__.py"),
        ({"__init__.py": "\n", "io.py": "", "model.py": ""}, "io.py"),
    ],
)
def test_the_entry_file_of_a_folder(tmp_path, files, entry):
    folder = tmp_path / "models" / "team01_X"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    assert find_models(tmp_path)[0].file == folder / entry


def test_a_mapping_says_what_names_do_not(root):
    (root / "models" / "models.csv").write_text(
        "model,team\nteam01_Swin.py,eye\nteam02_naf,wall\n03-Third,moon\n"
    )
    found = find_models(root, teams=["moon", "eye", "wall"])
    assert {model.team: model.stem for model in found} == {
        "eye": "team01_Swin",
        "moon": "03-Third",
        "wall": "team02_naf",
    }


@pytest.mark.parametrize(
    ("models", "teams", "names", "owners"),
    [
        (["team1_X"], ["team01", "team11"], [], {"team1_X": "team01"}),
        (["01_MiAlgo"], ["mialgo", "xiaomi"], [], {"01_MiAlgo": "mialgo"}),
        (["wall"], ["team01", "team02"], ["First eye", "Wall"], {"wall": "team02"}),
        (["TEAM02"], ["team01", "team02"], [], {"TEAM02": "team02"}),
        (["team07_team02"], ["team02"], [], {"team07_team02": "team02"}),
    ],
)
def test_names_that_tell(models, teams, names, owners):
    assert match_teams(models, teams, names) == owners


@pytest.mark.parametrize(
    ("models", "teams", "names", "message"),
    [
        (
            ["team03_X"],
            ["team01", "team02"],
            [],
            "model 'team03_X' fits no team .*choose from team01, team02",
        ),
        (["x"], ["alpha", "beta"], [], "model 'x' fits no team of this study; choose from alpha, beta"),
        (["team01_a", "01_b"], ["team01"], [], "team 'team01' has several models: team01_a, 01_b"),
        (["01_X"], ["01_a", "team1"], [], "model '01_X' fits '01_a' and 'team1'"),
        (["eye"], ["a", "b"], ["Eye", "eye!"], "model 'eye' fits 'a' and 'b'"),
    ],
)
def test_names_that_do_not_tell_are_refused(models, teams, names, message):
    with pytest.raises(AnalysisError, match=message):
        match_teams(models, teams, names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model,team\nteam09,eye\n", "there is no model 'team09'; choose from"),
        ("model,team\nteam01_Swin,eyes\n", "there is no team 'eyes'; did you mean 'eye'"),
        ("model,team\nteam01_Swin,eye\nteam01_Swin.py,eye\n", "model 'team01_Swin' has two rows"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(root, text, message):
    (root / "models" / "models.csv").write_text(text)
    with pytest.raises(AnalysisError, match=message):
        find_models(root, teams=["eye", "team01", "team02", "team03"])


def test_what_is_wrong_with_a_folder_is_said(root):
    (root / "empty").mkdir()
    with pytest.raises(AnalysisError, match="contains no models"):
        find_models(root / "empty")
    (root / "models" / "team04_Empty").mkdir()
    (root / "model_zoo" / "team01_swin.pt").touch()
    problems = {model.stem: model.problem for model in find_models(root)}
    assert "has no entry point; add main.py, __init__.py" in problems["team04_Empty"]
    assert "two weights for team01_Swin" in problems["team01_Swin"]
    assert problems["team02_naf"] == problems["03-Third"] == ""


def test_the_images_are_one_of_each_name(tmp_path):
    with pytest.raises(AnalysisError, match="there is no folder"):
        input_images(tmp_path / "input")
    with pytest.raises(AnalysisError, match="contains no images"):
        input_images(tmp_path)
    for name in ("001.png", "002.JPG", "._001.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in input_images(tmp_path)] == ["001.png", "002.JPG"]
    (tmp_path / "003.webp").touch()
    with pytest.raises(AnalysisError, match=r"003\.webp has a format that models are not measured on"):
        input_images(tmp_path)
    (tmp_path / "003.webp").unlink()
    (tmp_path / "001.tif").touch()
    with pytest.raises(AnalysisError, match="contains the image 001 twice"):
        input_images(tmp_path)


def test_a_repository_that_a_team_handed_in_is_one_model_with_its_own_files(root):
    own = root / "models" / "night-owls"
    for stem in ("team00_Baseline", "team09_Owl"):
        write_model(own, stem, "")
    (own / "model_zoo").mkdir()
    (own / "model_zoo" / "team09_Owl.pth").touch()
    (own / "models" / "common.py").touch()
    broken = root / "models" / "team05"
    for stem in ("team05_A", "team06_B"):
        write_model(broken, stem, "")
    (broken / "model_zoo").mkdir()
    teams = ["team01", "team02", "team03", "night-owls", "team05"]
    found = {model.team: model for model in find_models(root, teams=teams)}
    owl = found["night-owls"]
    assert (owl.stem, owl.root, owl.weights) == ("team09_Owl", own, own / "model_zoo" / "team09_Owl.pth")
    assert set(owl.seen) == {own / "models" / "team09_Owl.py", owl.weights, own / "models" / "common.py"}
    assert "has 2 models (team05_A, team06_B); keep one" in found["team05"].problem
    assert not any(own in path.parents or path == own for path in found["team01"].seen)
    folder = root / "models" / "03-Third" / "models"  # a model's own package of that name
    folder.mkdir()
    assert find_models(root, teams=teams)[-2].file == root / "models/03-Third/model.py"
