"""Taking in what teams hand in: names of all kinds, hostile zips, and nothing written over."""

import hashlib
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from studyapp.cli import main
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


def test_all_teams_of_one_folder_and_what_belongs_to_nobody(root, tmp_path):
    for team in ("team01", "team03"):
        hand_in(tmp_path, team, pattern="{image}.png")
    hand_in(tmp_path, "team02", pattern="{image}.png").rename(tmp_path / "inbox" / "Second light")
    hand_in(tmp_path, "team04", pattern="{image}.png").rename(tmp_path / "inbox" / "strangers")
    assert "stopped" in call(root, tmp_path / "inbox", status=130, answer="n\n")
    assert not (root / "teams").exists()
    told = call(root, tmp_path / "inbox", answer="y\n")
    assert "no team 'strangers' in study.yaml: give --team, or add - {id: strangers, name: strangers}" in told
    assert sorted(path.name for path in (root / "teams").iterdir()) == ["team01", "team02", "team03"]
    (root / "teams" / "team01" / "001.png").write_text("kept")
    assert "12 images are already in the study" in call(root, tmp_path / "inbox", "--yes", status=2)
    assert (root / "teams" / "team01" / "001.png").read_text() == "kept"


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
