"""What `--help` says about the tables that a command reads: their columns and a two-line example."""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from analysis.columns import column


@dataclass(frozen=True)
class TableHelp:
    """A table that commands read.

    Attributes
    ----------
    name
        Its name, "votes".
    required, optional
        Columns and what they mean.
    example
        A header and a row.
    further
        What other columns are.
    """

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str]
    example: str
    further: str = ""


_WRITTEN = {
    "votes": ("votes.csv", "analysis.votes"),
    "pairs": ("votes.csv", "analysis.pairs"),
    "ratings": ("votes.csv", "analysis.ratings"),
    "reasons": ("reasons.csv", "analysis.reasons.reading"),
    "conditions": ("conditions.csv", "analysis.viewing.reading"),
    "paired": ("paired.csv", "analysis.paired.table"),
    "candidates": ("unpaired.csv", "analysis.metrics_against_judges.table"),
    "measures": ("measures.csv", "analysis.efficiency.measures"),
    "times": ("measures.csv", "analysis.efficiency.times"),
}
_OF_METRICS = ("paired", "candidates")
_EXAMPLES = {
    "votes": "judge,image,team,slot,rank\njudge01,001,team03,2,1",
    "pairs": "judge,image,team_a,team_b,answer\njudge01,001,team03,team07,a",
    "ratings": "judge,image,team,score\njudge01,001,team03,4",
    "scores": "team,s2,s3,escore\nteam03,81.4,57.2,24",
    "reasons": "judge,image,kind,trial,team,attribute,direction\njudge01,001,main,t1,team03,detail,better",
    "conditions": "judge,kind,exact,dpr,light\njudge01,check,yes,1.25,dim",
    "paired": "team,image,score\nteam03,001,81.4",
    "candidates": "team,image,niqe\nteam03,001,4.27",
    "measures": "team,params_m,flops_g,time_ms\nteam03,16.7,920.5,41.3",
    "times": "model,image,time_ms\nteam03,001,41.3",
}
_TEAM = "the team's id"
_ANSWER = {"judge": "who answered: a number or a name", "image": "the image's name", "team": _TEAM}
_MEANINGS = {
    "votes": _ANSWER,
    "reasons": _ANSWER,
    "pairs": {
        **_ANSWER,
        "team_a": "the candidate on the left (slot 1)",
        "team_b": "the candidate on the right (slot 2)",
        "answer": "a (team_a is better), b, tie, or bad (both are bad)",
    },
    "ratings": {**_ANSWER, "score": "the score that the judge gave"},
    "paired": {
        "team": _TEAM,
        "score": "the score of this image",
        "sha256": "SHA-256 of the team's file",
        "gt_sha256": "SHA-256 of the ground truth's file",
    },
    "candidates": {"team": _TEAM, "sha256": "SHA-256 of the candidate's file"},
    "measures": {"team": _TEAM},
    "times": {
        "model": "the model's name",
        "image": "the image's name",
        "time_ms": "milliseconds that the image took; rows stand in the order of the run",
        "set": "the run that the image belongs to, such as valid or test",
    },
    "scores": {
        "team": _TEAM,
        "uscore": "another name for s3",
        "award": "the award as printed",
        "simulated": "true if no person gave the answers",
    },
}
TABLES = tuple(_EXAMPLES)


def table_help(name: str) -> TableHelp:
    """Return the help for one of the `TABLES`."""
    if name == "scores":
        from analysis.ranking import PARTS, PRINTED, SIMULATED

        return TableHelp(
            name,
            _explained("scores", "ranking.csv", ["team"]),
            _explained("scores", "ranking.csv", [*PARTS, *PRINTED, SIMULATED]),
            _EXAMPLES["scores"],
            "Other columns are read if the rule names them.",
        )
    written, place = _WRITTEN[name]
    module = importlib.import_module(place)
    optional = module.TEXTS if name in _OF_METRICS else module.OPTIONAL
    return TableHelp(
        name,
        _explained(name, written, module.REQUIRED),
        optional if isinstance(optional, Mapping) else _explained(name, written, optional),
        _EXAMPLES[name],
        "Every other column is a metric." if name in _OF_METRICS else "",
    )


def _explained(name: str, written: str, columns: Iterable[str]) -> dict[str, str]:
    own = _MEANINGS.get(name, {})
    return {known: own[known] if known in own else column(written, known).meaning for known in columns}


class TableArgument(click.Argument):
    """A positional CSV file; `tables` are the tables it may be."""

    def __init__(self, *args: Any, tables: Sequence[str | TableHelp], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.tables = tuple(tables)


class TableOption(click.Option):
    """An option that takes a CSV file; `tables` are the tables it may be."""

    def __init__(self, *args: Any, tables: Sequence[str | TableHelp], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.tables = tuple(tables)


class TableCommand(click.Command):
    """A command whose help explains the tables that it reads, once each."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        told: set[str] = set()
        for parameter in self.params:
            if not isinstance(parameter, TableArgument | TableOption):
                continue
            for name in parameter.tables:
                if str(name) not in told:
                    told.add(str(name))
                    table = table_help(name) if isinstance(name, str) else name
                    write_table(formatter, table, brief=isinstance(parameter, TableOption))
        super().format_epilog(ctx, formatter)


def write_table(formatter: click.HelpFormatter, table: TableHelp, *, brief: bool) -> None:
    """Write a table's columns and example into a command's help; if brief, optional ones by name only."""
    with formatter.section(f"Columns of {table.name.upper()}.csv"):
        optional = [] if brief else [(name, f"optional: {said}") for name, said in table.optional.items()]
        formatter.write_dl([*table.required.items(), *optional])
        if brief and table.optional:
            formatter.write_paragraph()
            formatter.write_text(f"Optional: {', '.join(table.optional)}.")
        if table.further:
            formatter.write_paragraph()
            formatter.write_text(table.further)
        formatter.write_paragraph()
        formatter.write_text("For example:")
        for line in table.example.splitlines():
            formatter.write(f"{'':>{formatter.current_indent + 2}}{line}\n")
