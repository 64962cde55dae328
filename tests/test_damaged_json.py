"""JSON that we read back may be valid and not ours: a key is gone, or a list lies where a number was.

Every such file is changed in every place. What cannot be used is refused in words that name the file;
what was changed beside what matters is used as if nothing had happened; nothing ends in a traceback.
"""

import itertools
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.writing import write_measures
from analysis.errors import AnalysisError
from analysis.study_notes import read_notes
from analysis.verify import verify_export
from studyapp.errors import StudyError
from studyapp.imaging.pack_reader import PackReader
from studyapp.services.care.archives import MANIFEST
from studyapp.services.care.backups import back_up, restore
from studyapp.services.ground.second_record import compare_all, mend_record
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.results.exports import export_study, lacking
from studyapp.services.results.parts import parts_of
from studyapp.services.results.ranking import rank_study
from tests.conftest import NOW, TEAMS
from tests.services.joined import closed_joined_study

OTHERS = (None, True, -3, 1.5, 10**400, "x", "\ud800", [], [[1]], {}, {"x": {}})
DEEP = "[" * 100_000
STEP = 5
"""Every fifth of OTHERS is tried in a place, the next ones in the next."""
MOST = 7
ALL = 10_000
"""How many of the ways in which one large file may be wrong are tried, evenly spread."""


@pytest.fixture(scope="module")
def closed(tmp_path_factory) -> Path:
    """A closed and exported study with everything that keeps JSON in var/."""
    root = closed_joined_study(tmp_path_factory.mktemp("json") / "study")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        workspace = open_workspace(root)
        with workspace.database.reading() as session:
            export_study(session, workspace, rank_study(session, workspace))
        workspace.database.close()
    measures = root / "var" / "measures" / "measures.json"
    measures.parent.mkdir()
    measures.write_text(json.dumps({"models": [{"team": team, "runs": []} for team in TEAMS]}))
    shutil.copy(root / "measures.csv", measures.with_suffix(".csv"))
    return root


@pytest.fixture
def study(closed, monkeypatch) -> Iterator[Workspace]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    # Neither plots nor intervals are read from JSON, and they take most of the time.
    for name, empty in (("svg", ""), ("png", b"")):
        monkeypatch.setattr(f"analysis.plots.canvas.{name}", lambda figure, empty=empty: empty)
    monkeypatch.setattr("analysis.verify.summary.check_ranking", lambda *_: "not looked at")
    workspace = open_workspace(closed)
    yield workspace
    workspace.database.close()


def changed(value: Any) -> Iterator[Any]:
    """The value with each of its parts in turn gone or something else; of a list only the first part."""
    places = itertools.count()

    def at(part: Any, put: Callable[[Any], Any]) -> Iterator[Any]:
        yield from map(put, OTHERS[next(places) % STEP :: STEP])
        if isinstance(part, dict):
            for key, inner in part.items():
                yield put({name: other for name, other in part.items() if name != key})
                yield from at(inner, lambda new, key=key: put({**part, key: new}))
        elif isinstance(part, list) and part:
            yield put(part[1:])
            yield from at(part[0], lambda new: put([new, *part[1:]]))

    yield from at(value, lambda new: new)


def texts(text: str, most: int) -> Iterator[str]:
    """What may stand in the file instead; of a file of lines only the first line is another."""
    try:
        first, rest = json.loads(text), ""
    except ValueError:
        line, _, rest = text.partition("\n")
        first = json.loads(line)
    values = list(changed(first))
    for value in values[:: 1 + len(values) // most]:
        yield json.dumps(value) + "\n" + rest
    yield DEEP + "\n" + rest


def tile(study: Workspace, path: Path) -> None:
    with PackReader(path.with_suffix("")) as pack:
        assert pack.tile(0, 0, 0)


def parts(study: Workspace, path: Path) -> None:
    parts_of(study.folders.root, study.file)


def records(study: Workspace, path: Path) -> None:
    compare_all(study)
    mend_record(study)
    study.database.close()


def measure_again(study: Workspace, path: Path) -> None:
    write_measures([], Plan(), path.with_suffix(".csv"), keep=TEAMS)


def verify(study: Workspace, path: Path) -> None:
    lacking(path.parent)
    if wrong := [item for item in verify_export(path.parent) if item.verdict == "wrong"]:
        raise AnalysisError(f"{path.name}; {wrong[0].message}")


def notes(study: Workspace, path: Path) -> None:
    verify(study, path)
    with path.open("rb") as file:
        read_notes(file)


PACK = "packs/input/001.pack.json"
READ: dict[str, Callable[[Workspace, Path], None]] = {
    PACK: tile,
    "scores/files.json": parts,
    "scores/definitions.json": parts,
    "measures/measures.json": measure_again,
    "votes.jsonl": records,
    "exports/manifest.json": verify,
    "exports/definitions.json": verify,
    "exports/rule.json": verify,
    "exports/opening.json": verify,
    "exports/compliance.json": verify,
    "exports/notes.json": notes,
    "exports/ledger.jsonl": verify,
}
FOR_OTHERS = {"exports/datapackage.json"}
"""Written, and read by programs of others only."""


def test_every_file_of_json_below_var_is_in_the_table(closed):
    """Of packs one stands for all; the cache's values have a test of their own."""
    kept = {path.relative_to(closed / "var").as_posix() for path in (closed / "var").rglob("*.json*")}
    ours = {name for name in kept if not name.startswith(("packs/", "cache/"))}
    assert ours == READ.keys() - {PACK} | FOR_OTHERS
    assert PACK in kept


def refusal(call: Callable[..., object], *arguments: object) -> str:
    """Call it; return what it refuses to do, and nothing when it does it."""
    try:
        call(*arguments)
    except (StudyError, AnalysisError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("most", [MOST, pytest.param(ALL, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", READ)
def test_json_that_is_not_ours_is_refused_in_words_or_does_no_harm(study, name, most):
    path = study.folders.var / name
    honest = path.read_bytes()
    said = set()
    try:
        for text in texts(honest.decode(), most):
            path.write_text(text, encoding="utf-8", errors="surrogatepass")
            if why := refusal(READ[name], study, path):
                told = (path.name, path.parent.name, "run `studyapp score DIR` again")
                assert any(words in why for words in told), (text[:300], why)
                assert ";" in why, (text[:300], why)
                said.add(why)
    finally:
        path.write_bytes(honest)
    assert refusal(READ[name], study, path) == ""
    assert said or name == "votes.jsonl"


def test_a_backup_with_another_manifest_is_refused_in_words(study, tmp_path):
    archive = tmp_path / "study.zip"
    back_up(study, archive, now=NOW)
    with zipfile.ZipFile(archive) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    for number, text in enumerate(texts(members[MANIFEST].decode(), MOST)):
        with zipfile.ZipFile(archive, "w") as other:
            for name, data in (members | {MANIFEST: text.encode("utf-8", "surrogatepass")}).items():
                other.writestr(name, data)
        why = refusal(restore, archive, tmp_path / f"restored{number}")
        assert "backup" in why or not why, text[:300]
