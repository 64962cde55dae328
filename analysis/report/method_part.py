"""Sections: the audit, and how everything was computed."""

import platform
from importlib.metadata import version

import pandas as pd

from analysis.amounts import how_many
from analysis.audit.findings import Finding
from analysis.audit.scores import audit_scores
from analysis.audit.votes import audit_votes
from analysis.compliance.stated import FEWEST
from analysis.report.blocks import Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed

PACKAGES = ("studyapp", "numpy", "scipy", "pandas", "matplotlib", "typst")


def audit_section(study: Study) -> Section:
    """Conservation laws checked on the votes and, if there are other parts, on the scores."""
    findings = audit_votes(study.votes, points=study.rule.points, notes=study.notes)
    if study.scores is not None:
        findings += [finding for finding in _audit_parts(study) if finding.verdict != "unchecked"]
    frame = pd.DataFrame(
        [(finding.check, finding.verdict, finding.message) for finding in findings],
        columns=["Check", "Verdict", "Finding"],
    )
    text = "Points are neither lost nor created: these laws hold for every correct table, whoever wins."
    return Section("Audit", (Text(text), Table("Checks of votes and scores.", frame)))


def method_section(study: Study) -> Section:
    """Versions, seed and inputs: everything needed to reproduce this report byte for byte."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    bootstrap = study.bootstrap
    of_table = {"votes": _of_votes, "pairs": _of_pairs, "ratings": _of_ratings}[study.user.table]
    hashes = pd.DataFrame(study.inputs.items(), columns=["Input", "SHA-256"])
    return Section(
        "How this was computed",
        (
            Text(
                f"Intervals, P(rank), awards and groups: {bootstrap['method']}; {bootstrap['draws']} "
                "resamples. Ranks are competition ranks (1, 2, 2, 4)."
            ),
            *(Text(text) for text in of_table(study)),
            *([Text(informal)] if (informal := informal_in_words(study)) else []),
            *_declared(study),
            Text(f"Random seed {study.seed}. {versions}; Python {platform.python_version()}."),
            Table("Inputs. The same inputs, seed and versions give the same bytes.", hashes),
        ),
    )


def _declared(study: Study) -> list[Table]:
    """How many points of each Recommendation are met; which they are, another file says."""
    if not study.declared:
        return []
    frame = pd.DataFrame(study.declared.items(), columns=["Recommendation", "Points"])
    return [
        Table("Recommendations on subjective tests; compliance.md in the export lists every point.", frame)
    ]


def informal_in_words(study: Study) -> str | None:
    """Call a test of few observers what the Recommendations call it."""
    judges = len(study.user.judges)
    if judges >= FEWEST:
        return None
    return (
        f"With {how_many(judges, 'observers')}, fewer than {FEWEST}, this is an informal test in the words "
        "of ITU-R BT.500-15 and ITU-T P.910."
    )


def _of_votes(study: Study) -> tuple[str, ...]:
    return (
        "S3 follows the reports of the NTIRE RAIM challenges: points for the first places, averaged over "
        "the judges who were shown the team on an image and summed over the images. If a ballot lacks a "
        "team, the others earn what they would be expected to earn with that team present.",
        f"Agreement: {study.agreement['method']}.",
        f"Model: {study.model['method']} (Luce 1959, Plackett 1975). {_fits_in_words(study)}",
        f"Screening: each rule separately; {study.screening['permutations']} permutations.",
    )


def _fits_in_words(study: Study) -> str:
    """Say how the Plackett-Luce model was fitted, and what of it was not."""
    model, fitted, user = study.model, study.bootstrap["model"], study.user
    said = []
    if study.arrays.has_ties:
        said.append(
            "If teams share a place, each is chosen from all that were still available (Breslow 1974)."
        )
    if model["slot_effect"]["undefined"]:
        said.append("The model with an effect of the position on the screen was not fitted.")
    if not model["finite"]:
        said.append(
            f"No finite estimate exists, so a penalty of {model['penalty']:g} sum(theta^2) was added."
        )
    sizes = {"judges": len(user.judges), "images": len(user.images)}
    drawn = [
        name for name, size in sizes.items() if size > 1 and study.bootstrap["resample"] in (name, "both")
    ]
    if not drawn:
        return " ".join(
            [*said, "It was not refitted to resamples: with one judge and one image there are none."]
        )
    said.append(f"Intervals: {fitted['refits']} refits with {listed(drawn)} resampled.")
    if model["finite"] and fitted["penalised_refits"]:
        said.append(f"{fitted['penalised_refits']} of these have no finite estimate and use a penalty.")
    return " ".join(said)


def _of_pairs(study: Study) -> tuple[str, ...]:
    return (
        "Worths are those of Bradley and Terry (1952), with a tie as half a win for each team. The report "
        "also gives the model with Davidson's ties (1970) and the order effect of Davidson and Beaver "
        "(1977), and Thurstone's case V in just objectionable differences (a difference of one is "
        "preferred by 75 %). Intervals resample judges and images: intervals that treat comparisons as "
        "independent are two to three times too narrow.",
        "Consistency: circular triads and u of Kendall and Babington Smith (1940), stochastic "
        "transitivity. Screening: each rule separately.",
    )


def _of_ratings(study: Study) -> tuple[str, ...]:
    return (
        "MOS is the mean over the images of the judges' mean. Its interval resamples judges and images. "
        "Student's interval, given because readers know it, treats scores as independent and is too "
        "narrow. Quality is the maximum-likelihood estimate of a model with each judge's bias and "
        "inconsistency (ITU-T P.913, 12.6).",
        "Screening: ITU-R BT.500 with the sample standard deviation, and every other rule separately; "
        f"{study.screening['permutations']} permutations.",
    )


def _audit_parts(study: Study) -> list[Finding]:
    table = study.ranking.table.drop(columns="award")
    if study.rule.counted:  # of images, which the table does not hold
        table = table.drop(columns=["final", "rank"])
    return audit_scores(table, points=study.rule.points, rule=study.rule)
