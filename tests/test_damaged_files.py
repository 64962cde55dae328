"""Damage below var/ is said in words by every command that meets it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.paired.cache import ValueCache
from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services.paired.score_files import FILES, read_saved

DAMAGE = (b"", b"{", b"[]", b"null", b"\xff\xfe\0", b'{"files": 3, "tables": []}', b'"text"')


def test_damage_below_var_is_told_in_words(tiled_folder, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = Path(shutil.copytree(tiled_folder, tmp_path / "study"))
    kinds: dict[str, Path] = {}
    for path in sorted((root / "var").rglob("*")):
        # SQLite maps its own side files into memory: cut short under its hands, they end this process.
        if path.is_file() and not path.name.endswith(("-shm", "-wal")):
            kinds.setdefault(f"{path.parent.name}/{''.join(path.suffixes) or path.name}", path)
    assert len(kinds) >= 4
    for path in kinds.values():
        content = path.read_bytes()
        for damage in (b"", b"[]", b"\xff\xfe\0"):
            path.write_bytes(damage)
            result = CliRunner().invoke(main, ["verify", str(root)])
            assert result.exception is None or isinstance(result.exception, SystemExit), (path, damage)
            assert "Traceback" not in result.output
            path.write_bytes(content)


@pytest.mark.parametrize("damage", [*DAMAGE, b'{"tables": {}, "files": {"a": 1}}'])
def test_damaged_scores_are_to_be_made_again(tmp_path, damage):
    (tmp_path / FILES).write_bytes(damage)
    with pytest.raises(StudyError, match=r"cannot be read .*; run `studyapp score DIR` again"):
        read_saved(tmp_path)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_value_of_the_cache_is_computed_again(tmp_path, damage):
    cache = ValueCache(tmp_path)
    cache.put({"metric": "psnr"}, 1.5)
    (kept,) = tmp_path.rglob("*.json")
    kept.write_bytes(damage)
    assert cache.get({"metric": "psnr"}) is None
    cache.put({"metric": "psnr"}, 2.5)
    assert cache.get({"metric": "psnr"}) == 2.5
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
