"""`check`, `rank` and `studyapp analyse` read odd tables alike: the same verdict, in the same words."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import AnalysisError, InputWarning
from analysis.part_options import read_parts
from analysis.rule import Rule
from studyapp.services.folder.table_checks import check_tables
from studyapp.services.results.parts import parts_of
from studyapp.study.study_file import load_study_file

TEAMS = ["team01", "team02", "team03"]
STUDY = "title: One verdict\nteams:\n" + "".join(f"  - {{id: {team}, name: {team}}}\n" for team in TEAMS)
HEAD = "team,params_m,flops_g,time_ms"
VOTES_GIVE = "what the votes give"
SCORES = {
    "as it should be": "team,s2,escore\nteam01,1,2\nteam02,3,4\n",
    "a column more": "team,s2,note\nteam01,1,x\nteam02,3,\n",
    "another case": "Team,S2\nteam01,1\nteam02,2\n",
    "spaces around": "team , s2\n team01 , 1\nteam02,2\n",
    "a misspelt column": "team,s2,ecsore\nteam01,1,2\n",
    "a column twice": "team,s2,S2\nteam01,1,2\n",
    "no team column": "squad,s2\nteam01,1\n",
    "a value without a column": "team,s2\nteam01,1,2,3\nteam02,2\n",
    "a column without a name": "team,,s2\nteam01,7,1\n",
    "a nameless column, empty": "team,s2,\nteam01,1,\nteam02,2,\n",
    "a line that ends early": "team,s2,escore\nteam01,1\nteam02,2,3\n",
    "semicolons and commas": "team;s2\nteam01;1,5\nteam02;2,5\n",
    "sep=": "sep=;\nteam;s2\nteam01;1\nteam02;2\n",
    "thousands or decimals": 'team,s2\nteam01,"1,500"\nteam02,"2,250"\n',
    "commas and points": 'team,s2\nteam01,"1,5"\nteam02,2.5\n',
    "text for a number": "team,s2\nteam01,good\nteam02,2\n",
    "infinity": "team,s2\nteam01,inf\nteam02,2\n",
    "a team twice": "team,s2\nteam01,1\nteam02,3\nteam01 ,2\n",
    "no team in a row": "team,s2\n,1\nteam02,2\n",
    "an empty row": "team,s2\nteam01,1\n,\nteam02,2\n",
    "a quote in a word": 'team,s2\n"team"01,1\nteam02,2\n',
    "a quote never closed": 'team,s2\n"team01,1\nteam02,2\n',
    "no rows": "team,s2\n",
    "nothing": "",
    VOTES_GIVE: "team,s3\nteam01,1\nteam02,2\n",
    "Windows-1252": "team,s2,note\nteam01,1,café\nteam02,2,x\n".encode("cp1252"),
    "UTF-16": "team,s2\nteam01,1\nteam02,2\n".encode("utf-16"),
    "no text": b"team,s2\nteam01,1\0\nteam02,2\n",
}
MEASURES = {
    "as it should be": f"{HEAD}\nteam01,1,2,3\nteam02,,2,3\n",
    "spaces for underscores": "team,params m,flops-g,TIME MS\nteam01,1,2,3\n",
    "below nothing": f"{HEAD}\nteam01,-1,2,3\n",
    "a column missing": "team,params_m,flops_g\nteam01,1,2\n",
    "a misspelt column": "team,params_m,flops_g,tmie_ms\nteam01,1,2,3\n",
    "a misspelt column that nobody needs": f"{HEAD},uncuonted\nteam01,1,2,3,x\n",
    "an unknown word": f"{HEAD},status\nteam01,1,2,3,fine\n",
    "half an interval": f"{HEAD},time_low_ms\nteam01,1,2,3,2\n",
    "text for a number": f"{HEAD}\nteam01,1,many,3\n",
    "two devices": f"{HEAD},device\nteam01,1,2,3,A\nteam02,1,2,3,B\n",
}
CASES = [("scores.csv", name) for name in SCORES] + [("measures.csv", name) for name in MEASURES]


def plain(message: str) -> str:
    """What is said of a table, without where it stands and the remedy that `check` adds to a warning."""
    message = re.sub(r"^(error|warning): ", "", message.strip(), flags=re.IGNORECASE)
    message = re.sub(r"^/\S*/", "", message)
    message = re.sub(r"^(scores|measures)(\.csv)?(:\d+)?[,:]? ", "", message)
    return re.sub(r", row \d+:", ":", message).removesuffix("; check the table")


def told_by_check(root: Path, rule: Rule) -> tuple[bool, list[str]]:
    problems = check_tables(root, TEAMS, 3, ["001"], rule)
    wrong = [problem for problem in problems if problem.severity == "error"]
    return bool(wrong), sorted({plain(str(problem)) for problem in wrong or problems})


def told_by(read: Callable[[], object]) -> tuple[bool, list[str]]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", InputWarning)
        try:
            read()
        except AnalysisError as error:
            return True, [plain(str(error))]
    return False, sorted({plain(str(item.message)) for item in said})


def read_by_command(path: Path, rule: Rule) -> None:
    """What every command of studyapp analyse does with its options --scores and --measures."""
    with path.open("rb") as file:
        given = {"scores": None, "measures": None, path.stem: file}
        read_parts(given["scores"], None, given["measures"], rule)


@pytest.mark.parametrize(("name", "case"), CASES, ids=[" ".join(case) for case in CASES])
def test_one_verdict_in_the_same_words(tmp_path, name, case):
    content = (SCORES if name == "scores.csv" else MEASURES)[case]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "study.yaml").write_text(STUDY)
    study = load_study_file(tmp_path / "study.yaml")
    told = told_by_check(tmp_path, study.rule)
    assert told_by(lambda: parts_of(tmp_path, study)) == told
    if case != VOTES_GIVE:  # a table that stands alone may have it
        assert told_by(lambda: read_by_command(path, study.rule)) == told


def test_a_column_that_the_rule_reads_is_checked_too(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY + 'rules:\n  final: {score: "u + bonus"}\n')
    (tmp_path / "scores.csv").write_text("team,bonus\nteam01,much\nteam02,2\n")
    study = load_study_file(tmp_path / "study.yaml")
    told = told_by_check(tmp_path, study.rule)
    assert told == (True, ["column bonus: 'much' is not a number; leave the cell empty if there is none"])
    assert told_by(lambda: parts_of(tmp_path, study)) == told
