"""The visitor's study: the sample's pictures again, open, with one judge who is not simulated."""

import os
import shutil
from pathlib import Path

from studyapp.sample.build import study_yaml
from studyapp.sample.scenes import Size
from studyapp.study.study_file import STUDY_FILE

VISITOR = ("Visitor", "visitor@example.org")


def copy_for_visitor(ranked: Path, target: Path, *, size: Size) -> None:
    """Make the visitor's study from the ranked one's pictures and tile packs, unless it is there.

    Neither its key nor its database is copied: the visitor's votes are nobody else's.
    """
    if (target / STUDY_FILE).exists():
        return
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in ("input", "teams", "var/packs"):
        shutil.copytree(
            ranked / part, partial / part, copy_function=_link, ignore=shutil.ignore_patterns(".lock")
        )
    name, email = VISITOR
    (partial / "judges.csv").write_text(f"name,email,conflicts\n{name},{email},\n", encoding="utf-8")
    text = study_yaml(size, title="Sample study, open for you to try", simulated=False, joined=False)
    (partial / STUDY_FILE).write_text(text, encoding="utf-8")
    partial.rename(target)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
