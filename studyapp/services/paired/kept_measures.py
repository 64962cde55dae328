"""The table in var/measures of what models cost, and whose costs are not those of the model that counts."""

from collections.abc import Collection
from pathlib import Path

from analysis.efficiency.measures import read_measures
from analysis.files import write_whole
from analysis.output import Output, render
from studyapp.services.ground.only_run import only_run
from studyapp.settings import Folders

MEASURES = "measures.csv"
REPLACED = "of an earlier model: a later one was handed in and is not measured yet"
"""The remark on costs that are not those of the model that counts."""


def note_replaced(root: Path, teams: Collection[str]) -> None:
    """Remark whose costs are of a model that a later one replaced. It may be repeated.

    Raises
    ------
    BusyError
        While models are measured: who does that looks for later models at the end.
    """
    folder = Folders(root).measures
    if not teams or not (folder / MEASURES).is_file():
        return
    with only_run(folder, f"measuring {root.resolve().name}"):
        table = read_measures(folder / MEASURES)
        before = [str(row.get("remarks") or "") for row in table.to_dict("records")]
        failed = [row.get("status") == "failed" for row in table.to_dict("records")]
        remarks = [
            "; ".join(filter(None, (said, REPLACED)))
            if team in teams and not is_failed and REPLACED not in said
            else said
            for team, said, is_failed in zip(table["team"], before, failed, strict=True)
        ]
        if remarks != before:
            text = render(Output(table.assign(remarks=remarks)), "csv")
            write_whole(folder / MEASURES, text.encode())
