"""Every column of every CSV file that is written: what it is called where people read it, and what it means.

Pages, report, LaTeX, docs/columns.md and the columns.csv of an export are made of this. It loads nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    name
        In the file.
    title
        Where people read it.
    meaning
        With the unit.
    decimals
        How many a page shows at least, of what is no count; more where unequal values would look equal.
    """

    name: str
    title: str
    meaning: str
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A file: what its rows are, and its columns in order; some files lack some of them."""

    rows: str
    columns: tuple[Column, ...]
    metrics: bool = False
    """Whether every other column is a metric."""


_JUDGE = Column(
    "judge", "Judge", "the judge's number (judge01); who that is, only the organiser's database knows"
)
_IMAGE = Column("image", "Image", "name of the image")
_TEAM = Column("team", "Team", "the team's id; in golden trials the known worse candidate has one of its own")
_KIND = Column(
    "kind",
    "Kind",
    "main, practice, repeat (shown again), golden (answer known), identical (one team twice) or stabilising "
    "(the first ones); only main counts",
)
_TRIAL = Column("trial", "Trial", "identifier of the trial")
_SLOT = Column("slot", "Slot", "number of the candidate on the screen")
_SIMULATED = Column(
    "simulated", "Simulated", "true if no person gave the answers; else there is no such column"
)
_VISITS = Column("visits", "Visits", "how often the judge opened the trial")
_POINTS = (
    Column("points", "Points", "plain sum of the points", 2),
    Column("s3", "S3", "mean points from the judges who were shown the team, summed over the images", 2),
)
_S3N = Column("s3n", "S3n", "S3, the lowest as 0 and the highest as 1; empty where all are equal", 3)
_S2 = Column("s2", "S2", "mean score of the paired images; empty where one of them has none", 2)
_ESCORE = Column("escore", "EScore", "points for parameters, FLOPs and time, by ranks (0 to 30)", 2)
_FINAL = Column("final", "Final", "the final score by the study's rule; empty where a part is missing", 2)
_BT = Column("bt", "Bradley-Terry", "log worth, a tie is half a win for each; they add up to 0", 3)
_WIN_SHARE = Column("win_share", "Win share", "share of comparisons won, a tie is half a win (0 to 1)", 3)
_PAIR_SCORES = (
    _WIN_SHARE,
    _BT,
    Column("bt_prior", "Bradley-Terry, 0.1 added", "log worth with 0.1 wins more over every other team", 3),
    Column("jod", "JOD", "Thurstone's case V; 1 more is preferred by 75 %", 3),
)
_RATING_SCORES = (
    Column("mos", "MOS", "mean opinion score: mean over the images of the judges' mean", 2),
    Column(
        "dmos",
        "DMOS",
        "the same of differences: score - the judge's own score of the hidden reference + the highest",
        2,
    ),
)
_FORMULA = Column("formula", "Formula", "name of the formula of the score; definitions.json has its terms")
_SCORE = Column("score", "Score", "the score by that formula", 2)
METRICS = (
    Column("psnr", "PSNR", "dB, of RGB", 2),
    Column("ssim", "SSIM", "of grey", 4),
    Column("lpips", "LPIPS", "lower is better", 4),
    Column("dists", "DISTS", "lower is better", 4),
    Column("niqe", "NIQE", "lower is better; needs no ground truth", 2),
)


def _ends(of: Column) -> Iterator[Column]:
    for end, word in (("low", "lower"), ("high", "upper")):
        yield Column(
            f"{of.name}_{end}", f"{of.title}, {end}", f"{word} end of its 95 % interval", of.decimals
        )


_POSITION = Column("position", "Position", "1 for the judge's first trial, 2 for the second, ...")
_OF_A_TRIAL = (
    _TRIAL,
    _KIND,
    _POSITION,
    Column("revision", "Revision", "how often the ballot was saved"),
    Column("seconds", "Seconds", "from opening the trial to the last change of its ballot", 1),
    Column("at", "Saved at", "when the ballot was saved (ISO 8601, UTC, the server's clock)"),
    _SIMULATED,
)

TABLES: Mapping[str, Table] = {
    "votes.csv": Table(
        "a row for each candidate that a judge was shown, in the ballot as it stands",
        (
            _JUDGE,
            _IMAGE,
            _TEAM,
            _SLOT,
            Column(
                "rank",
                "Place",
                "1, 2, 3, ... as the judge placed it, equal ones 1, 2, 2, 4; empty if not placed",
            ),
            *_OF_A_TRIAL,
        ),
    ),
    "pairs.csv": Table(
        "a row for each comparison, in the ballot as it stands",
        (
            _JUDGE,
            _IMAGE,
            Column("team_a", "Left", "the team that stood left (slot 1)"),
            Column("team_b", "Right", "the team that stood right (slot 2)"),
            Column("answer", "Answer", "a or b, which was better; tie, neither; bad, both are bad"),
            *_OF_A_TRIAL,
        ),
    ),
    "ratings.csv": Table(
        "a row for each candidate that a judge rated, in the ballot as it stands",
        (
            _JUDGE,
            _IMAGE,
            Column(
                "team",
                "Team",
                "the team's id; reference and anchor are the hidden ones, which are not ranked",
            ),
            _SLOT,
            Column("score", "Score", "5 is the best and 1 the worst, of sliders 100 and 0", 0),
            *_OF_A_TRIAL,
        ),
    ),
    "design.csv": Table(
        "a row for each picture of each trial, answered or not",
        (
            _JUDGE,
            _POSITION,
            _IMAGE,
            _SLOT,
            _TEAM,
            _KIND,
            _TRIAL,
            _SIMULATED,
        ),
    ),
    "points.csv": Table("votes: a row for each team, the most S3 first", (_TEAM, *_POINTS, _S3N, _SIMULATED)),
    "worths.csv": Table(
        "pairs: a row for each team, the highest worth first",
        (
            _TEAM,
            Column("comparisons", "Comparisons", "in which the team stood"),
            Column("wins", "Wins", "comparisons won, a tie is half a win", 1),
            *_PAIR_SCORES,
            _SIMULATED,
        ),
    ),
    "opinions.csv": Table(
        "ratings: a row for each team, the highest MOS first",
        (_TEAM, Column("ratings", "Ratings", "of the team's results"), *_RATING_SCORES, _SIMULATED),
    ),
    "ranking.csv": Table(
        "a row for each team, the best first",
        (
            Column("rank", "Rank", "1, 2, 2, 4: equal finals share the better rank; empty without a final"),
            _TEAM,
            Column("name", "Name", "what the team is called"),
            _S2,
            *_ends(_S2),
            *_POINTS,
            *_ends(_POINTS[1]),
            _S3N,
            *(column for score in (*_PAIR_SCORES, *_RATING_SCORES) for column in (score, *_ends(score))),
            _ESCORE,
            *_ends(_ESCORE),
            _FINAL,
            *_ends(_FINAL),
            Column(
                "award", "Award", "first, second, ...; 'tied: first/second' where a tie crosses the border"
            ),
            Column("s2_formula", "Formula of S2", "name of the formula that made the paired scores"),
            _SIMULATED,
        ),
    ),
    "scores.csv": Table(
        "a row for each team: the parts besides the user study, as ranked", (_TEAM, _S2, _ESCORE)
    ),
    "paired.csv": Table(
        "a row for each team and paired image (also var/scores/images.csv)",
        (
            _TEAM,
            _IMAGE,
            _FORMULA,
            *METRICS,
            _SCORE,
            Column("sha256", "SHA-256", "of the team's file"),
            Column("gt_sha256", "SHA-256 of the truth", "of the ground truth's file"),
        ),
        metrics=True,
    ),
    "teams.csv": Table(
        "var/scores/teams.csv: a row for each team, the best first; means over its paired images",
        (
            _TEAM,
            _FORMULA,
            Column("n", "Images", "images that have every value"),
            Column("of", "Of", "images there are; of fewer values no mean is made"),
            *METRICS,
            _SCORE,
        ),
        metrics=True,
    ),
    "measures.csv": Table(
        "a row for each team: what its model costs (also var/measures/measures.csv)",
        (
            _TEAM,
            Column("params_m", "Parameters (M)", "parameters, millions", 6),
            Column("flops_g", "FLOPs (G)", "of one forward pass of 1x3x1024x1024, billions", 4),
            Column("time_ms", "Time (ms)", "mean time for an image, milliseconds", 3),
            Column("macs_g", "MACs (G)", "multiply-accumulates of that pass, billions", 4),
            Column(
                "activations_m", "Activations (M)", "values that convolutions give in that pass, millions", 6
            ),
            Column("time_median_ms", "Median time (ms)", "median over the images, milliseconds", 3),
            Column("time_low_ms", "Time, low (ms)", "lower end of the 95 % interval of the mean", 3),
            Column("time_high_ms", "Time, high (ms)", "upper end of the 95 % interval of the mean", 3),
            Column("images", "Images", "images that the time was measured on"),
            Column("passes", "Passes", "passes over them"),
            Column("memory_mb", "Memory (MB)", "peak memory, megabytes", 1),
            Column("device", "Device", "what it was measured on"),
            Column("comparable", "Comparable", "no where the time was taken on a CPU: it ranks there only"),
            Column("precision", "Precision", "of the numbers that the model computed with"),
            Column("tile", "Tile", "edge in pixels, where images did not fit whole"),
            Column("uncounted", "Not counted in FLOPs", "operators that flops_g lacks"),
            Column(
                "reproduced",
                "Outputs against those handed in",
                "equal, close, different or not compared",
            ),
            Column("status", "Status", "measured or failed"),
            Column("problem", "Problem", "why there is no value"),
            Column("remarks", "Remarks", "what a reader of the numbers must know"),
        ),
    ),
    "looking.csv": Table(
        "a row for each picture of each trial that judges looked at",
        (
            _JUDGE,
            _IMAGE,
            _KIND,
            _TRIAL,
            Column("slot", "Slot", "number of the candidate on the screen; 0 is the input"),
            Column("team", "Team", "the team's id; empty for the input"),
            _VISITS,
            Column(
                "seen",
                "Seen",
                "share that was on the screen at 1:1 or more (0 to 1); the best of the visits",
                2,
            ),
            Column("dwell", "Dwell", "seconds on the screen, shared among what was there; all visits", 1),
            _SIMULATED,
        ),
    ),
    "looking_maps.csv": Table(
        "a row for each trial: where on the image the time went",
        (
            _JUDGE,
            _IMAGE,
            _KIND,
            _TRIAL,
            _VISITS,
            Column("seconds", "Seconds", "of all visits", 1),
            Column("width", "Width", "of the image, pixels"),
            Column("height", "Height", "of the image, pixels"),
            Column("cell", "Cell", "edge of a cell of the map, pixels of the image"),
            Column("cells", "Cells", "seconds on each cell, row by row, separated by spaces"),
            _SIMULATED,
        ),
    ),
    "reasons.csv": Table(
        "a row for each reason that judges gave, in the ballots as they stand",
        (
            _JUDGE,
            _IMAGE,
            _KIND,
            _TRIAL,
            _SLOT,
            _TEAM,
            Column(
                "answer",
                "Answer",
                "what the ballot says of it: a place, better, worse, tie, bad, a score; empty if nothing",
            ),
            Column("region", "Region", "in the study's words; empty where a rectangle alone says where"),
            Column("attribute", "Attribute", "in the study's words"),
            Column("direction", "Direction", "better or worse"),
            Column("severity", "Severity", "from 1, slight, to 4, severe; empty where not said"),
            Column("x", "x", "left edge of the rectangle, pixels of the image; empty without one"),
            Column("y", "y", "its top edge"),
            Column("width", "Width", "its width"),
            Column("height", "Height", "its height"),
            Column(
                "text",
                "Text",
                "as the judge wrote it; begins with an apostrophe if a spreadsheet would run it",
            ),
            _SIMULATED,
        ),
    ),
    "conditions.csv": Table(
        "a row for each report of a judge's screen and window, as they came; empty where not reported",
        (
            _JUDGE,
            Column("at", "At", "when it came (ISO 8601, UTC, the server's clock)"),
            Column(
                "kind",
                "Kind",
                "check (all of it, at the check page), change (what changed while judging) or altered ("
                "pictures arrived other than they were sent)",
            ),
            Column("image", "Image", "on the screen at a change"),
            Column("trial", "Trial", "on the screen at a change"),
            Column("changed", "Changed", "what did, separated by spaces"),
            Column("dpr", "Pixel ratio", "device pixels to a CSS pixel", 2),
            Column("zoom", "Zoom", "1 is 100 %; an estimate", 2),
            Column("width", "Width", "of the window, CSS pixels"),
            Column("height", "Height", "of the window, CSS pixels"),
            Column("depth", "Depth", "bits a pixel"),
            Column("gamut", "Gamut", "less, srgb, p3 or rec2020"),
            Column("hdr", "HDR", "whether the screen shows high dynamic range"),
            Column("contrast", "Contrast", "whether a high-contrast mode is on"),
            Column("touch", "Touch", "whether the screen is touched"),
            Column("screen_width", "Screen width", "CSS pixels"),
            Column("screen_height", "Screen height", "CSS pixels"),
            Column("checkerboard", "Checkerboard", "even, uneven or unsure"),
            Column("dark", "Dark", "dark squares seen, of five"),
            Column("bright", "Bright", "bright squares seen, of five"),
            _SIMULATED,
        ),
    ),
    "columns.csv": Table(
        "a row for each column of the tables beside it",
        (
            Column("table", "Table", "name of the file"),
            Column("column", "Column", "name in the file"),
            Column("title", "Title", "what pages and report call it"),
            Column("meaning", "Meaning", "what it is, with the unit"),
        ),
    ),
}


POINTS_TITLES = {"params_score": "for parameters", "flops_score": "for FLOPs", "time_score": "for time"}
"""Of the parts of EScore, in tables that no file holds."""


def column(table: str, name: str) -> Column:
    """Return what a column of a file is; a metric that is not our own has no more than its name.

    Raises
    ------
    KeyError
        When the file has no such column.
    """
    found = _found(table, name)
    if found is None:
        raise KeyError(f"{table} has no column {name!r}")
    return found


def _found(table: str, name: str) -> Column | None:
    other = Column(name, name, "a metric; definitions.json says how it is computed", 2)
    known = {known.name: known for known in TABLES[table].columns}
    return known.get(name, other if TABLES[table].metrics else None)


def titles(table: str, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return what people read in the place of a file's columns, of all or of these, in their order.

    Examples
    --------
    >>> titles("points.csv", ["team", "s3"])
    {'team': 'Team', 's3': 'S3'}
    """
    wanted = [known.name for known in TABLES[table].columns] if names is None else names
    return {name: column(table, name).title for name in wanted}


def decimals(table: str, names: Iterable[str]) -> dict[str, int]:
    """Return how many decimals are shown at least of these columns; counts and texts are left out."""
    found = {name: column(table, name).decimals for name in names}
    return {name: fewest for name, fewest in found.items() if fewest is not None}


def dictionary(headers: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of columns.csv for these headers and its own; one not known is no reason to fail."""
    own = {"columns.csv": [known.name for known in TABLES["columns.csv"].columns]}
    for table, names in sorted((own | dict(headers)).items()):
        for name in names:
            known = _found(table, name) or Column(name, name, "")
            yield table, name, known.title, known.meaning


def page() -> str:
    """Return docs/columns.md."""
    lines = [
        "# Columns",
        "",
        "Every CSV file that studyapp writes. The same stands in the `columns.csv` of each export. Made by",
        "`python -m analysis.columns`; a test holds the two together.",
    ]
    for name, table in TABLES.items():
        lines += ["", f"## {name}", f"{table.rows[0].upper()}{table.rows[1:]}.", ""]
        lines += ["| column | title | meaning |", "|---|---|---|"]
        lines += [f"| `{known.name}` | {known.title} | {known.meaning} |" for known in table.columns]
        lines += [
            "",
            "Every other column is a metric; `definitions.json` says how it is computed.",
        ] * table.metrics
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
