"""Forms of paired comparisons: subjectify, pwcmp, arenas."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.exchange.form import Form, csv_text
from analysis.exchange.sources import csv_table, records
from analysis.tables import known_columns, labels
from analysis.texts import say

_ARENA = {"a": "model_a", "b": "model_b", "tie": "tie", "bad": "tie (bothbad)"}
_ARENA_BACK = {
    "model_a": "a",
    "model_b": "b",
    "tie": "tie",
    "tie (bothbad)": "bad",
    "bothbad": "bad",
    "both_bad": "bad",
    "tie (both bad)": "bad",
}


def read_subjectify(data: bytes) -> pd.DataFrame:
    """answer (the better method, empty for neither), left_method, right_method, participant, test_case."""
    names = ("left_method", "right_method", "participant", "test_case")
    table = known_columns(csv_table(data), [*names, "answer"], what="subjectify")
    text = {name: labels(table[name], what=f"subjectify, {name}").astype(str) for name in names}
    answer = table["answer"].astype(object).fillna("").astype(str).str.strip()
    left, right = text["left_method"], text["right_method"]
    neither, first, second = answer == "", answer == left, answer == right
    wrong = ~(neither | first | second).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise AnalysisError(
            f"subjectify, row {row + 1}: answer {answer.iloc[row]!r} is neither {left.iloc[row]!r} nor "
            f"{right.iloc[row]!r}; give the better method, or leave it empty for neither"
        )
    return pd.DataFrame(
        {
            "judge": text["participant"],
            "image": text["test_case"],
            "team_a": left,
            "team_b": right,
            "answer": np.where(neither, "tie", np.where(first, "a", "b")),
        }
    )


def write_subjectify(table: pd.DataFrame) -> str:
    """The better method by name; empty for a tie."""
    answer = table["answer"].astype(object)
    first, second = table["team_a"].astype(object), table["team_b"].astype(object)
    better = np.where(answer == "a", first, np.where(answer == "b", second, ""))
    names = ("answer", "left_method", "right_method", "participant", "test_case")
    columns = (better, first, second, table["judge"], table["image"])
    return csv_text(pd.DataFrame(dict(zip(names, columns, strict=True))))


def read_pwcmp(data: bytes) -> pd.DataFrame:
    """observer, session, scene, condition_A, condition_B, is_A_selected (1 or 0)."""
    need = ("observer", "scene", "condition_a", "condition_b", "is_a_selected")
    table = known_columns(csv_table(data), need, ["session"], what="pwcmp")
    chosen = labels(table["is_a_selected"], what="pwcmp, is_A_selected").astype(str).str.casefold()
    answer = chosen.map({"1": "a", "0": "b", "1.0": "a", "0.0": "b", "true": "a", "false": "b"})
    if answer.isna().any():
        row = int(np.argmax(answer.isna().to_numpy()))
        raise AnalysisError(f"pwcmp, row {row + 1}: is_A_selected is {chosen.iloc[row]!r}; use 1 or 0")
    names = {
        "observer": "judge",
        "session": "session",
        "scene": "image",
        "condition_a": "team_a",
        "condition_b": "team_b",
    }
    return table.rename(columns=names)[
        [name for name in names.values() if name != "session" or "session" in table]
    ].assign(answer=answer)


def write_pwcmp(table: pd.DataFrame) -> str:
    """A session of 1 where the table has none."""
    return csv_text(
        pd.DataFrame(
            {
                "observer": table["judge"],
                "session": table.get("session", 1),
                "scene": table["image"],
                "condition_A": table["team_a"],
                "condition_B": table["team_b"],
                "is_A_selected": (table["answer"] == "a").astype(int),
            }
        )
    )


def read_arena(data: bytes) -> pd.DataFrame:
    """model_a, model_b, winner, judge, tstamp and maybe question_id, as a JSON list, JSON lines or CSV."""
    table = known_columns(
        records(data, "arena"),
        ["model_a", "model_b", "winner", "judge"],
        ["tstamp", "question_id"],
        what="arena",
    )
    winner = labels(table["winner"], what="arena, winner").astype(str).str.casefold()
    answer = winner.map(_ARENA_BACK)
    if answer.isna().any():
        row = int(np.argmax(answer.isna().to_numpy()))
        raise AnalysisError(
            f"arena, row {row + 1}: unknown winner {winner.iloc[row]!r}; use model_a, model_b, tie or tie "
            "(bothbad)"
        )
    found = pd.DataFrame({"judge": table["judge"], "team_a": table["model_a"], "team_b": table["model_b"]})
    if "question_id" in table:
        found.insert(1, "image", table["question_id"])
    found["answer"] = answer
    if "tstamp" in table:
        stamps = table["tstamp"].astype(object)
        found["at"] = [_moment(value, row) for row, value in enumerate(stamps, start=1)]
    return found


def write_arena(table: pd.DataFrame) -> str:
    """A JSON list, as arenas publish theirs; question_id is the image."""
    rows = []
    for row in table.astype(object).to_dict("records"):
        one = {
            "question_id": row["image"],
            "model_a": row["team_a"],
            "model_b": row["team_b"],
            "winner": _ARENA[row["answer"]],
            "judge": row["judge"],
        }
        if row["image"] == "":
            del one["question_id"]
        if not pd.isna(row.get("at", np.nan)):
            one["tstamp"] = _stamp(str(row["at"]))
        rows.append(one)
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _moment(value: Any, row: int) -> str | None:
    if value is None or pd.isna(value) or str(value).strip() == "":
        return None
    try:
        return datetime.fromtimestamp(float(str(value)), tz=UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise AnalysisError(
            f"arena, row {row}: tstamp {value!r} is not a time; give seconds since 1970, or leave it empty"
        ) from None


def _stamp(text: str) -> float | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise AnalysisError(
            f"arena: at {text!r} is not a time; write it as 2026-05-01T10:20:30+00:00"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _not_of(*answers: str, why: str):
    def unheld(table: pd.DataFrame) -> tuple[np.ndarray, str]:
        return ~table["answer"].isin(answers).to_numpy(), why

    return unheld


_COMMON = frozenset({"judge", "image", "team_a", "team_b", "answer"})
FORMS = {
    "subjectify": Form(
        "pairs",
        say("answer, left_method, right_method, participant, test_case"),
        _COMMON,
        read_subjectify,
        write_subjectify,
        _not_of("a", "b", "tie", why="subjectify has no answer 'both bad'"),
    ),
    "pwcmp": Form(
        "pairs",
        say("observer, session, scene, condition_A, condition_B, is_A_selected"),
        _COMMON | {"session"},
        read_pwcmp,
        write_pwcmp,
        _not_of("a", "b", why="pwcmp has no ties"),
    ),
    "arena": Form(
        "pairs",
        say("model_a, model_b, winner, judge, tstamp as JSON"),
        _COMMON | {"at"},
        read_arena,
        write_arena,
        suffix=".json",
    ),
}
