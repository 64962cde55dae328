"""The ranking as printed: finals and intervals in ranking.tex, report and summary are those of the ledger."""

import math
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from analysis.amounts import how_many
from analysis.verify.record import MisfitError

LATEX, PAGE, SUMMARY = "ranking.tex", "report.html", "summary.html"
FIRST = 12
"""Teams that the summary ranks; the others are in the report."""
RANK, FINAL, INTERVAL = "Rank", "Final", "95 % interval"
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?")


def check_printed(expected: pd.DataFrame, names: Mapping[str, str], folder: Path) -> None:
    """Compare rank, final and its interval of every team with what is printed, to the last decimal.

    Parameters
    ----------
    expected
        rank, final and, if there are intervals, final_low and final_high, by team.
    names
        Of the teams, by which reports put equal ranks in order.
    folder
        Of the export. A file or a table that is not there (a part of the report failed) is passed over.

    Raises
    ------
    MisfitError
        Naming the file, the team's place and what the ledger gives.
    """
    called = expected.assign(called=[names[str(team)] for team in expected.index])
    expected = called.sort_values(["rank", "called"], na_position="last")
    whole = len(expected)
    for name, read, most in (
        (LATEX, _latex_rows, whole),
        (PAGE, _page_rows, whole),
        (SUMMARY, _page_rows, FIRST),
    ):
        path = folder / name
        if path.exists():
            _check(name, list(read(path.read_text(encoding="utf-8"))), expected.head(most))


def _check(name: str, rows: list[dict[str, str]], expected: pd.DataFrame) -> None:
    if rows and len(rows) != len(expected):
        raise MisfitError(
            f"{name} ranks {how_many(len(rows), 'teams')}, but the ledger ranks {len(expected)}"
        )
    drawn = "final_low" in expected
    for place, (row, (team, wanted)) in enumerate(zip(rows, expected.iterrows(), strict=False), start=1):
        numbers = [wanted["rank"], wanted["final"]]
        printed = [row.get(RANK, ""), row.get(FINAL, "")]
        if INTERVAL in row:
            numbers += [wanted["final_low"], wanted["final_high"]] if drawn else [math.nan]
            found = _NUMBER.finditer(row[INTERVAL])
            ends = [match[0] for match in found]
            printed += ends or [row[INTERVAL]] * (2 if drawn else 1)
        if len(printed) != len(numbers) or not all(map(_same, printed, numbers)):
            told = ", ".join("nothing" if pd.isna(number) else f"{number:.6g}" for number in numbers)
            raise MisfitError(
                f"{name}, row {place} of the ranking ({team}): {', '.join(printed)}, but the ledger gives "
                f"{told}"
            )


def _same(printed: str, wanted: float) -> bool:
    """Whether a number was printed correctly, to its last decimal."""
    match = _NUMBER.fullmatch(printed.strip())
    if match is None or pd.isna(wanted):
        return match is None and pd.isna(wanted)
    half = 0.5 * 10.0 ** -len(match[1] or "")
    return math.isclose(float(match[0]), float(wanted), rel_tol=1e-9, abs_tol=half * (1 + 1e-6))


def _latex_rows(text: str) -> Iterator[dict[str, str]]:
    parts = text.split("\\hline\n")
    if len(parts) < 3:
        return
    head = [cell.replace("\\%", " %").strip() for cell in parts[1].removesuffix("\\\\\n").split(" & ")]
    for line in parts[2].splitlines():
        cells = re.split(r"(?<!\\) & ", line.removesuffix(" \\\\"))
        yield dict(zip(head, (cell.strip() for cell in cells), strict=False))


class _Tables(HTMLParser):
    """The cells of the first table of a page whose label begins with the ranking's."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = self.done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" and not self.done:
            label = dict(attrs).get("aria-label") or ""
            self.inside = label.startswith("Final ranking.")
        elif tag == "tr" and self.inside:
            self.rows.append([])
        elif tag in ("td", "th") and self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self.inside:
            self.inside, self.done = False, True

    def handle_data(self, data: str) -> None:
        if self.inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _page_rows(text: str) -> Iterator[dict[str, str]]:
    page = _Tables()
    page.feed(text)
    head, *rows = page.rows or [[]]
    for row in rows:
        yield dict(zip(head, (cell.strip() for cell in row), strict=False))
