"""`studyapp analyse`: the group, and the options that its commands share.

A command is `command` in analysis/commands/<name>.py, imported when called, and returns an `Output`, which is
written here in the format asked for. Results go to stdout or --output, the rest to stderr.
`docs/commands.md` lists the exit statuses.
"""

import functools
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar

import click
from click.shell_completion import CompletionItem

from analysis.files import write_whole
from analysis.formats import format_options, table_form
from analysis.frame import note
from analysis.lazy_group import Entry, LazyGroup
from analysis.progress import working
from analysis.table_help import TableArgument, TableCommand, TableOption

SECTIONS = {
    "Score and rank": {
        "points": "Points, S3 and normalised S3 of each team, from votes.",
        "rank": "Final ranking and awards, from scores or from answers.",
        "bootstrap": "Intervals, rank probabilities and ties, by resampling judges and images.",
        "score": "Metrics and SCORE of restored images with ground truth.",
        "weights": "Download or check the weights that LPIPS and DISTS need.",
        "efficiency": "Efficiency scores from parameters, FLOPs and time, and an audit of them.",
    },
    "Understand the judges": {
        "agreement": "How well the judges agree, and whether it is more than chance.",
        "model": "Plackett-Luce strength of each team, from votes.",
        "pairs": "Strengths, consistency and screening, from paired comparisons.",
        "ratings": "Mean opinion scores, agreement and screening, from ratings.",
        "screen": "Judges who deserve a second look, and the ranking without them.",
        "looking": "How much of the images judges looked at, how long and where.",
        "reasons": "What judges said, and which of it goes with winning or losing.",
        "metrics": "How well image metrics agree with the judges, and how well they could.",
    },
    "Plan, check, convert and report": {
        "plan": "How many judges and images a study needs.",
        "audit": "Find what cannot be correct in a table of scores.",
        "compliance": "What to report about the test, and which points of P.910, BT.500 and others it meets.",
        "verify": "Recompute a study from its export and compare.",
        "convert": "Convert votes, pairs and ratings to and from other tools' formats.",
        "report": "Write a study's report: HTML, PDF and a LaTeX table.",
    },
}


class AnalyseGroup(LazyGroup):
    """Commands that need only CSV files; help does not need SciPy."""

    sections: ClassVar[Mapping[str, Mapping[str, Entry]]] = {
        title: {name: Entry(f"analysis.commands.{name}:command", line) for name, line in lines.items()}
        for title, lines in SECTIONS.items()
    }


@click.group("analyse", cls=AnalyseGroup)
@click.version_option(package_name="studyapp")
def main() -> None:
    """Scores, rankings and statistics of blind user studies, from CSV files alone.

    `studyapp analyse` and `study-analysis` are the same. A file named - is standard input.
    """


def result_command(name: str, *, tells: bool = False) -> Callable[[Callable[..., Any]], click.Command]:
    """Turn a function that returns an `Output` into a command with the options --format, --json and --output.

    The function's docstring is the command's help; click's arguments and options go below this decorator.

    Parameters
    ----------
    tells
        Whether the function shows its own progress.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(form: str | None, destination: Path | None, **options: Any) -> None:
            from analysis.output import render, shown

            with nullcontext() if tells else working(name):
                result = function(**options)
            form = table_form(form, to_file=destination is not None)
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
        return click.command(name, cls=TableCommand)(format_options(run))

    return decorate


def table_argument(name: str, *, required: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A positional CSV file of `table_help.TABLES`; the function gets it open, for `read_table`."""
    metavar = f"{name.upper()}.csv" if required else f"[{name.upper()}.csv]"
    return click.argument(
        name,
        cls=TableArgument,
        tables=(name,),
        metavar=metavar,
        type=click.File("rb"),
        required=required,
    )


def table_option(flag: str, what: str, *, table: str | None = None) -> Callable[..., Any]:
    """An option that takes a CSV file of `table_help.TABLES`, by default the one with its own name."""
    name = table or flag.removeprefix("--")
    return click.option(
        flag,
        cls=TableOption,
        tables=(name,),
        metavar=f"{name.upper()}.csv",
        type=click.File("rb"),
        help=what,
    )


def answers_argument(
    *, source: bool = False, or_scores: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A positional CSV file of votes, pairs or ratings, and --scale; the function gets validated `answers`.

    Goes above `rule_options`, whose default rule is then that of the table.

    Parameters
    ----------
    source
        Whether the function also gets the file itself, as `source`.
    or_scores
        Whether a table of scores, a row for each team, is also accepted, unchanged.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, table: Any, scale: tuple[float, float] | None, **options: Any) -> Any:
            from analysis.user_study.read import read_answers

            file = {"source": table} if source else {}
            answers = read_answers(table, scale=scale, or_scores=or_scores)
            return function(*args, answers=answers, **file, **options)

        argument = click.argument(
            "table",
            cls=TableArgument,
            tables=("votes", "pairs", "ratings", *["scores"] * or_scores),
            metavar="TABLE.csv" if or_scores else "ANSWERS.csv",
            type=click.File("rb"),
        )
        return argument(scale_option(run))

    return decorate


def scale_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --scale of ratings; the function gets `scale`, None if not given."""
    return click.option(
        "--scale",
        callback=_scale,
        metavar="LOW,HIGH",
        help="Ratings: the lowest and the highest possible score. By default 1,5.",
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

    If it also gets `answers`, the default rule is that of their table: `analysis.rule.value.ALONE`.

    Parameters
    ----------
    awards
        Whether the command gives awards.
    scored
        Whether it computes a final score; otherwise only the points for places count.
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
                help=(
                    "Number of awards of the first class, second, and so on. By default the rule's, or 1,2,3."
                ),
            )(run)
        run = click.option(
            "--points",
            metavar="P,P,...",
            help="Points for first place, second, and so on. By default the rule's, or 3,2,1.",
        )(run)
        return click.option(
            "--rule",
            shell_complete=complete_rule,
            metavar="NAME|FORMULA|FILE",
            help=(
                "How to compute the final score: a preset, a formula, or a file (an export's rule.json, "
                "study.yaml). By default the user study alone."
            )
            if scored
            else "A file with the points (an export's rule.json, study.yaml).",
        )(run)

    return decorate


def complete_rule(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the presets of --rule, else a file."""
    from analysis.rule import PRESETS

    found = [CompletionItem(name) for name in PRESETS if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def seed_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --seed of every command that uses random numbers."""
    return click.option(
        "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed."
    )(function)


def draws_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --draws of every command that resamples a study."""
    return click.option(
        "--draws", type=click.IntRange(min=100), help="Number of resamples.  [10000, or 2000 for pairs]"
    )(function)


def sampling_options(*, draws: int | None, fewest: int = 0) -> Callable[..., Any]:
    """The options --draws, --level and --resample; the function gets one `sampling`.

    Parameters
    ----------
    draws
        The default; None for the usual number for the table of the function's `answers`.
    fewest
        The smallest number allowed.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, draws: int | None, level: float, resample: Any, **options: Any) -> Any:
            from analysis.resampling.two_way import Sampling

            if draws is None:
                from analysis.user_study.read import usual_draws

                draws = usual_draws(options["answers"])
            return function(*args, sampling=Sampling(draws, level, resample), **options)

        run = click.option(
            "--resample",
            type=click.Choice(["both", "judges", "images"]),
            default="both",
            show_default=True,
            help="Resample judges and images, only judges, or only images.",
        )(run)
        run = click.option(
            "--level",
            type=click.FloatRange(0.5, 0.999),
            default=0.95,
            show_default=True,
            help="Confidence level of intervals and tie groups.",
        )(run)
        return click.option(
            "--draws",
            type=click.IntRange(min=fewest),
            default=draws,
            show_default=draws is not None,
            help="Number of resamples." if draws else "Number of resamples.  [10000, or 2000 for pairs]",
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
        help="Which table to write; json has them all.",
    )


def permutations_option(what: str) -> Callable[..., Any]:
    """The option --permutations of a command that uses them for `what`."""
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
