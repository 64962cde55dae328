"""Forms of ratings: sureal's data sets, a matrix of raters and units, the tables of the P.910 crowdsourcing
tool."""

import json
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.exchange.form import Form, csv_text, plain_number
from analysis.exchange.sources import csv_table, joined_path, json_value, split_path
from analysis.tables import known_columns, labels, numbers
from analysis.texts import say

_SURE_KINDS = ("main", "repeat")
_HALF = 1.96  # P.910's tool takes the normal quantile, however few votes there are
_CONDITIONS = ("condition_name", "condition", "condition_num")


def read_sureal(data: bytes) -> pd.DataFrame:
    """A data set of sureal as JSON: ref_videos, and dis_videos with their opinion scores `os`.

    A list of scores has no names, so its subjects are called 1, 2, ...; a subject with several scores of one
    stimulus gave the first in a main trial and repeated it.
    """
    found = json_value(data, "sureal")
    if not isinstance(found, dict) or "dis_videos" not in found:
        raise AnalysisError("sureal: no dis_videos; give the JSON form of a data set")
    content = {
        ref.get("content_id"): str(ref.get("content_name", ref.get("content_id")))
        for ref in found.get("ref_videos", [])
    }
    rows: list[tuple[str, str, str, float, str]] = []
    for number, stimulus in enumerate(found["dis_videos"], start=1):
        image, team = _sureal_names(stimulus, content, number)
        given = stimulus.get("os")
        if isinstance(given, list):
            given = {str(subject): score for subject, score in enumerate(given, start=1)}
        if not isinstance(given, dict):
            raise AnalysisError(
                f"sureal, dis_videos {number}: os is {given!r}; give a list or an object of scores"
            )
        for subject, scores in given.items():
            listed = scores if isinstance(scores, list) else [scores]
            for place, score in enumerate(score for score in listed if not _is_missing(score)):
                if not isinstance(score, int | float):
                    raise AnalysisError(
                        f"sureal, dis_videos {number}, subject {subject}: {score!r} is not a score; give a "
                        "number"
                    )
                rows.append((str(subject), image, team, float(score), _SURE_KINDS[min(place, 1)]))
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "score", "kind"])
    return table.drop(columns="kind") if (table["kind"] == "main").all() else table


def _sureal_names(stimulus: dict[str, Any], content: dict[Any, str], number: int) -> tuple[str, str]:
    if "content_id" not in stimulus:
        raise AnalysisError(f"sureal, dis_videos {number}: no content_id; give that of its reference")
    path = str(stimulus.get("path", stimulus.get("asset_id", number)))
    image, team = split_path(path)
    return content.get(stimulus["content_id"], image), team


def _is_missing(score: Any) -> bool:
    """sureal leaves out a score as NaN, JSON as null."""
    return score is None or (isinstance(score, float) and np.isnan(score))


def write_sureal(table: pd.DataFrame) -> str:
    """Images become contents, a team's result on an image a stimulus; scores are kept by subject."""
    images = sorted(table["image"].astype(str).unique())
    number = {image: n for n, image in enumerate(images)}
    stimuli = []
    for asset, ((image, team), rows) in enumerate(
        table.astype({"image": str, "team": str}).groupby(["image", "team"], sort=True)
    ):
        scores: dict[str, Any] = {}
        for judge, own in rows.groupby(rows["judge"].astype(str), sort=False):
            ordered = own.sort_values("kind", kind="stable") if "kind" in own else own
            listed = [plain_number(score) for score in ordered["score"]]
            scores[str(judge)] = listed[0] if len(listed) == 1 else listed
        path = joined_path(str(image), str(team))
        stimuli.append({"content_id": number[str(image)], "asset_id": asset, "path": path, "os": scores})
    found = {
        "dataset_name": "study",
        "ref_videos": [
            {"content_id": n, "content_name": image, "path": joined_path("", image)}
            for image, n in number.items()
        ],
        "dis_videos": stimuli,
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def read_raters(data: bytes) -> pd.DataFrame:
    """A row for each rater, a column for each unit "image/team" (or team alone); empty where not rated."""
    table = csv_table(data)
    names = [str(name) for name in table.columns]
    judge = names[0]
    if judge.casefold() not in ("judge", "rater", "subject", "observer", "participant"):
        raise AnalysisError(
            f"raters: the first column is {judge!r}; it must be judge, followed by a column for each unit"
        )
    parts = []
    for unit in names[1:]:
        image, team = split_path(unit)
        score = numbers(table[unit], what=f"raters, column {unit}")
        given = ~np.isnan(score)
        part = table[[judge]].rename(columns={judge: "judge"}).astype(object)[given]
        parts.append(part.assign(image=image, team=team, score=score[given]))
    if not parts:
        raise AnalysisError("raters: no units; give a column for each")
    found = pd.concat(parts, ignore_index=True)
    return found.drop(columns="image") if (found["image"] == "").all() else found


def write_raters(table: pd.DataFrame) -> str:
    """As `read_raters` reads it; columns by image, then team."""
    unit = [joined_path(str(i), str(t)) for i, t in zip(table["image"], table["team"], strict=True)]
    wide = table.assign(unit=unit, judge=table["judge"].astype(str))
    wide = wide.pivot(index="judge", columns="unit", values="score").reset_index()
    return csv_text(wide.rename_axis(columns=None))


def read_worker(data: bytes) -> pd.DataFrame:
    """votes_per_worker of the P.910 tool: workerid, file, vote, and maybe HITId and the condition."""
    table = known_columns(
        csv_table(data), ["workerid", "file", "vote"], ["hitid", *_CONDITIONS], what="P.910"
    )
    file = labels(table["file"], what="P.910, file").astype(str)
    found = pd.DataFrame({"judge": table["workerid"]})
    found[["image", "team"]] = _file_names(file, table)
    found["score"] = numbers(table["vote"], what="P.910, vote")
    if "hitid" in table:
        found["trial"] = table["hitid"]
    return found


def write_worker(table: pd.DataFrame) -> str:
    """The condition is the team, the file "image/team"."""
    file = _files(table)
    columns = {
        "HITId": table.get("trial", ""),
        "workerid": table["judge"],
        "file": file,
        "short_file_name": [path.rsplit("/", 1)[-1] for path in file],
        "vote": table["score"],
        "condition_name": table["team"],
    }
    found = pd.DataFrame(columns)
    return csv_text(found if "trial" in table else found.drop(columns="HITId"))


def read_clip(data: bytes) -> pd.DataFrame:
    """votes_per_clip of the P.910 tool: file_url and vote_1, vote_2, ...; who gave a vote it does not say.

    Each vote counts as that of a separate judge.
    """
    table = csv_table(data)
    columns = [str(name) for name in table.columns if str(name).casefold().startswith("vote_")]
    if not columns:
        raise AnalysisError("P.910: no column vote_1; only tables with single votes can be read")
    plain = known_columns(table.drop(columns=columns), ["file_url"], _CONDITIONS, what="P.910")
    file = labels(plain["file_url"], what="P.910, file_url").astype(str)
    names = _file_names(file, plain)
    votes = np.column_stack([numbers(table[name], what=f"P.910, column {name}") for name in columns])
    row, _ = np.nonzero(~np.isnan(votes))
    found = names.iloc[row].reset_index(drop=True)
    found.insert(0, "judge", [f"vote {n:06d}" for n in range(1, len(row) + 1)])
    return found.assign(score=votes[~np.isnan(votes)])


def write_clip(table: pd.DataFrame) -> str:
    """MOS, sample standard deviation, half of the normal 95 % interval, and the votes of each clip."""
    rows = []
    for file, scores in _grouped(table, _files(table)):
        rows.append({"file_url": file} | _moments(scores) | {"short_file_name": file.rsplit("/", 1)[-1]})
        rows[-1]["condition_name"] = split_path(file)[1]
        rows[-1] |= {f"vote_{n}": plain_number(score) for n, score in enumerate(scores, start=1)}
    first = ["file_url", "n", "MOS", "std", "95%CI", "short_file_name", "condition_name"]
    found = pd.DataFrame(rows, dtype=object)
    return csv_text(found[[*first, *(name for name in found if name not in first)]])


def write_cond(table: pd.DataFrame) -> str:
    """The same for each condition, which is the team, without the votes."""
    groups = _grouped(table, table["team"].astype(str).tolist())
    return csv_text(
        pd.DataFrame([{"condition_name": team} | _moments(scores) for team, scores in groups], dtype=object)
    )


def _file_names(file: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Image and team of files: the condition is the team where there is one."""
    name = next((name for name in _CONDITIONS if name in table), None)
    pairs = [split_path(path) for path in file]
    if name is None:
        return pd.DataFrame(pairs, columns=["image", "team"])
    team = labels(table[name], what=f"P.910, {name}").astype(str)
    image = [
        image if last == own else path.rsplit("/", 1)[-1]
        for path, (image, last), own in zip(file, pairs, team, strict=True)
    ]
    return pd.DataFrame({"image": image, "team": team.to_numpy()})


def _files(table: pd.DataFrame) -> list[str]:
    return [joined_path(str(i), str(t)) for i, t in zip(table["image"], table["team"], strict=True)]


def _grouped(table: pd.DataFrame, names: list[str]) -> list[tuple[str, list[float]]]:
    groups = table["score"].groupby(np.array(names, dtype=object), sort=True)
    return [(str(name), scores.tolist()) for name, scores in groups]


def _moments(scores: list[float]) -> dict[str, Any]:
    n = len(scores)
    sd = float(np.std(scores, ddof=1)) if n > 1 else np.nan
    return {
        "n": n,
        "MOS": plain_number(float(np.mean(scores))),
        "std": plain_number(sd),
        "95%CI": plain_number(float(_HALF * sd / np.sqrt(n))),
    }


def _no_kind_but_repeats(table: pd.DataFrame) -> tuple[np.ndarray, str]:
    other = (
        ~table["kind"].isin(_SURE_KINDS).to_numpy() if "kind" in table else np.zeros(len(table), dtype=bool)
    )
    return other, "sureal has only main trials and repeats"


_COMMON = frozenset({"judge", "image", "team", "score"})
FORMS = {
    "sureal": Form(
        "ratings",
        say("a data set of sureal as JSON"),
        _COMMON | {"kind"},
        read_sureal,
        write_sureal,
        _no_kind_but_repeats,
        ".json",
    ),
    "raters": Form(
        "ratings",
        say("a row for each rater, a column for each unit (image/team)"),
        _COMMON,
        read_raters,
        write_raters,
    ),
    "p910-worker": Form(
        "ratings", say("votes_per_worker of the P.910 tool"), _COMMON | {"trial"}, read_worker, write_worker
    ),
    "p910-clip": Form(
        "ratings", say("votes_per_clip of the P.910 tool"), _COMMON - {"judge"}, read_clip, write_clip
    ),
    "p910-cond": Form(
        "ratings",
        say("votes_per_cond of the P.910 tool: only written"),
        frozenset({"team", "score"}),
        None,
        write_cond,
    ),
}
