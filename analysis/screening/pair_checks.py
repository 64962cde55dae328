"""Hidden checks of paired comparisons: pairs shown again, and identical pairs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.pairs import ANSWERS, Pairs
from analysis.screening.pairs import SideBias, side_bias

_NOBODY = -1


@dataclass(frozen=True)
class Repeats:
    """Pairs that a judge answered twice, by judge: how many were shown again, and how many answers were the
    same."""

    shown: np.ndarray
    same: np.ndarray


@dataclass(frozen=True)
class Identical:
    """Identical pairs, by judge: how many were shown, and how often the judge preferred a side.

    Most people prefer a side even if there is no difference. If `sides` is far above the others', the judge
    is not looking; `bias` says which side the judge prefers.
    """

    shown: np.ndarray
    sides: np.ndarray
    bias: SideBias

    def as_dict(self) -> dict[str, Any]:
        """Return what the study says about all judges, ready for JSON."""
        return {
            "shown": int(self.shown.sum()),
            "sides": int(self.sides.sum()),
            "left": self.bias.left,
            "se": self.bias.se,
            "p": self.bias.p,
        }


def repeated_trials(pairs: Pairs) -> Repeats:
    """Compare each answer to a repeat with the same judge's answer to the same pair on the same image.

    The sides may be swapped between the two; bad counts as a tie.
    """
    count = len(pairs.judges)
    rows = _of_kind(pairs, "repeat")
    if rows.empty:
        return Repeats(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))
    main = pairs.table[pairs.table["kind"] == "main"]
    both = _preferred(rows).merge(
        _preferred(main), on=["judge", "image", "low", "high"], suffixes=("", "_main")
    )
    judge = _judge(pairs, both["judge"])
    same = (both["preferred"] == both["preferred_main"]).to_numpy()
    known = judge != _NOBODY
    return Repeats(
        np.bincount(judge[known], minlength=count), np.bincount(judge[known & same], minlength=count)
    )


def identical_trials(pairs: Pairs) -> Identical:
    """Count the answers to identical pairs."""
    rows = _of_kind(pairs, "identical")
    judge = _judge(pairs, rows["judge"]) if len(rows) else np.zeros(0, dtype=np.int64)
    answer = rows["answer"].cat.codes.to_numpy() if len(rows) else np.zeros(0, dtype=np.int64)
    judge, answer = judge[judge != _NOBODY], answer[judge != _NOBODY]
    count = len(pairs.judges)
    return Identical(
        shown=np.bincount(judge, minlength=count),
        sides=np.bincount(judge[answer <= ANSWERS.index("b")], minlength=count),
        bias=side_bias(judge, answer, count),
    )


def _of_kind(pairs: Pairs, kind: str) -> pd.DataFrame:
    return pairs.table[pairs.table["kind"] == kind] if "kind" in pairs.table else pairs.table.iloc[:0]


def _judge(pairs: Pairs, names: pd.Series) -> np.ndarray:
    """Codes of judges; -1 for one whose main trials are all missing."""
    return pd.Index(pairs.judges).get_indexer(pd.Index(names.astype(object)))


def _preferred(rows: pd.DataFrame) -> pd.DataFrame:
    """Who was preferred in the pair, whichever stood left; empty for neither."""
    first, second = rows["team_a"].astype(object), rows["team_b"].astype(object)
    turned = (first > second).to_numpy()
    answer = rows["answer"].astype(object).to_numpy()
    return pd.DataFrame(
        {
            "judge": rows["judge"].astype(object),
            "image": rows["image"].astype(object),
            "low": np.where(turned, second, first),
            "high": np.where(turned, first, second),
            "preferred": np.where(answer == "a", first, np.where(answer == "b", second, "")),
        }
    )
