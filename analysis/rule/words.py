"""What the keys, names and functions of a rule mean, for the reference and the schema of study.yaml."""

from collections.abc import Mapping

KEY_MEANINGS: Mapping[str, str] = {
    "score": "a formula, or a preset's name; if it is the only key, the key may be omitted",
    "per": "`team` (default): on a team's means; `image`: on each image, then the mean. They differ as soon "
    "as the formula is not linear",
    "require": "conditions that a team must meet to get a rank; without them it has only a score. "
    "`(2 decimals)` rounds first, and the result names any team that rounding lets pass. "
    "`count(cosine < 0.3) <= 10` counts images",
    "order": "what ranks follow instead of the score; with a list, the second decides ties in the first. "
    "`score` is the rule's own",
    "better": "`higher` (default) or `lower`",
    "base": "the team that `base(x)` means, or its values by column: `{time_ms: 7.74}`",
    "awards": "of `final`: how many awards there are of the first class, the second, ... (1, 2, 3)",
}
"""Each key of a named score in `rules`."""

SCORE_MEANINGS: Mapping[str, str] = {
    "u": "where judges pick or rank: S3, the mean over judges of a team's points, summed over the images "
    "(column `s3` or `uscore`)",
    "s3n": "the same from 0 to 1",
    "bt": "where judges compare pairs: Bradley-Terry log worths, which add up to 0; a tie is half a win "
    "for each",
    "bt_prior": "the same with 0.1 wins added over every other team",
    "jod": "where judges compare pairs: Thurstone's worths in just-objectionable differences",
    "win_share": "where judges compare pairs: the share of comparisons won, from 0 to 1",
    "mos": "where judges rate: the mean opinion score",
    "dmos": "where judges rate with a hidden reference: the difference to it",
}
"""Each score that is computed from judges' answers."""

FUNCTION_MEANINGS: Mapping[str, tuple[str, str]] = {
    "min": ("min(x, y, ...)", "the smallest of two values or more"),
    "max": ("max(x, y, ...)", "the largest of two values or more"),
    "mean_of": ("mean_of(x, y, ...)", "the mean of two values or more"),
    "exp": ("exp(x)", "e to the power of x"),
    "log": ("log(x)", "the natural logarithm"),
    "sqrt": ("sqrt(x)", "the square root"),
    "abs": ("abs(x)", "the absolute value"),
    "clip": ("clip(x, low, high)", "x, but not below `low` nor above `high`"),
    "where": ("where(x > 1, a, b)", "a where the condition is true, else b"),
    "top": ("top(x)", "the largest value of all teams"),
    "low": ("low(x)", "the smallest value of all teams"),
    "mean": ("mean(x)", "the mean of all teams"),
    "minmax": ("minmax(x)", "0 for the smallest value of all teams, 1 for the largest, linear between"),
    "rank": ("rank(x, higher)", "the rank among all teams: 1, 2, 2, 4; `higher` or `lower` is better"),
    "points": (
        "points(x, lower, 10)",
        "10 for the best of N teams, 10/(N - 1) less for each rank; ties share",
    ),
    "base": ("base(x)", "the value of the team that `base` names"),
    "count": ("count(x < 0.3)", "in `require`: how many images meet the condition"),
}
"""Each function with a call of it, and what it gives."""
