"""README.md of an export: what it is, what to know first, and what each file is for."""

import textwrap
from collections.abc import Iterable

from analysis.columns import TABLES
from analysis.printable import printable
from analysis.texts import say

README = "README.md"

_ANSWERS = ("votes.csv", "pairs.csv", "ratings.csv")
_FILES = {
    README: say("what the files are, and how to read them"),
    "columns.csv": say("what every column of every table means, with its unit"),
    "compliance.json": say("the same as compliance.md, for programs"),
    "compliance.md": say("what to report about the test, and which Recommendations it meets in what"),
    "crops/": say("what judges marked, cut out of the pictures pixel for pixel"),
    "datapackage.json": say("the tables, their columns and types for programs (a Frictionless Data Package)"),
    "definitions.json": say("how the metrics in paired.csv were computed, and the formula of S2"),
    "incomplete.txt": say("parts of the report that could not be made"),
    "ledger.jsonl": say(
        "everything that was recorded while the study ran, each line chained to the one before"
    ),
    "looking.jsonl": say("where judges looked, as recorded with their ballots"),
    "manifest.json": say("SHA-256 of every file here, and the heads of the ledger that they follow from"),
    "metrics.tex": say("the table of metrics against judges, for a paper"),
    "notes.json": say("what a reader of the ranking must know, for programs"),
    "opening.json": say("the key of the study: with it anyone can recompute what each judge was shown"),
    "ranking.tex": say("the ranking as a table for a paper"),
    "reasons.jsonl": say("the reasons that judges gave, as recorded with their ballots"),
    "report.html": say("the report, for a browser"),
    "report.pdf": say("the report, for printing"),
    "rule.json": say("the rule of the ranking: points, formulas, order, awards"),
    "stated.json": say("what the organisers say of the test that no file shows"),
    "summary.html": say("the results in plain sentences on two pages, to read out; for a browser"),
    "summary.pdf": say("the same as summary.html, for printing"),
    "tables.xlsx": say("all tables in one workbook, with a first sheet that says what they are"),
    "unpaired.json": say("how the metrics in unpaired.csv were computed"),
}
LEFT_OUT = say(
    "Judges and trials have random codes, and the rows of judges are in the order of these. Left out are "
    "when answers were given, what judges wrote, their screens and rooms, why a judge was withdrawn, the "
    "report, and the ledger with the key."
)
UNDONE = say(
    "Whoever has the ledger or the whole export of this study can find out from the answers which code is "
    "which judge's number: publish this copy or that, not both."
)
"""What the anonymous copy leaves out, and what would undo that."""


def export_readme(
    names: Iterable[str], *, title: str, notes: Iterable[str], simulated: bool, anonymous: bool = False
) -> str:
    """Return the text.

    Parameters
    ----------
    names
        The files of the export, relative to it.
    title, notes, simulated
        Of the study: its name, what bears on its results, and whether nobody gave the answers.
    anonymous
        Whether it is the copy for strangers.
    """
    kept = sorted({README, *map(_shown, names)})
    answers = next((name for name in kept if name in _ANSWERS), _ANSWERS[0])
    lines = [f"# {printable(title)}: results", ""]
    if simulated:
        lines += ["**Nobody judged: every answer here is simulated.**", ""]
    lines += [
        "A blind user study and the ranking that follows from it.",
        "Start with `ranking.csv`." if anonymous else "Start with `report.html`.",
        "",
        "## To know first",
        *(f"- {printable(note)}" for note in notes or ["Nothing was changed and nobody was excluded."]),
        "",
        "## Files",
        "| file | what it is |",
        "|---|---|",
        *(f"| `{name}` | {meaning(name)} |" for name in kept),
        "",
        "## Reading the tables",
        "- In a spreadsheet: `tables.xlsx`. Its numbers are rounded to 16 digits, and no text is run as a",
        "  formula. From a CSV file a spreadsheet guesses: it reads a team called 007 as the number 7, and",
        "  one called 3-4 perhaps as a date.",
        "- The CSV files are UTF-8, separated by commas. They begin with a byte order mark, by which",
        '  spreadsheets know their letters. In Python use `encoding="utf-8-sig"` (pandas needs nothing),',
        '  in R `fileEncoding = "UTF-8-BOM"` (readr needs nothing).',
        "- An empty cell means that there is no value. Text that a spreadsheet would run as a formula has an",
        "  apostrophe in front of it.",
        f"- Judges are {'codes' if anonymous else 'numbers'}; who they are is in no file.",
        "",
        *(("## What is left out", *_lines(LEFT_OUT), *_lines(UNDONE), "") if anonymous else ()),
        "## Checking",
        f"`study-analysis bootstrap {answers} --rule rule.json` recomputes the ranking by the user study.",
        *(() if anonymous else ("`study-analysis verify .` recomputes everything from `ledger.jsonl`.",)),
    ]
    return "\n".join(lines) + "\n"


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, 110)


def _shown(name: str) -> str:
    """A folder stands for its files."""
    return name.split("/", maxsplit=1)[0] + "/" if "/" in name else name


def meaning(name: str) -> str:
    """Say what a file of an export is; nothing of an unknown one."""
    return _FILES.get(name) or (TABLES[name].rows if name in TABLES else "")
