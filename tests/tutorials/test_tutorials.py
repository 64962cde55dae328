"""The tutorials are true: what they have a reader do works, and prints what they say."""

from pathlib import Path

import pytest

from studyapp.sample.demo import run_demo
from tests.tutorials.following import ROOT, TutorialError, follow

TUTORIALS = ROOT / "docs" / "tutorials"


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    """Return what `studyapp demo sample --no-serve` makes."""
    root = tmp_path_factory.mktemp("demo") / "sample"
    run_demo(root, serve=False, port=0, echo=lambda _: None)
    return root


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.parametrize("name", ["organiser", "challenge", "analyst"])
def test_a_tutorial_can_be_followed(name, sample, tmp_path):
    follow(TUTORIALS / f"{name}.md", tmp_path, {"SAMPLE": str(sample)})


SMALL = """\
<!-- file: names.txt -->
```csv
June
Jude
```
```sh
cat names.txt
{command}
```
```text
June
...
{expected}
```
<!-- not run -->
```sh
exit 7
```
"""


@pytest.mark.parametrize(
    ("command", "expected", "error"),
    [
        ("echo one  two 3 >&2", "one two ...", None),
        ("echo one", "two", "small.md:6: 'two' is not in"),
        ("echo one && exit 3", "one", "small.md:6: .*exit status 3"),
    ],
)
def test_a_tutorial_that_is_wrong_is_found(command, expected, error, tmp_path):
    page = tmp_path / "small.md"
    page.write_text(SMALL.format(command=command, expected=expected))
    if error is None:
        follow(page, tmp_path)
    else:
        with pytest.raises(TutorialError, match=f"(?s){error}"):
            follow(page, tmp_path)
