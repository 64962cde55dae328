"""Study folders of random names and contents: problems are found, and nothing else happens.

`HYPOTHESIS_MAX_EXAMPLES` makes it longer.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyapp.errors import ProblemsFoundError
from studyapp.services.folder.checking import check_study
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import load_study_file
from tests.conftest import STUDY_YAML
from tests.hostile.corpus import small

EXAMPLES = int(os.environ.get("HYPOTHESIS_MAX_EXAMPLES", "25"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Whatever a file system takes: no slash, no null byte, not too long, not "." or "..".
names = (
    st.binary(min_size=1, max_size=60)
    .map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_"))
    .filter(lambda raw: raw not in (b".", b".."))
)
likely = st.sampled_from(
    [b"001.png", b"000.PNG", b"team01", b"input", b"study.yaml", b"-rf", b"..png", b"con.png"]
)
contents = st.one_of(
    st.binary(max_size=200),
    st.just(small()),
    st.binary(max_size=60).map(lambda tail: small()[:40] + tail),
    st.text(max_size=200).map(lambda text: text.encode("utf-8")),
)
folders = st.sampled_from(
    [b"", b"input", b"teams", b"teams/team01", b"paired/input", b"paired/gt", b"paired/teams/x"]
)
entries = st.lists(st.tuples(folders, names | likely, contents), max_size=8)
yaml_texts = st.one_of(
    st.just(STUDY_YAML),
    st.text(max_size=200),
    st.lists(
        st.sampled_from([*STUDY_YAML.splitlines(), "- &a [*a]", "? {", "title: [", "teams: 7", "\t"])
    ).map("\n".join),
)


@fuzz
@given(entries=entries, study=yaml_texts, table=st.text(max_size=200))
def test_any_folder(entries, study, table):
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "study"
        write(root, entries)
        if not (root / "study.yaml").is_dir():
            (root / "study.yaml").write_text(study, encoding="utf-8", errors="surrogatepass")
        for name in ("judges.csv", "measures.csv", "scores.csv", "regions.csv"):
            if not (root / name).exists():
                (root / name).write_text(table, encoding="utf-8", newline="")
        before = listing(root)
        problems = check_study(root, jobs=1)
        assert listing(root) == before
        for problem in problems:
            assert scratch not in str(problem)
            str(problem).encode("utf-8", "backslashreplace")
        plan(root)


def plan(root: Path) -> None:
    try:
        study = load_study_file(root / "study.yaml")
    except ProblemsFoundError:
        return
    plan_folder(root, study)


def write(root: Path, entries: list[tuple[bytes, bytes, bytes]]) -> None:
    root.mkdir()
    for folder, name, content in entries:
        place = os.path.join(os.fsencode(root), folder)
        try:
            os.makedirs(place, exist_ok=True)
            with open(os.path.join(place, name), "wb") as file:
                file.write(content)
        except OSError:
            continue  # a file where a folder should be, or the other way round


def listing(root: Path) -> list[bytes]:
    """All names but what check keeps to reuse."""
    names = (
        os.path.join(os.fsencode(folder), os.fsencode(name))
        for folder, folders_in, files in os.walk(root)
        for name in (*folders_in, *files)
    )
    var = os.fsencode(root / "var")
    seen = os.path.join(var, b"seen")
    return sorted(name for name in names if name not in (var, seen) and not name.startswith(seen + b"/"))
