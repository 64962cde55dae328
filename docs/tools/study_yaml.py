"""Write docs/reference/study-yaml.md from the models of study.yaml: `python docs/tools/study_yaml.py`."""

from pathlib import Path

from docs.tools.yaml_keys import Keys
from studyapp.protocols import KINDS
from studyapp.study.study_file import StudyFile

PAGE = Path(__file__).parents[1] / "reference" / "study-yaml.md"
INTRODUCTION = """\
# study.yaml

You are writing a study.yaml and want to know every key. Made by `python docs/tools/study_yaml.py` from the models that
read the file; `studyapp schema` prints the same as a JSON schema, with which editors complete and check.
`studyapp check` names every mistake with its line.

[The study folder](../study-folder.md) explains what the keys are for, [protocols](../protocols.md) how to ask judges,
[rules](../rules.md) how scores become a ranking ([their terms](rule-terms.md)).

"""
EXAMPLES = {name: kind.example for name, kind in KINDS.items()}


def page() -> str:
    """Return docs/reference/study-yaml.md."""
    return INTRODUCTION + Keys(StudyFile, EXAMPLES).page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
