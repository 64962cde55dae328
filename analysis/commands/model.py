"""`studyapp analyse model`: Plackett-Luce strengths from votes."""

from typing import Any, BinaryIO

import click
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import result_command, seed_option, table_argument, table_option
from analysis.models.summary import Weighting, model_summary
from analysis.output import Output, marked
from analysis.ranking import read_scores
from analysis.teams import refuse_strangers
from analysis.votes import read_votes


@result_command("model")
@table_argument("votes")
@click.option(
    "--penalty",
    type=click.FloatRange(min=0),
    help="lambda in the penalty lambda*sum(theta^2). By default 0, or 0.5 if there is no finite estimate.",
)
@click.option(
    "--pseudo",
    type=click.FloatRange(min=0, min_open=True),
    help="Instead of a penalty: how often each team beats and loses to an imaginary one (usually 0.5).",
)
@click.option(
    "--weights",
    type=click.Choice(["equal", "reliability"]),
    default="equal",
    show_default=True,
    help="Weigh judges equally, or by how well they agree with the others.",
)
@table_option("--scores", "Only checked: its teams must be those of the votes.")
@seed_option
def command(
    votes: BinaryIO,
    *,
    scores: BinaryIO | None,
    penalty: float | None,
    pseudo: float | None,
    weights: Weighting,
    seed: int,
) -> Output:
    """Plackett-Luce log strength of each team from VOTES.csv; unplaced teams count below the placed ones.

    Says whether a finite estimate exists, and tests whether the position on screen sways judges. Nothing in
    it is random; --seed is accepted so that all commands can be called the same way.
    """
    data = model_summary(read_votes(votes), penalty=penalty, pseudo=pseudo, weights=weights)
    if scores is not None:
        refuse_strangers(read_scores(scores)["team"], data["log_worth"], what="scores")
    return Output(_table(data), data | {"seed": seed}, _notes(data), decimals=3)


def _table(data: dict[str, Any]) -> pd.DataFrame:
    columns = {
        key: pd.Series(data[key], dtype=float)
        for key in ("log_worth", "se", "se_two_way", "quasi_se_two_way", "first_choice")
        if data[key] is not None
    }
    table = pd.DataFrame(columns).sort_values("log_worth", ascending=False, kind="stable")
    table = table.rename_axis("team").reset_index()
    return marked(table, data)


def _notes(data: dict[str, Any]) -> tuple[str, ...]:
    notes = [f"log-likelihood {data['loglik']:.2f} of {how_many(data['n_ballots'], 'ballots')}"]
    if data["simulated"]:
        notes.append("some votes are simulated")
    if not data["finite"]:
        notes.append(f"there is no finite estimate ({data['reason']})")
    if data["pseudo"]:
        notes.append(f"each team beats and loses to an imaginary one {data['pseudo']:g} times")
    if data["penalty"]:
        notes.append(f"penalty {data['penalty']:g} * sum(theta^2)")
    slots = data["slot_effect"]
    if slots["undefined"]:
        notes.append(f"slot effect: {slots['undefined']}")
    else:
        notes.append(f"slot effect: chi2({slots['df']}) = {slots['statistic']:.2f}, p = {slots['p']:.4f}")
    return tuple(notes)
