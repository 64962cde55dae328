"""The visitor's study: the sample's pictures again, open, with one judge who is not simulated."""

import os
import shutil
from pathlib import Path

from studyapp.core.hidden_trials import CONTROLS
from studyapp.sample.build import study_yaml
from studyapp.sample.scenes import Size
from studyapp.study.study_file import STUDY_FILE

VISITOR = ("Visitor", "visitor@example.org")


def copy_for_visitor(ranked: Path, target: Path, *, size: Size, kind: str = "top_k") -> None:
    """Make the visitor's study from the ranked one's pictures and tile packs, unless it is there.

    Neither its key nor its database is copied: the visitor's votes are nobody else's.
    """
    if (target / STUDY_FILE).exists():
        return
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    parts = ("input", "teams", *CONTROLS, "var/packs")
    for part in (part for part in parts if (ranked / part).is_dir()):
        shutil.copytree(
            ranked / part, partial / part, copy_function=_link, ignore=shutil.ignore_patterns(".lock")
        )
    name, email = VISITOR
    (partial / "judges.csv").write_text(f"name,email,conflicts\n{name},{email},\n", encoding="utf-8")
    title = {"en": "Sample study, open for you to try", "zh_Hans": "样例评测：供你试用"}
    text = study_yaml(size, kind=kind, title=title, simulated=False, joined=False)
    (partial / STUDY_FILE).write_text(text, encoding="utf-8")
    partial.rename(target)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
