"""Taking in what teams hand in: names of all kinds, hostile zips, and nothing written over."""

import hashlib
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.services.ground.workspace import init_folder
from studyapp.study.study_file import load_study_file
from tests.conftest import IMAGES, write_study

ALL = ("000", *IMAGES)


@pytest.fixture
def root(tmp_path) -> Path:
    root = write_study(tmp_path / "study", size=(8, 6))
    shutil.move(root / "teams", tmp_path / "made")
    return root


def call(*arguments: object, status: int = 0, answer: str | None = None) -> str:
    result = CliRunner().invoke(main, ["import", *map(str, arguments)], input=answer)
    assert result.exit_code == status, result.output
    return result.output


def hand_in(tmp_path: Path, team: str, *, pattern: str, zipped: str | None = None) -> Path:
    """Lay the images of a team in a folder (or a zip) of the team's name, under names of a pattern."""
    made = tmp_path / "made" / team
    source = tmp_path / "inbox" / f"{team}{zipped or ''}"
    source.parent.mkdir(exist_ok=True)
    named = {pattern.format(image=image, number=int(image)): made / f"{image}.png" for image in ALL}
    if zipped:
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in named.items():
                archive.write(path, name)
                archive.writestr(f"__MACOSX/._{Path(name).name}", b"\0\5\26\7")
            archive.writestr("Thumbs.db", b"x")
            archive.writestr("readme.txt", b"x")
        return source
    for name, path in named.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, source / name)
    return source


def sums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@pytest.mark.parametrize(
    "pattern",
    [
        "{image}.png",
        "results/{image}_restored.png",
        "{image}x4.PNG",
        "out/x4/IMG_{number}.png",
        "team02_{image}.png",
    ],
)
@pytest.mark.parametrize("zipped", [None, ".zip"])
def test_names_are_matched_and_originals_stay(root, tmp_path, pattern, zipped):
    source = hand_in(tmp_path, "team02", pattern=pattern, zipped=zipped)
    before = sums(source.parent)
    told = call(root, source, "--yes")
    assert len([line for line in told.splitlines() if line.startswith("team02: 4 images")]) == 1
    made = {name.lower(): digest for name, digest in sums(tmp_path / "made" / "team02").items()}
    assert sums(root / "teams" / "team02") == made
    assert sums(source.parent) == before


def test_all_teams_of_one_folder_and_one_that_is_new(root, tmp_path):
    for team in ("team01", "team03"):
        hand_in(tmp_path, team, pattern="{image}.png")
    hand_in(tmp_path, "team02", pattern="{image}.png").rename(tmp_path / "inbox" / "Second light")
    hand_in(tmp_path, "team04", pattern="{image}.png").rename(tmp_path / "inbox" / "strangers")
    assert "stopped" in call(root, tmp_path / "inbox", status=130, answer="n\n")
    assert not (root / "teams").exists()
    told = call(root, tmp_path / "inbox", "--known-teams", answer="y\n")
    assert "no team 'strangers' in study.yaml" in told
    assert sorted(path.name for path in (root / "teams").iterdir()) == ["team01", "team02", "team03"]
    told = call(root, tmp_path / "inbox", answer="y\n")
    assert "new team: strangers (id strangers); added to study.yaml" in told
    assert len(list((root / "teams" / "strangers").iterdir())) == 4
    assert load_study_file(root / "study.yaml").teams[-1].name == "strangers"
    (root / "teams" / "team01" / "001.png").write_text("kept")
    assert "16 images are already in the study" in call(root, tmp_path / "inbox", "--yes", status=2)
    assert (root / "teams" / "team01" / "001.png").read_text() == "kept"


def draft(tmp_path: Path) -> Path:
    """Make a new study with nothing in it but the study.yaml that `init` writes."""
    root = write_study(tmp_path / "study", size=(8, 6))
    shutil.move(root / "teams", tmp_path / "made")
    shutil.move(root / "input", tmp_path / "inputs")
    (root / "study.yaml").unlink()
    init_folder(root)
    return root


def zipped(path: Path, files: dict[str, Path | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return path


def images_of(tmp_path: Path, team: str, pattern: str) -> dict[str, Path | bytes]:
    made = tmp_path / "made" / team
    return {pattern.format(image=image): made / f"{image}.png" for image in ALL}


def test_a_zip_of_everything_makes_a_study(tmp_path):
    """One zip: inputs in LR/, a zip for each team in its own spelling, and what systems leave behind."""
    root = draft(tmp_path)
    alpha = images_of(tmp_path, "team01", "results/{image}_restored.PNG")
    alpha |= {"__MACOSX/results/._001_restored.PNG": b"\0", "readme.txt": b"x", "results/Thumbs.db": b"x"}
    files = {
        **{f"RAIM/LR/{image}_LR.png": tmp_path / "inputs" / f"{image}.png" for image in ALL},
        "RAIM/AlphaNet_results.zip": zipped(tmp_path / "a.zip", alpha),
        "RAIM/Équipe 2.zip": zipped(tmp_path / "b.zip", images_of(tmp_path, "team02", "{image}x4.png")),
        "RAIM/第三队.zip": zipped(tmp_path / "c.zip", images_of(tmp_path, "team03", "out/x4/{image}.png")),
        ".DS_Store": b"x",
    }
    told = call(root, zipped(tmp_path / "handed in.zip", files), "--yes").splitlines()
    assert [line for line in told if line.startswith("new team")] == [
        "new team: AlphaNet (id AlphaNet); added to study.yaml",
        "new team: Équipe 2 (id Equipe-2); added to study.yaml",
        "new team: 第三队 (id team04); added to study.yaml",
    ]
    assert len([line for line in told if " images from " in line]) == 4
    assert sums(root / "input") == sums(tmp_path / "inputs")
    for team, made in (("AlphaNet", "team01"), ("Equipe-2", "team02"), ("team04", "team03")):
        assert sums(root / "teams" / team) == sums(tmp_path / "made" / made)
    text = (root / "study.yaml").read_text(encoding="utf-8")
    assert "# for analysis and simulation" in text
    assert [(team.id, team.name) for team in load_study_file(root / "study.yaml").teams] == [
        ("AlphaNet", "AlphaNet"),
        ("Equipe-2", "Équipe 2"),
        ("team04", "第三队"),
    ]
    folders = sorted(path.name for path in (root / "teams").iterdir())
    assert folders == ["AlphaNet", "Equipe-2", "team04"]  # those of the examples were empty


def test_team_of_a_beginning_of_names_and_a_mistyped_team(root, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    for team in ("team02", "team07"):
        for image in ALL:
            shutil.copy(tmp_path / "made" / "team02" / f"{image}.png", folder / f"{team}_{image}.png")
    assert "did you mean team02?" in call(root, folder, "--team", "team002", "--yes", status=2)
    told = call(root, folder, "--yes")
    assert "new team: team07 (id team07)" in told
    assert "team02: 4 images from flat" in told


def test_ground_truth_and_paired_images(root, tmp_path):
    folder = tmp_path / "release"
    for area in ("paired/LQ", "paired/GT", "paired/team01"):
        (folder / area).mkdir(parents=True)
        for name in ("a1", "a2"):
            shutil.copy(root / "input" / "001.png", folder / area / f"{name}.png")
    call(root, folder, "--yes")
    found = sorted(path.relative_to(root).as_posix() for path in (root / "paired").rglob("*.png"))
    assert found == [
        f"paired/{area}/{name}.png" for area in ("gt", "input", "teams/team01") for name in ("a1", "a2")
    ]


def bomb(path: Path, kind: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "../001.png" if kind == "outside" else "001.png", b"0" * (80 << 20 if kind == "ratio" else 9)
        )
        archive.writestr("002.png", b"1")
        if kind == "method":
            archive.writestr("003.png", b"2", zipfile.ZIP_BZIP2)
        if kind == "link":
            entry = zipfile.ZipInfo("003.png")
            entry.external_attr = 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", directory + 4)
    if kind == "encrypted":
        data[directory + 8] |= 1
    if kind == "overlap":
        data[second + 42 : second + 46] = struct.pack("<I", 0)
    if kind == "twice":
        data[second + 46 : second + 53] = b"001.png"
    if kind == "cut":
        del data[directory:]
    path.write_bytes(data)


@pytest.mark.parametrize(
    "kind", ["outside", "ratio", "method", "link", "encrypted", "overlap", "twice", "cut"]
)
def test_a_hostile_zip_is_refused_and_nothing_is_written(root, tmp_path, kind):
    bomb(tmp_path / "team01.zip", kind)
    before = sorted(path.name for path in tmp_path.iterdir())
    told = call(root, tmp_path / "team01.zip", "--yes", status=2)
    assert told.splitlines()[-1].startswith("Error: ")
    assert not list(root.glob("teams/*/*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == before
