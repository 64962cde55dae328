"""The parts of the final besides the user study: S2 from paired images, EScore from measures, or given."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.efficiency.measures import NUMBERS, RANKED
from analysis.efficiency.points import efficiency_scores
from analysis.errors import AnalysisError
from analysis.paired.table import formula_name, metrics_of, paired_means, score_matrix
from analysis.ranking import validate_scores
from analysis.rule import Rule
from analysis.texts import plural, say

_SAME = 1e-6
"""How far a given score may be from the recomputed one."""


@dataclass(frozen=True)
class Parts:
    """Where the other parts come from; each may be absent.

    Attributes
    ----------
    scores
        Given by hand: team and any of s2, escore.
    paired
        Scores of paired images, as `analysis.paired.table.validate_paired` returns them: S2 is their mean.
    measures
        As `analysis.efficiency.measures.validate_measures` returns them: EScore ranks all of these models.
    """

    scores: pd.DataFrame | None = None
    paired: pd.DataFrame | None = None
    measures: pd.DataFrame | None = None

    def of(self, teams: Iterable[str], rule: Rule) -> pd.DataFrame | None:
        """Return team, s2, escore and whatever else the rule needs, as far as known; None without any.

        Computed parts are those of `teams` (more may have been scored or measured than the judges saw); given
        scores are returned whole.

        Raises
        ------
        AnalysisError
            If a given score differs from the one computed from the images or measures, or the images were
            scored by another formula than the rule's.
        """
        teams = list(teams)
        table = None if self.scores is None else validate_scores(self.scores, rule)
        if self.paired is not None:
            means = self.means(rule)
            for name in ["s2", *(name for name in self.pair_matrices(rule) if name != "s2")]:
                table = _with(table, _of(means, teams, name), name, "the paired images")
        if self.measures is not None:
            costs = efficiency_scores(self.measures, rule)
            for name in ("escore", *self.measured(rule)):
                table = _with(table, _of(costs, teams, name), name, "the measures")
        return table

    def means(self, rule: Rule) -> pd.DataFrame:
        """Return team, n, of, s2 (see `paired_means`) and the means of the metrics that the rule needs."""
        assert self.paired is not None
        _refuse_other_formula(self.paired, rule)
        table = paired_means(self.paired)
        matrices = self.pair_matrices(rule)
        for name, matrix in matrices.items():
            table[name] = matrix.mean(skipna=False).reindex(table["team"]).to_numpy()
        if "s2" not in matrices:
            columns = {name: table[name].to_numpy() for name in matrices}
            table["s2"] = rule.values("s2", columns, teams=list(map(str, table["team"])))
        return table

    def pair_matrices(self, rule: Rule) -> dict[str, pd.DataFrame]:
        """Return what the rule takes the mean of, a row for each pair and a column for each team.

        `s2` is the score of the images, unless its formula uses a team's means; in that case, and if the
        final needs metrics itself, these.
        """
        assert self.paired is not None
        metrics = set(metrics_of(self.paired))
        needed = rule.columns(("s2", "escore")) & metrics
        of_s2 = rule.columns_of("s2")
        whole = not (rule.s2_of_means and of_s2 <= metrics)
        found = {"s2": score_matrix(self.paired)} if whole else {}
        names = sorted(needed if whole else needed | of_s2)
        return found | {name: score_matrix(self.paired, name) for name in names}

    def measured(self, rule: Rule) -> list[str]:
        """Return the columns of measures that the final itself needs."""
        assert self.measures is not None
        needed = rule.columns(("s2", "escore"))
        return [name for name in (*RANKED, *NUMBERS) if name in needed and name in self.measures]

    def images(self, rule: Rule, teams: Sequence[str]) -> dict[str, np.ndarray]:
        """Return what the rule counts in images, (I, N) each."""
        if self.paired is None:
            return {}
        names = sorted(rule.counted & set(metrics_of(self.paired)))
        return {
            name: score_matrix(self.paired, name).reindex(columns=list(teams)).to_numpy() for name in names
        }

    @property
    def formula(self) -> str | None:
        """The name of S2's formula, if the paired images give it."""
        return None if self.paired is None else formula_name(self.paired)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the parts: the name of the formula, and teams without a score."""
        return (*self._notes_of_pairs(), *self._notes_of_measures())

    def _notes_of_pairs(self) -> list[str]:
        if self.paired is None:
            return []
        means = paired_means(self.paired)  # S2 itself is not told here
        pairs = int(means["of"].iloc[0]) if len(means) else 0
        notes: list[str] = [
            plural(
                "S2 is %(formula)s, the mean of %(count)s pair",
                "S2 is %(formula)s, the mean of %(count)s pairs",
                pairs,
                formula=self.formula or say("the score of the paired images"),
            )
        ]
        lacking = means[means["s2"].isna()]
        notes += [
            say(
                "no S2 for %(team)s: only %(scored)s of %(pairs)s pairs have a score",
                team=row["team"],
                scored=row["n"],
                pairs=row["of"],
            )
            for row in lacking.to_dict("records")
        ]
        return notes

    def _notes_of_measures(self) -> list[str]:
        if self.measures is None:
            return []
        unknown = self.measures[self.measures[list(RANKED)].isna().any(axis=1)]
        notes: list[str] = [
            say(
                "no EScore for %(team)s: %(why)s",
                team=row["team"],
                why=row.get("problem") or say("a measure is missing"),
            )
            for row in unknown.to_dict("records")
        ]
        alone = self.measures[self.measures.get("comparable", pd.Series("", self.measures.index)) == "no"]
        devices = sorted(set(alone.get("device", ())) - {""})
        if devices:
            notes.append(
                say(
                    "EScore: times are not comparable with GPU times (measured on: %(devices)s)",
                    devices=", ".join(devices),
                )
            )
        elif len(alone):
            notes.append(say("EScore: times are not comparable with GPU times"))
        reproduced = self.measures.get("reproduced", pd.Series("", self.measures.index))
        other = self.measures["team"][reproduced == "different"]
        if len(other):
            notes.append(
                say(
                    "the measured outputs for %(teams)s differ from the submitted images: the "
                    "EScore may belong "
                    "to another model",
                    teams=", ".join(map(str, other)),
                )
            )
        return notes

    def renamed(self, names: Mapping[str, str]) -> "Parts":
        """Return the parts with other names for the teams; a team without one keeps its own."""
        tables = {name: getattr(self, name) for name in ("scores", "paired", "measures")}
        return replace(
            self,
            **{
                name: table.assign(team=[names.get(team, team) for team in table["team"]])
                for name, table in tables.items()
                if table is not None
            },
        )


def _of(table: pd.DataFrame, teams: Collection[str], name: str) -> pd.DataFrame:
    return table.loc[table["team"].isin(teams), ["team", name]]


def _refuse_other_formula(paired: pd.DataFrame, rule: Rule) -> None:
    """A rule that says what S2 is must be what the images were scored by."""
    own, scored = rule.entries.get("s2"), formula_name(paired)
    if own is not None and scored is not None and scored != own.score.text:
        raise AnalysisError(
            f"the images were scored by {scored}, but the rule's s2 is {own.score.text}; score them again"
        )


def _with(table: pd.DataFrame | None, computed: pd.DataFrame, part: str, source: str) -> pd.DataFrame:
    if table is None:
        return computed.reset_index(drop=True)
    if part not in table:
        return table.merge(computed, on="team", how="outer")
    both = table[["team", part]].merge(computed, on="team", how="left", suffixes=("", "_computed"))
    given, found = both[part].to_numpy(dtype=float), both[f"{part}_computed"].to_numpy(dtype=float)
    differs = np.isnan(given) != np.isnan(found)
    differs |= np.abs(given - found) > _SAME * np.maximum(1, np.abs(found))
    if differs.any():
        row = int(np.argmax(differs))
        raise AnalysisError(
            f"scores: {part} of {both['team'][row]} is {given[row]:g}, but {source} give {found[row]:g}; "
            "remove the column, or give the file that it came from"
        )
    return table.drop(columns=part).merge(computed, on="team", how="outer")
