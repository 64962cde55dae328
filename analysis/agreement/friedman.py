"""Do the teams differ at all: Friedman's test on image-level points, and Nemenyi's critical difference."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, f, rankdata, studentized_range

from analysis.errors import AnalysisError


@dataclass(frozen=True)
class Friedman:
    """Friedman's test with ties, in both forms.

    Attributes
    ----------
    mean_ranks
        Mean rank of each team over the images, shape (N,); 1 is best.
    chi2, p
        Tie-corrected statistic on N - 1 degrees of freedom.
    f, p_f
        Iman and Davenport's F on N - 1 and (N - 1)(I - 1) degrees of freedom, the better approximation; f is
        infinite and p_f 0 if all images agree completely.
    images
        Images compared, I.
    """

    mean_ranks: np.ndarray
    chi2: float
    p: float
    f: float
    p_f: float
    images: int


def friedman(scores: np.ndarray) -> Friedman:
    """Test whether teams differ, with images as blocks.

    Parameters
    ----------
    scores
        Shape (I, N), higher is better, complete (no NaN).

    Raises
    ------
    AnalysisError
        Below two images or two teams, for missing scores, and if all teams tie on every image.

    References
    ----------
    Friedman (1937), J. Am. Stat. Assoc. 32; Iman & Davenport (1980), Commun. Stat. A9; Demsar (2006), J.
    Mach. Learn. Res. 7.

    Examples
    --------
    Demsar (2006), table 6: the AUC of four classifiers on 14 data sets (the paper ranks the third before the
    fourth on "voting", where both print as .975). With the correction for ties, which the paper leaves out,
    chi2 is 10.23 instead of its 9.28.

    >>> auc = (
    ...     "763 768 771 798  599 591 590 569  954 971 968 967  628 661 654 657  882 888 886 898 "
    ...     "936 931 916 931  661 668 609 685  583 583 563 625  775 838 866 875  1000 1000 1000 1000 "
    ...     "940 962 965 962  619 666 614 669  972 981 975.1 975  957 978 946 970"
    ... )
    >>> result = friedman(np.array(auc.split(), dtype=float).reshape(14, 4))
    >>> result.mean_ranks.round(3).tolist()
    [3.143, 2.0, 2.893, 1.964]
    >>> round(result.chi2, 2)
    10.23
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 2 or min(scores.shape) < 2:
        raise AnalysisError("Friedman's test needs at least two images and two teams")
    if np.isnan(scores).any():
        raise AnalysisError(
            "Friedman's test needs a score of every team on every image; leave out incomplete images"
        )
    images, teams = scores.shape
    ranks = rankdata(-scores, axis=1)
    deviations = ranks.mean(axis=0) - (teams + 1) / 2
    spread = ((ranks - (teams + 1) / 2) ** 2).sum() / (images * (teams - 1))
    if spread < 1e-12:
        raise AnalysisError("all teams tie on every image: Friedman's test is undefined")
    statistic = float(images * (deviations @ deviations) / spread)
    df = teams - 1
    rest = images * df - statistic
    ratio = (images - 1) * statistic / rest if rest > 1e-9 else np.inf
    p, p_f = float(chi2.sf(statistic, df)), float(f.sf(ratio, df, df * (images - 1)))
    return Friedman(ranks.mean(axis=0), statistic, p, float(ratio), p_f, images)


def nemenyi_difference(images: int, teams: int, *, level: float = 0.05) -> float:
    """Return Nemenyi's critical difference of mean ranks, q * sqrt(N(N + 1) / (6 I)).

    Examples
    --------
    Demsar (2006), section 3.2.2: four classifiers on 14 data sets, CD = 1.25.

    >>> round(nemenyi_difference(14, 4), 2)
    1.25
    """
    q = studentized_range.isf(level, teams, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(teams * (teams + 1) / (6 * images)))


def nemenyi_p(mean_ranks: np.ndarray, images: int) -> np.ndarray:
    """Return Nemenyi's p of every two teams, (N, N), from the studentized range; 1 on the diagonal.

    p is below the level where the mean ranks differ by more than `nemenyi_difference` of it.
    """
    teams = len(mean_ranks)
    apart = np.abs(mean_ranks[:, None] - mean_ranks) / np.sqrt(teams * (teams + 1) / (12 * images))
    p = studentized_range.sf(apart, teams, np.inf)
    np.fill_diagonal(p, 1.0)
    return np.clip(p, 0, 1)


@dataclass(frozen=True)
class SkillingsMack:
    """Friedman's test for images that lack teams; chi2 on `df` degrees of freedom."""

    chi2: float
    df: int
    p: float
    images: int


def skillings_mack(scores: np.ndarray) -> SkillingsMack:
    """Test whether teams differ, with images as blocks some of which lack teams.

    Friedman's statistic adds up ranks, and ranks among different numbers of teams do not add up. Here each
    image counts with sqrt(12/(k + 1)) times the ranks among its own k teams less their mean. Complete scores
    without ties give Friedman's statistic. Ties get mean ranks, which makes the test a little conservative.

    Parameters
    ----------
    scores
        Shape (I, N), higher is better, NaN where a team is missing. Images with one team do not count.

    Raises
    ------
    AnalysisError
        Where no image has two teams, or the images fall into groups that share no team.

    References
    ----------
    Skillings & Mack (1981), On the use of a Friedman-type statistic in balanced and unbalanced block designs,
    Technometrics 23.

    Examples
    --------
    The authors' example: assembly times by four methods, three of nine blocks incomplete.

    >>> nan = np.nan
    >>> times = [[3.2, 4.1, 3.8, 4.2], [3.1, 3.9, 3.4, 4.0], [4.3, 3.5, 4.6, 4.8], [3.5, 3.6, 3.9, 4.0],
    ...          [3.6, 4.2, 3.7, 3.9], [4.5, 4.7, 3.7, nan], [nan, 4.2, 3.4, nan], [4.3, 4.6, 4.4, 4.9],
    ...          [3.5, nan, 3.7, 3.9]]
    >>> found = skillings_mack(np.array(times))
    >>> round(found.chi2, 2), found.df
    (15.49, 3)
    """
    scores = np.asarray(scores, dtype=float)
    known = ~np.isnan(scores)
    scores, known = scores[known.sum(axis=1) > 1], known[known.sum(axis=1) > 1]
    if not len(scores):
        raise AnalysisError("no image has scores of two teams")
    size = known.sum(axis=1, keepdims=True)
    ranks = rankdata(-scores, axis=1, nan_policy="omit")
    pull = np.where(known, np.sqrt(12 / (size + 1)) * (ranks - (size + 1) / 2), 0).sum(axis=0)
    met = known.T.astype(float) @ known
    np.fill_diagonal(met, 0)
    covariance = np.diag(met.sum(axis=1)) - met
    df = int(np.linalg.matrix_rank(covariance))
    if df < scores.shape[1] - 1:
        raise AnalysisError("some teams are never on an image with the others, so they cannot be compared")
    statistic = float(pull @ np.linalg.pinv(covariance, hermitian=True) @ pull)
    return SkillingsMack(statistic, df, float(chi2.sf(statistic, df)), len(scores))


def nemenyi_groups(mean_ranks: np.ndarray, difference: float) -> list[list[int]]:
    """Return the largest runs of teams whose mean ranks differ by less than the critical difference.

    These are the bars of the critical-difference plot. A run means "not told apart", which is not "equal".

    >>> nemenyi_groups(np.array([1.0, 3.2, 1.8, 2.4]), 1.0)
    [[0, 2], [2, 3], [3, 1]]
    """
    order = np.argsort(mean_ranks, kind="stable")
    ranks, runs, reach = mean_ranks[order], [], 0
    for first in range(len(order)):
        last = int(np.searchsorted(ranks, ranks[first] + difference, side="left"))
        if last > reach and last - first > 1:
            runs.append(order[first:last].tolist())
        reach = max(reach, last)
    return runs
