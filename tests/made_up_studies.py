"""Made-up studies of every protocol and of any number of teams, with all parts of a report and odd names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.efficiency.measures import validate_measures
from analysis.metrics_against_judges.summary import metrics_summary
from analysis.paired.table import validate_paired
from analysis.pairs import Pairs, validate_pairs
from analysis.parts import Parts
from analysis.planning.simulation import simulated_votes
from analysis.ratings import ANCHOR, REFERENCE, Ratings, validate_ratings
from analysis.reasons.reading import validate_reasons
from analysis.report.study import Study, make_study
from analysis.resampling.joint import joint_draws, observe
from analysis.resampling.two_way import Sampling
from analysis.rule import POINTS, read_rule
from analysis.study_notes import StudyNotes
from analysis.votes import Votes, validate_votes

PROTOCOLS = ("top_k", "ranking", "slider", "pairwise", "acr", "acr_hr", "dcr")
SIZES = (2, 7, 12, 30)
ODD_SIZE = 12
ODD = (
    "Institute of Image Restoration and Perceptual Quality, team 4",
    "图像复原与质量评价联合实验室",
    "فريق استعادة الصور",
    "צוות שחזור תמונות",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "$x_1$ & <b>50 %</b>",
    "画質評価チーム・東京",
)
"""Names that are long, wide, written from right to left, or of letters that mean something to programs."""
NOTES = StudyNotes(
    lines=(
        "team Zed is disqualified (2026-01-02): trained on the test images",
        "amendment 1 of title (2026-01-01)",
    ),
    disqualified=("team Zed",),
    test_judges=1,
)
FORMULA = "20*psnr/50 + 15*(ssim-0.5)/0.5"
ATTRIBUTES = ("sharpness", "noise", "colour", "artefacts")


def team_names(count: int, *, odd: bool = False) -> list[str]:
    """Return names of teams; odd ones are mixed among the others."""
    plain = [f"team {chr(65 + number % 26)}{number // 26 or ''}" for number in range(count)]
    return [*ODD, *plain][:count] if odd else plain


@dataclass(frozen=True)
class Tastes:
    """How much each judge likes each team's result on each image, and what was shown; (J, I, N)."""

    worth: np.ndarray
    shown: np.ndarray
    teams: Sequence[str]

    @classmethod
    def made_up(cls, teams: Sequence[str], *, judges: int, images: int, rng: np.random.Generator) -> "Tastes":
        size = (judges, images, len(teams))
        worth = np.linspace(1.2, -1.2, len(teams)) + 0.4 * rng.normal(size=(1, *size[1:]))
        shown = np.ones(size, dtype=bool)
        if len(teams) > 3:  # conflicts of interest, and a result that was not handed in
            shown[np.arange(judges) % 4 == 1, :, 2] = False
            shown[:, 0, 3] = False
        return cls(worth + 0.7 * rng.normal(size=size), shown, teams)

    @property
    def judges(self) -> list[str]:
        return [f"judge{number:02}" for number in range(1, len(self.worth) + 1)]

    @property
    def images(self) -> list[str]:
        return [f"{number:03}" for number in range(1, self.worth.shape[1] + 1)]


def votes(tastes: Tastes, rng: np.random.Generator, *, places: int) -> Votes:
    """Ballots that list so many places."""
    liked = np.where(tastes.shown, tastes.worth, -np.inf)
    rank = (-liked).argsort(axis=-1).argsort(axis=-1) + 1
    table = simulated_votes(
        np.where(tastes.shown, np.where(rank <= places, rank, 0), -1), teams=list(tastes.teams), rng=rng
    )
    table["judge"] = table["judge"].str.replace("J", "judge")
    return validate_votes(table.assign(trial=table["judge"] + table["image"], seconds=20.0))


def pairs(tastes: Tastes, rng: np.random.Generator) -> Pairs:
    """Comparisons of neighbours and of a few drawn pairs; near ones are ties."""
    n = len(tastes.teams)
    rows = []
    for j, judge in enumerate(tastes.judges):
        for i, image in enumerate(tastes.images):
            drawn = {tuple(rng.choice(n, 2, replace=False)) for _ in range(max(1, n // 2))}
            for place, (a, b) in enumerate(sorted(drawn | {(k, (k + 1) % n) for k in range(n - 1)})):
                if not (tastes.shown[j, i, a] and tastes.shown[j, i, b]):
                    continue
                apart = tastes.worth[j, i, a] - tastes.worth[j, i, b]
                answer = "tie" if abs(apart) < 0.15 else "ab"[int(apart < 0)]
                sides = (a, b) if rng.random() < 0.5 else (b, a)
                answer = answer if sides == (a, b) else {"a": "b", "b": "a"}.get(answer, answer)
                names = [tastes.teams[side] for side in sides]
                rows.append((judge, image, *names, answer, f"{judge}{image}{place}", True))
    columns = ["judge", "image", "team_a", "team_b", "answer", "trial", "simulated"]
    return validate_pairs(pd.DataFrame(rows, columns=columns))


def ratings(
    tastes: Tastes, _: np.random.Generator, *, scale: tuple[int, int] = (1, 5), controls: Sequence[str] = ()
) -> Ratings:
    """Scores within a scale, also of a hidden reference and anchor."""
    low, high = scale
    rows = []
    for (j, i, t), worth in np.ndenumerate(tastes.worth):
        if tastes.shown[j, i, t]:
            rows.append((j, i, tastes.teams[t], worth))
    for control in controls:
        worth = 2.2 if control == REFERENCE else -2.2
        rows += [(j, i, control, worth) for j in range(len(tastes.judges)) for i in range(len(tastes.images))]
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "worth"])
    middle, step = (low + high) / 2, (high - low) / 5
    table["score"] = (middle + step * table["worth"]).round().clip(low, high)
    table["judge"] = table["judge"].map(dict(enumerate(tastes.judges)))
    table["image"] = table["image"].map(dict(enumerate(tastes.images)))
    table["trial"] = table["judge"] + table["image"] + table["team"]
    return validate_ratings(table.drop(columns="worth").assign(simulated=True), scale=scale)


ANSWERS: Mapping[str, Callable[[Tastes, np.random.Generator], Any]] = {
    "top_k": lambda tastes, rng: votes(tastes, rng, places=min(3, len(tastes.teams) - 1)),
    "ranking": lambda tastes, rng: votes(tastes, rng, places=len(tastes.teams)),
    "slider": lambda tastes, rng: ratings(tastes, rng, scale=(0, 100), controls=(REFERENCE, ANCHOR)),
    "pairwise": pairs,
    "acr": ratings,
    "acr_hr": lambda tastes, rng: ratings(tastes, rng, controls=(REFERENCE,)),
    "dcr": ratings,
}
LEADS = {"top_k": "100*u/top(u)", "ranking": "100*u/top(u)", "pairwise": "100*minmax(bt)"}


def made_up(
    protocol: str,
    teams: int,
    *,
    odd: bool = False,
    judges: int = 9,
    images: int = 8,
    draws: int = 100,
    seed: int = 1,
    metrics: bool = True,
    notes: StudyNotes = NOTES,
) -> Study:
    """Return a study with all three parts of the final, reasons and metrics."""
    rng = np.random.default_rng([seed, teams])
    names = team_names(teams, odd=odd)
    answers = ANSWERS[protocol](Tastes.made_up(names, judges=judges, images=images, rng=rng), rng)
    lead = LEADS.get(protocol, "100*minmax(mos)")
    points = tuple(range(teams, 0, -1)) if protocol == "ranking" else POINTS[: max(1, teams - 1)]
    rule = read_rule(f"0.2*s2 + 0.8*(escore + {lead})", points=points)
    scores = paired(names, rng)
    study = observe(answers, Parts(paired=scores, measures=measures(names, rng)), rule)
    return make_study(
        joint_draws(study, draws=draws, seed=seed),
        about={"formula": {"per": "image", "score": FORMULA}},
        title=f"{protocol}, {teams} teams",
        notes=notes,
        reasons=reasons(answers.table, names, rng),
        metrics=metrics_summary(
            answers,
            rule=rule,
            paired=scores,
            higher=("psnr", "ssim"),
            skip_unknown=True,
            sampling=Sampling(draws),
            rng=rng,
        )
        if metrics
        else None,
    )


def paired(teams: Sequence[str], rng: np.random.Generator, *, images: int = 6) -> pd.DataFrame:
    """PSNR and SSIM of each team on each pair."""
    rows = [
        (team, f"1{image:02}", FORMULA, psnr, ssim, 20 * psnr / 50 + 15 * (ssim - 0.5) / 0.5)
        for number, team in enumerate(teams)
        for image in range(images)
        for psnr, ssim in [(32 - number / 4 + rng.normal(), 0.9 - number / 100 + 0.02 * rng.random())]
    ]
    return validate_paired(pd.DataFrame(rows, columns=["team", "image", "formula", "psnr", "ssim", "score"]))


def measures(teams: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    """Costs of models from a thousandth of the largest; one could not be timed, one has no parameters."""
    size = np.geomspace(20, 0.02, len(teams))
    time = 900 * size ** (2 / 3) / 8
    table = pd.DataFrame(
        {
            "team": teams,
            "params_m": np.where(np.arange(len(teams)) == 4, 0.0, size),
            "flops_g": 310 * size * rng.uniform(0.8, 1.2, len(teams)),
            "time_ms": time,
            "time_low_ms": 0.93 * time,
            "time_high_ms": 1.08 * time,
        }
    )
    table.loc[table.index == 5, ["time_ms", "time_low_ms", "time_high_ms"]] = np.nan
    return validate_measures(table)


def reasons(answers: pd.DataFrame, teams: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    """Reasons for a few teams of some trials."""
    shown = answers.rename(columns={"team_a": "team"})
    shown = shown[shown["team"].isin(teams)].iloc[::3]
    table = pd.DataFrame(
        {
            "judge": shown["judge"],
            "image": shown["image"],
            "kind": "main",
            "trial": shown["trial"],
            "team": shown["team"],
            "attribute": rng.choice(ATTRIBUTES, len(shown)),
            "direction": rng.choice(["better", "worse"], len(shown)),
        }
    )
    return validate_reasons(table.reset_index(drop=True))
