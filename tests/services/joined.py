"""A closed study with all three parts: pairs that are scored, ballots, and measures by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, ensure_key, open_workspace
from studyapp.services.paired.scoring import ScoringChoice, score_study
from studyapp.services.people import invitations
from tests.conftest import CAST, KEY, NOW
from tests.paired_study import JOINED, SCORING, write_paired_study
from tests.services.voting import cast_all, close

ONE = ScoringChoice(workers=1)
MEASURES = """\
team,params_m,flops_g,time_ms,time_low_ms,time_high_ms,device,comparable
team01,4,40,10,9,11,GPU of the test,yes
team02,3,30,10.5,9.5,11.5,GPU of the test,yes
team03,2,20,30,29,31,GPU of the test,yes
team04,1,10,40,39,41,GPU of the test,yes
"""


def closed_joined_study(
    root: Path, *, more: str = "", before_closing: Callable[[Workspace], None] | None = None
) -> Path:
    """Make the study in a folder, on SQLite; `more` goes into study.yaml."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        write_paired_study(root, more=SCORING + JOINED + more)
        (root / "measures.csv").write_text(MEASURES)
        ensure_key(root, key=KEY)
        prepare_study(root, workers=1, progress=None, now=NOW)
        score_study(root, ONE)
        workspace = open_workspace(root)
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, CAST, now=NOW)
            studies.open_study(session, now=NOW)
        cast_all(workspace, "Jude", "June")
        if before_closing is not None:
            before_closing(workspace)
        close(workspace)
        workspace.database.close()
    return root
