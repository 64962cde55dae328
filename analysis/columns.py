"""Every column of every CSV file that is written: its title for readers, and its meaning.

Pages, report, LaTeX, docs/columns.md and an export's columns.csv are made from this. It imports little.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analysis.texts import say


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    name
        In the file.
    title
        For readers.
    meaning
        Including the unit.
    decimals
        The fewest decimals that a page shows, except for counts; more if unequal values would look equal.
    type
        Of its values, in the words of Frictionless Data; "number" for all with decimals.
    """

    name: str
    title: str
    meaning: str
    decimals: int | None = None
    type: str = "string"

    def __post_init__(self) -> None:
        if self.decimals is not None:
            object.__setattr__(self, "type", "number")


@dataclass(frozen=True)
class Table:
    """A file: what its rows are, and its columns in order; some files lack some of them."""

    rows: str
    columns: tuple[Column, ...]
    metrics: bool = False
    """Whether every other column is a metric."""


_JUDGE = Column(
    "judge",
    "Judge",
    "the judge's number, in an anonymous copy a code; only the organiser's database knows who that is",
)
_IMAGE = Column("image", "Image", "name of the image")
_TEAM = Column(
    "team", say("Team"), "the team's id; in golden trials, the known worse candidate has its own id"
)
_KIND = Column(
    "kind",
    "Kind",
    "main, practice, repeat (shown again), golden (answer known), identical (one team twice) or "
    "stabilising (warm-up); only main counts",
)
_TRIAL = Column("trial", "Trial", "identifier of the trial")
_SLOT = Column("slot", "Slot", "number of the candidate on the screen", type="integer")
_SIMULATED = Column(
    "simulated",
    "Simulated",
    "true if no person gave the answers; otherwise the column is absent",
    type="boolean",
)
_VISITS = Column("visits", "Visits", "how often the judge opened the trial", type="integer")
_POINTS = (
    Column("points", say("Points"), say("total of the points"), 2),
    Column("s3", "S3", say("mean points from the judges who were shown the team, summed over the images"), 2),
)
_S3N = Column("s3n", "S3n", "S3 scaled from 0 (lowest) to 1 (highest); empty if all are equal", 3)
_S2 = Column("s2", "S2", "mean score of the paired images; empty if one of them has none", 2)
_ESCORE = Column("escore", "EScore", "points for the ranks of parameters, FLOPs and time (0 to 30)", 2)
_FINAL = Column("final", say("Final"), "the final score by the study's rule; empty if a part is missing", 2)
_BT = Column(
    "bt", "Bradley-Terry", say("log worth, with a tie as half a win for each team; they add up to 0"), 3
)
_WIN_SHARE = Column(
    "win_share", say("Win share"), say("share of comparisons won, with a tie as half a win (0 to 1)"), 3
)
_PAIR_SCORES = (
    _WIN_SHARE,
    _BT,
    Column(
        "bt_prior",
        say("Bradley-Terry, 0.1 added"),
        say("log worth with 0.1 wins added for each team over every other"),
        3,
    ),
    Column("jod", "JOD", say("Thurstone's case V; a difference of 1 is preferred by 75 %%"), 3),
)
_RATING_SCORES = (
    Column("mos", "MOS", say("mean opinion score: mean over the images of the judges' mean"), 2),
    Column(
        "dmos",
        "DMOS",
        say(
            "mean of the difference scores: score - the judge's own score of the hidden reference "
            "+ the highest"
        ),
        2,
    ),
)
_FORMULA = Column("formula", "Formula", "name of the score's formula; definitions.json explains its terms")
_SCORE = Column("score", "Score", "the score from that formula", 2)
METRICS = (
    Column("psnr", "PSNR", "peak signal-to-noise ratio in dB, on RGB", 2),
    Column("ssim", "SSIM", "structural similarity, on grey", 4),
    Column("lpips", "LPIPS", "lower is better", 4),
    Column("dists", "DISTS", "lower is better", 4),
    Column("niqe", "NIQE", "lower is better; needs no ground truth", 2),
    Column("brisque_opencv", "BRISQUE (OpenCV)", "lower is better; needs no ground truth", 2),
)


def _ends(of: Column) -> Iterator[Column]:
    for end, word in (("low", "lower"), ("high", "upper")):
        yield Column(
            f"{of.name}_{end}",
            f"{of.title}, {end}",
            f"{word} end of the 95 % interval of {of.name}",
            of.decimals,
        )


_POSITION = Column(
    "position", "Position", "1 for the judge's first trial, 2 for the second, ...", type="integer"
)
_OF_A_TRIAL = (
    _TRIAL,
    _KIND,
    _POSITION,
    Column("revision", "Revision", "how often the ballot was saved", type="integer"),
    Column("seconds", "Seconds", "from opening the trial to the last change of its ballot", 1),
    Column(
        "at", "Saved at", "when the ballot was saved (ISO 8601, UTC, the server's clock)", type="datetime"
    ),
    _SIMULATED,
)

TABLES: Mapping[str, Table] = {
    "votes.csv": Table(
        say("a row for each candidate that a judge was shown, from the current ballot"),
        (
            _JUDGE,
            _IMAGE,
            _TEAM,
            _SLOT,
            Column(
                "rank",
                "Place",
                "1, 2, 3, ... as the judge placed it; equal places 1, 2, 2, 4; empty if not placed",
                type="integer",
            ),
            *_OF_A_TRIAL,
        ),
    ),
    "pairs.csv": Table(
        say("a row for each comparison, from the current ballot"),
        (
            _JUDGE,
            _IMAGE,
            Column("team_a", "Left", "the team on the left (slot 1)"),
            Column("team_b", "Right", "the team on the right (slot 2)"),
            Column("answer", "Answer", "a or b, whichever was better; tie, neither; bad, both are bad"),
            *_OF_A_TRIAL,
        ),
    ),
    "ratings.csv": Table(
        say("a row for each candidate that a judge rated, from the current ballot"),
        (
            _JUDGE,
            _IMAGE,
            Column(
                "team",
                "Team",
                "the team's id; reference and anchor are the hidden ones, which are not ranked",
            ),
            _SLOT,
            Column("score", "Score", "from 1 (worst) to 5 (best); for sliders from 0 to 100", 0),
            *_OF_A_TRIAL,
        ),
    ),
    "design.csv": Table(
        say("a row for each candidate of each trial, answered or not"),
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
    "points.csv": Table(
        say("votes: a row for each team, highest S3 first"), (_TEAM, *_POINTS, _S3N, _SIMULATED)
    ),
    "worths.csv": Table(
        say("pairs: a row for each team, highest worth first"),
        (
            _TEAM,
            Column("comparisons", "Comparisons", "comparisons that the team was in", type="integer"),
            Column("wins", "Wins", "comparisons won, with a tie as half a win", 1),
            *_PAIR_SCORES,
            _SIMULATED,
        ),
    ),
    "opinions.csv": Table(
        say("ratings: a row for each team, highest MOS first"),
        (
            _TEAM,
            Column("ratings", "Ratings", "scores of the team's results", type="integer"),
            *_RATING_SCORES,
            _SIMULATED,
        ),
    ),
    "ranking.csv": Table(
        say("a row for each team, best first"),
        (
            Column(
                "rank",
                say("Rank"),
                "1, 2, 2, 4: equal finals share the better rank; empty without a final",
                type="integer",
            ),
            _TEAM,
            Column("name", say("Name"), "the team's name"),
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
                "award", say("Award"), "first, second, ...; 'tied: first/second' if a tie crosses the border"
            ),
            Column("s2_formula", "Formula of S2", "name of the formula of the paired scores"),
            _SIMULATED,
        ),
    ),
    "scores.csv": Table(
        say("a row for each team: the parts other than the user study, as ranked"), (_TEAM, _S2, _ESCORE)
    ),
    "paired.csv": Table(
        say("a row for each team and paired image (also var/scores/images.csv)"),
        (
            _TEAM,
            _IMAGE,
            _FORMULA,
            *METRICS,
            _SCORE,
            Column("sha256", "SHA-256", "SHA-256 of the team's file"),
            Column("gt_sha256", "SHA-256 of the truth", "SHA-256 of the ground truth's file"),
        ),
        metrics=True,
    ),
    "unpaired.csv": Table(
        say(
            "a row for each team and image that judges saw: metrics without ground truth (also "
            "var/unpaired/images.csv)"
        ),
        (
            _TEAM,
            _IMAGE,
            *METRICS[-2:],
            Column("sha256", "SHA-256", "of the candidate's file"),
        ),
        metrics=True,
    ),
    "metrics_against_judges.csv": Table(
        say("a row for each metric, level and measure: how well it agrees with the judges"),
        (
            Column("metric", "Metric", "name of the metric"),
            Column("of", "Of", "candidates, which judges saw, or pairs, the images with ground truth"),
            Column("level", "Level", "image (mean over images), candidates (all together) or teams"),
            Column("measure", "Measure", "srocc, krcc, plcc, rmse, outliers or accuracy"),
            Column("value", "Value", "1 is perfect agreement; of rmse and outliers 0", 3),
            Column("low", "Low", "lower end of the 95 % interval of the value", 3),
            Column("high", "High", "upper end of the 95 % interval of the value", 3),
            Column(
                "n", "n", "how many images, candidates or teams the value is computed from", type="integer"
            ),
            Column(
                "halves",
                "Ceiling by halves",
                "the highest value that judges allow, from split halves of them",
                3,
            ),
            Column(
                "repeats", "Ceiling by repeats", "the highest value that judges allow, from hidden repeats", 3
            ),
            Column("undefined", "Undefined", "why there is no value"),
            Column("ci_undefined", "Interval undefined", "why there is no interval"),
            _SIMULATED,
        ),
    ),
    "metric_differences.csv": Table(
        say("a row for each two metrics, level and measure"),
        (
            Column("level", "Level", "image, candidates or teams"),
            Column("measure", "Measure", "srocc, krcc, plcc or accuracy"),
            Column("metric", "Metric", "name of the first metric"),
            Column("of", "Of", "candidates or pairs"),
            Column("other", "Other", "name of the other metric, with which the first is compared"),
            Column("other_of", "Of (other)", "candidates or pairs"),
            Column("difference", "Difference", "value of the first metric less that of the other", 3),
            Column("low", "Low", "lower end of the 95 % interval of the difference", 3),
            Column("high", "High", "upper end of the 95 % interval of the difference", 3),
            Column("p", "p", "two-sided, of no difference", 4),
            Column("p_adjusted", "p (Holm)", "adjusted for the pairs of this level and measure", 4),
            _SIMULATED,
        ),
    ),
    "teams.csv": Table(
        say("var/scores/teams.csv: a row for each team, best first; means over its paired images"),
        (
            _TEAM,
            _FORMULA,
            Column("n", say("Images"), "images with every value", type="integer"),
            Column("of", "Of", "all images; with fewer values there is no mean", type="integer"),
            *METRICS,
            _SCORE,
        ),
        metrics=True,
    ),
    "measures.csv": Table(
        say("a row for each team: what its model costs (also var/measures/measures.csv)"),
        (
            _TEAM,
            Column("params_m", say("Parameters (M)"), "parameters, millions", 6),
            Column("flops_g", "FLOPs (G)", "for one forward pass of 1x3x1024x1024, billions", 4),
            Column("time_ms", say("Time (ms)"), "mean time per image, milliseconds", 3),
            Column("macs_g", "MACs (G)", "multiply-accumulates of that pass, billions", 4),
            Column(
                "activations_m",
                "Activations (M)",
                "values that convolutions output in that pass, millions",
                6,
            ),
            Column("time_median_ms", "Median time (ms)", "median over the images, milliseconds", 3),
            Column("time_low_ms", "Time, low (ms)", "lower end of the 95 % interval of the mean", 3),
            Column("time_high_ms", "Time, high (ms)", "upper end of the 95 % interval of the mean", 3),
            Column("images", "Images", "images used for the timing", type="integer"),
            Column("passes", "Passes", "passes over the images that were timed", type="integer"),
            Column("memory_mb", "Memory (MB)", "peak memory, megabytes", 1),
            Column("device", say("Device"), "hardware that the model ran on"),
            Column(
                "comparable",
                "Comparable",
                "no if the time was measured on a CPU: its rank is valid on that machine only",
            ),
            Column("precision", "Precision", "number format that the model computed with"),
            Column("tile", "Tile", "edge in pixels, if whole images did not fit", type="integer"),
            Column("uncounted", "Not counted in FLOPs", "operators missing from flops_g"),
            Column(
                "reproduced",
                "Outputs compared with those submitted",
                "equal, close, different or not compared",
            ),
            Column("status", "Status", "measured or failed"),
            Column("problem", say("Problem"), "why there is no value"),
            Column("remarks", "Remarks", "what a reader of the numbers must know"),
        ),
    ),
    "looking.csv": Table(
        say("a row for each candidate of each trial that judges looked at"),
        (
            _JUDGE,
            _IMAGE,
            _KIND,
            _TRIAL,
            Column("slot", "Slot", "number of the candidate on the screen; 0 is the input", type="integer"),
            Column("team", "Team", "the team's id; empty for the input"),
            _VISITS,
            Column(
                "seen",
                "Seen",
                "share that was on the screen at 1:1 or more (0 to 1); best of all visits",
                2,
            ),
            Column(
                "dwell", "Dwell", "seconds on the screen, divided among the candidates shown; all visits", 1
            ),
            _SIMULATED,
        ),
    ),
    "looking_maps.csv": Table(
        say("a row for each trial: where on the image the judge spent time"),
        (
            _JUDGE,
            _IMAGE,
            _KIND,
            _TRIAL,
            _VISITS,
            Column("seconds", "Seconds", "total over all visits", 1),
            Column("width", "Width", "of the image, pixels", type="integer"),
            Column("height", "Height", "of the image, pixels", type="integer"),
            Column("cell", "Cell", "edge of one cell of the map, image pixels", type="integer"),
            Column("cells", "Cells", "seconds on each cell, row by row, separated by spaces"),
            _SIMULATED,
        ),
    ),
    "reasons.csv": Table(
        say("a row for each reason that judges gave, from the current ballots"),
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
                "what the ballot says about it: a place, better, worse, tie, bad, a score; empty if nothing",
            ),
            Column("region", "Region", "in the study's words; empty if only a rectangle was drawn"),
            Column("attribute", "Attribute", "in the study's words"),
            Column("direction", "Direction", "better or worse"),
            Column(
                "severity", "Severity", "from 1 (slight) to 4 (severe); empty if not given", type="integer"
            ),
            Column(
                "x", "x", "left edge of the rectangle, pixels of the image; empty without one", type="integer"
            ),
            Column(
                "y", "y", "top edge of the rectangle, pixels of the image; empty without one", type="integer"
            ),
            Column(
                "width",
                "Width",
                "width of the rectangle, pixels of the image; empty without one",
                type="integer",
            ),
            Column(
                "height",
                "Height",
                "height of the rectangle, pixels of the image; empty without one",
                type="integer",
            ),
            Column(
                "text",
                "Text",
                "as the judge wrote it; starts with an apostrophe if a spreadsheet would execute it",
            ),
            _SIMULATED,
        ),
    ),
    "conditions.csv": Table(
        say("a row for each report of how a judge looks, in order of arrival; empty if not reported"),
        (
            _JUDGE,
            Column(
                "at",
                "At",
                "when the description arrived (ISO 8601, UTC, the server's clock)",
                type="datetime",
            ),
            Column(
                "kind",
                "Kind",
                "check (everything, at the screen check), opened (what the browser knows as the judging page "
                "shows its first picture), change (what changed while judging) or altered (images that "
                "arrived changed)",
            ),
            Column("image", "Image", "on the screen at that moment"),
            Column("trial", "Trial", "on the screen at that moment"),
            Column("changed", "Changed", "what changed, separated by spaces"),
            Column(
                "outside",
                "Outside",
                "limits of the study that screen or window did not keep then: window, pixel_ratio, gamut",
            ),
            Column(
                "exact",
                "Exact",
                "yes if this browser showed the pixels of files as they are, no if not, unknown if it could "
                "not be tested",
            ),
            Column("dpr", "Pixel ratio", "device pixels per CSS pixel", 2),
            Column("zoom", "Zoom", "1 is 100 %; an estimate", 2),
            Column("width", "Width", "of the window, CSS pixels", type="number"),
            Column("height", "Height", "of the window, CSS pixels", type="number"),
            Column("depth", "Depth", "bits per pixel", type="integer"),
            Column("gamut", "Gamut", "less, srgb, p3 or rec2020"),
            Column("hdr", "HDR", "whether the screen shows high dynamic range"),
            Column("contrast", "Contrast", "whether a high-contrast mode is on"),
            Column("touch", "Touch", "whether it is a touch screen"),
            Column("screen_width", "Screen width", "width of the screen, CSS pixels", type="number"),
            Column("screen_height", "Screen height", "height of the screen, CSS pixels", type="number"),
            Column(
                "screen_left",
                "Screen left",
                "left edge of the screen among several, CSS pixels",
                type="number",
            ),
            Column(
                "screen_top", "Screen top", "top edge of the screen among several, CSS pixels", type="number"
            ),
            Column("px_per_mm", "Pixels per mm", "pixels of the screen, as the judge measured it", 2),
            Column("size_by", "Measured by", "what the judge held to the screen: card or ruler"),
            Column(
                "distance_cm",
                "Distance",
                "from the eyes to the screen in cm, as the judge says",
                type="number",
            ),
            Column(
                "pixels_per_degree", "Pixels per degree", "of the visual field, from size and distance", 1
            ),
            Column("light", "Light", "in the room: dark, dim, lit or bright, as the judge says"),
            Column("brightness", "Brightness", "of the screen: low, middle, high or unsure"),
            Column("blue_light", "Night light", "a blue-light filter: on, off or unsure"),
            Column("auto_brightness", "Automatic brightness", "on, off or unsure"),
            Column("panel", "Panel", "ips, va, tn, oled, other or unsure"),
            Column("checkerboard", "Checkerboard", "even, uneven or unsure"),
            Column("dark", "Dark", "dark squares seen, out of five"),
            Column("bright", "Bright", "bright squares seen, out of five"),
            Column(
                "acuity",
                "Acuity",
                "decimal, in a short screening; 0 if no ring was read; only if the study exports eyes",
                2,
            ),
            Column(
                "acuity_limited",
                "Limit reached",
                "whether the screen could show no finer ring",
                type="boolean",
            ),
            Column(
                "colours",
                "Colours",
                "seen, or what was not: red_green, blue_yellow, both; unclear if not even the ring that all "
                "can see; only if the study exports eyes",
            ),
            _SIMULATED,
        ),
    ),
    "leaderboard.csv": Table(
        say("a row for each team of a phase of a challenge, best first"),
        (
            Column("rank", "Rank", "1, 2, 2, 4; empty without a score", type="integer"),
            Column(
                "rank_low",
                "Rank, low",
                "the best rank that it may have had with other images (95 %)",
                type="integer",
            ),
            Column(
                "rank_high",
                "Rank, high",
                "the worst rank that it may have had with other images (95 %)",
                type="integer",
            ),
            Column(
                "team", "Team", "the team's name; starts with an apostrophe if a spreadsheet would run it"
            ),
            Column("affiliation", "Affiliation", "as the team wrote it, if the phase shows it"),
            Column(
                "members", "Members", "members of the team, separated by semicolons, if the phase shows them"
            ),
            _SCORE,
            Column("runtime", "Runtime", "seconds for an image, as the team wrote in readme.txt"),
            Column(
                "submissions", "Submissions", "how many the team has that were not withdrawn", type="integer"
            ),
            Column("submission", "Submission", "which of the team's submissions counts", type="integer"),
            Column(
                "arrived_at",
                "Arrived",
                "when the last byte of the submission was there, in UTC",
                type="datetime",
            ),
            Column("why", "Why not", "why the team has no score"),
            Column(
                "simulated",
                "Simulated",
                "true if no team stands behind it; otherwise the column is absent",
                type="boolean",
            ),
        ),
        metrics=True,
    ),
    "index.csv": Table(
        say("team sheets: a row for each team (`studyapp team-sheets`)"),
        (
            _TEAM,
            Column("name", "Name", "the team's name"),
            Column("email", "E-mail", "where the team's leader is reached; empty without a challenge"),
            Column("page", "Page", "the team's sheet as HTML"),
            Column("pdf", "PDF", "the same sheet as PDF"),
            _SIMULATED,
        ),
    ),
    "columns.csv": Table(
        say("a row for each column of the tables in the same folder"),
        (
            Column("table", "Table", "name of the file"),
            Column("column", "Column", "name in the file"),
            Column("title", "Title", "title on pages and in the report"),
            Column("meaning", "Meaning", "what it means, with the unit"),
        ),
    ),
}


POINTS_TITLES = {
    "params_score": say("for parameters"),
    "flops_score": say("for FLOPs"),
    "time_score": say("for time"),
}
"""The parts of EScore, in tables that are in no file."""


def column(table: str, name: str) -> Column:
    """Return what a column of a file is; for an unknown metric, only its name.

    Raises
    ------
    KeyError
        If the file has no such column.
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
    """Return the readers' titles of a file's columns, of all or of these, in their order.

    Examples
    --------
    >>> titles("points.csv", ["team", "s3"])
    {'team': 'Team', 's3': 'S3'}
    """
    wanted = [known.name for known in TABLES[table].columns] if names is None else names
    return {name: column(table, name).title for name in wanted}


def decimals(table: str, names: Iterable[str]) -> dict[str, int]:
    """Return how many decimals are shown at least for these columns; counts and texts are left out."""
    found = {name: column(table, name).decimals for name in names}
    return {name: fewest for name, fewest in found.items() if fewest is not None}


def described(table: str, name: str) -> Column:
    """Return what a column of any file is; of an unknown one, only its name."""
    return _found(table, name) or Column(name, name, "")


def dictionary(headers: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of columns.csv for these headers and its own; unknown columns have no meaning."""
    own = {"columns.csv": [known.name for known in TABLES["columns.csv"].columns]}
    for table, names in sorted((own | dict(headers)).items()):
        for name in names:
            known = described(table, name)
            yield table, name, known.title, known.meaning


def page() -> str:
    """Return docs/columns.md."""
    lines = [
        "# Columns",
        "",
        "Every CSV file that studyapp writes. Each export has the same in its `columns.csv`. Made by",
        "`python docs/tools/columns.py` from `analysis/columns.py`.",
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
