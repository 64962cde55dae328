"""`study-analysis`: the frame of the command line.

A command lives in analysis/commands/<name>.py as `command`, is imported when it is called, and returns an
`Output`; the frame writes it in the format asked for. Results go to stdout or --output, the rest to stderr.
Exit status: 0, 1 where an audit has findings, 2 where the input is refused.
"""

import functools
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from analysis.files import write_whole
from analysis.frame import Framed, note

COMMANDS = {
    "points": "Points, S3 and normalised S3 of each team, from votes.",
    "rank": "The final ranking and the awards, from scores or from answers.",
    "audit": "Whether a table of scores can be right: conservation laws, finals, ranks.",
    "score": "Metrics and SCORE of restored images with ground truth.",
    "weights": "Fetch or check the weights that LPIPS and DISTS need.",
    "efficiency": "Efficiency scores from parameters, FLOPs and time.",
    "agreement": "How far the judges agree, with intervals and, of votes, a test against chance.",
    "model": "Plackett-Luce worth of each team, from votes.",
    "bootstrap": "Intervals, P(rank) and tie groups by resampling judges and images.",
    "pairs": "Worths, consistency and screening of paired comparisons.",
    "ratings": "Mean opinion scores, agreement and screening of ratings.",
    "convert": "Votes, pairs and ratings from and to the forms of other tools.",
    "screen": "Judges worth a second look, and the ranking without them.",
    "plan": "How many judges and images a study needs.",
    "looking": "How much judges looked at, for how long, and maps of where.",
    "reasons": "What judges said, and which of it goes with winning and losing.",
    "verify": "Whether an export follows from its ledger: chains, sealed key, votes, ranking.",
    "report": "The report of a study: HTML, PDF and a LaTeX table.",
}


class LazyGroup(Framed, click.Group):
    """A group whose commands are imported on use, so that help is quick and needs no SciPy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"analysis.commands.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup)
@click.version_option(package_name="studyapp")
def main() -> None:
    """Scores, rankings and statistics of blind user studies, from CSV files alone."""


def result_command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function that returns an `Output`, with the options --format and --output.

    The function's docstring is the command's help; click's arguments and options stand below this one.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(form: str, destination: Path | None, **options: Any) -> None:
            from analysis.output import render, shown

            result = function(**options)
            _write(render(result if destination else shown(result), form), destination)
            for line in result.notes:
                note(line)
            if result.exit_code:
                click.get_current_context().exit(result.exit_code)

        run = click.option(
            "--output",
            "destination",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write to this file instead of stdout.",
        )(run)
        run = click.option(
            "--format",
            "form",
            type=click.Choice(["json", "csv", "markdown", "latex"]),
            default="csv",
            show_default=True,
            help="How to write the result.",
        )(run)
        return click.command(name)(run)

    return decorate


def table_argument(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A positional CSV file; `-` is stdin. The function gets what `analysis.tables.read_table` takes."""
    return click.argument(name, metavar=f"{name.upper()}.csv", type=click.File("rb"))


def answers_argument(
    *, source: bool = False, or_scores: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A positional CSV file of votes, pairs or ratings, and --scale; the function gets validated `answers`.

    Stands above `rule_options`, whose rule then is that of the table where none is asked for.

    Parameters
    ----------
    source
        Whether the function gets the file itself, too, as `source`.
    or_scores
        Whether a table of scores, a row for each team, is taken, too, as it was read.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, table: Any, scale: tuple[float, float] | None, **options: Any) -> Any:
            from analysis.user_study.read import read_answers

            file = {"source": table} if source else {}
            answers = read_answers(table, scale=scale, or_scores=or_scores)
            return function(*args, answers=answers, **file, **options)

        metavar = "TABLE.csv" if or_scores else "ANSWERS.csv"
        return click.argument("table", metavar=metavar, type=click.File("rb"))(scale_option(run))

    return decorate


def scale_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --scale of ratings; the function gets `scale`, None where it is not given."""
    return click.option(
        "--scale",
        callback=_scale,
        metavar="LOW,HIGH",
        help="Ratings: the lowest and the highest score that can be given; 1,5 without it.",
    )(function)


def _scale(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[float, float] | None:
    if text is None:
        return None
    from analysis.errors import AnalysisError

    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = 0.0
    if not low < high:
        raise AnalysisError(f"--scale {text!r}: give the lowest and the highest score, for example 1,5")
    return low, high


def rule_options(*, awards: bool = True, scored: bool = True) -> Callable[..., Any]:
    """The options --rule, --points and --awards; the function gets one `rule`.

    Where it gets `answers`, too, the rule is by default that of their table: `analysis.rule.value.ALONE`.

    Parameters
    ----------
    awards
        Whether the command gives awards.
    scored
        Whether it makes a final; otherwise only the points of the places count.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(
            *args: Any, rule: str | None, points: str | None, awards: str | None = None, **options: Any
        ) -> Any:
            from analysis.rule.value import ALONE
            from analysis.rule_files import chosen_rule

            alone = ALONE["votes"]
            if "answers" in options:
                from analysis.user_study.read import name_of

                alone = ALONE[name_of(options["answers"])]
            chosen = chosen_rule(rule, points=points, awards=awards, alone=alone)
            return function(*args, rule=chosen, **options)

        if awards:
            run = click.option(
                "--awards",
                metavar="N,N,...",
                help="Awards of the first class, the second, ...; 1,2,3 where the rule does not say.",
            )(run)
        run = click.option(
            "--points",
            metavar="P,P,...",
            help="Points of the first place, the second, ...; 3,2,1 where the rule does not say.",
        )(run)
        return click.option(
            "--rule",
            metavar="NAME|FORMULA|FILE",
            help="The final: a preset, a formula, or a file (rule.json of an export, study.yaml); the user "
            "study alone without it."
            if scored
            else "A file with the points (rule.json of an export, study.yaml).",
        )(run)

    return decorate


def seed_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --seed of every command that draws random numbers."""
    return click.option(
        "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed."
    )(function)


def draws_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --draws of every command that resamples a study."""
    return click.option(
        "--draws", type=click.IntRange(min=100), default=10_000, show_default=True, help="Resamples."
    )(function)


def sampling_options(*, draws: int, fewest: int = 0) -> Callable[..., Any]:
    """The options --draws (by default `draws`), --level and --resample; the function gets one `sampling`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, draws: int, level: float, resample: Any, **options: Any) -> Any:
            from analysis.resampling.two_way import Sampling

            return function(*args, sampling=Sampling(draws, level, resample), **options)

        run = click.option(
            "--resample",
            type=click.Choice(["both", "judges", "images"]),
            default="both",
            show_default=True,
            help="Other judges and images, other judges of these images, or other images for these judges.",
        )(run)
        run = click.option(
            "--level",
            type=click.FloatRange(0.5, 0.999),
            default=0.95,
            show_default=True,
            help="Confidence of intervals and tie groups.",
        )(run)
        return click.option(
            "--draws", type=click.IntRange(min=fewest), default=draws, show_default=True, help="Resamples."
        )(run)

    return decorate


def shown_option(*tables: str) -> Callable[..., Any]:
    """The option --table, by default the first of these; the function gets `shown`."""
    return click.option(
        "--table",
        "shown",
        type=click.Choice(tables),
        default=tables[0],
        show_default=True,
        help="Which table csv, markdown and latex show; json holds them all.",
    )


def permutations_option(what: str) -> Callable[..., Any]:
    """The option --permutations of a command that draws them for `what`."""
    return click.option(
        "--permutations",
        type=click.IntRange(min=1),
        default=9999,
        show_default=True,
        help=f"Random permutations for {what}.",
    )


def _write(text: str, destination: Path | None) -> None:
    if destination is None:
        click.echo(text, nl=False)
        return
    write_whole(destination, text)
