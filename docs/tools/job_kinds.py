"""Write docs/reference/job-kinds.md from the kinds of job: `python docs/tools/job_kinds.py`."""

from pathlib import Path

from studyapp.services.jobs.kinds import KINDS

PAGE = Path(__file__).parents[1] / "reference" / "job-kinds.md"
INTRODUCTION = """\
# Kinds of job

You see a job in the console or in `studyapp jobs`, and want to know what it does. Made by `python docs/tools/job_kinds.py`
from `studyapp/services/jobs/kinds.py`. [Jobs](../jobs.md) explains workers and failures.

Of a study's jobs that have the same lane, one runs at a time, because they write the same files.

| kind | on pages | runs | after a kill it | lane | on a closed study |
|---|---|---|---|---|---|
"""
AGAIN = "starts again"
MEANINGS = {
    "check": ("`studyapp check`", AGAIN),
    "import": ("`studyapp import` of what was uploaded", "keeps the images already copied"),
    "tile": ("`studyapp tile`", "keeps every finished tile pack"),
    "score": ("`studyapp score`", "keeps every value already computed (`var/cache/metrics`)"),
    "unpaired": ("`studyapp score --unpaired`", "keeps every value already computed"),
    "measure": ("`studyapp measure`", "starts again: times of two runs are not mixed"),
    "export": ("`studyapp export`", "starts again; until it is complete the earlier export stays unchanged"),
    "anonymous": ("what `studyapp export --anonymous` adds, from the export that is there", AGAIN),
    "forms": (
        "`studyapp export --as` with every format of the study's answers, into `var/forms`",
        "starts again; until they are complete the earlier ones stay",
    ),
    "publish": ("`studyapp publish` into `var/published`", "keeps every picture that is written"),
    "team_sheets": (
        "`studyapp team-sheets` into `var/team-sheets`",
        "starts again; files keep their names",
    ),
    "verify": ("`studyapp verify`", AGAIN),
    "backup": ("`studyapp backup` into `var/backups`", "keeps a backup that is complete"),
    "mail": ("mail to judges", "sends to those who have not been sent it"),
    "blind_audit": ("`studyapp blind-audit`", AGAIN),
    "submission": ("unpacks and scores what a team handed in", "keeps every value already computed"),
    "final": (
        "puts final results into the study's folder",
        "starts again; until it is complete the earlier ones stay",
    ),
    "model": ("checks the zip of a model, without running it", AGAIN),
}
"""What each kind runs, and what happens to it when its process is killed."""


def page() -> str:
    """Return docs/reference/job-kinds.md."""
    return INTRODUCTION + "".join(_row(name) for name in KINDS)


def _row(name: str) -> str:
    kind = KINDS[name]
    runs, killed = MEANINGS[name]
    closed = "yes" if kind.after_closing else "no"
    return f"| `{name}` | {kind.title} | {runs} | {killed} | {kind.lane} | {closed} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
