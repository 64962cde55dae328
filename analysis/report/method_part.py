"""Sections: the audit, and how everything was computed."""

import platform
from importlib.metadata import version

import pandas as pd

from analysis.audit.findings import Finding
from analysis.audit.scores import audit_scores
from analysis.audit.votes import audit_votes
from analysis.fonts import font_notes
from analysis.report.blocks import Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed

PACKAGES = ("studyapp", "numpy", "scipy", "pandas", "matplotlib", "reportlab")


def audit_section(study: Study) -> Section:
    """The conservation laws on the votes and, where there are other parts, on the scores."""
    findings = audit_votes(study.votes, points=study.rule.points, notes=study.notes)
    if study.scores is not None:
        findings += [finding for finding in _audit_parts(study) if finding.verdict != "unchecked"]
    frame = pd.DataFrame(
        [(finding.check, finding.verdict, finding.message) for finding in findings],
        columns=["Check", "Verdict", "What was found"],
    )
    text = "Points can neither be lost nor made: these laws hold for every right table, whoever wins."
    return Section("Audit", (Text(text), Table("Checks of the votes and scores.", frame)))


def method_section(study: Study) -> Section:
    """Versions, seed, inputs: what is needed to compute this report again, byte for byte."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    bootstrap = study.bootstrap
    of_table = {"votes": _of_votes, "pairs": _of_pairs, "ratings": _of_ratings}[study.user.table]
    hashes = pd.DataFrame(study.inputs.items(), columns=["Input", "SHA-256"])
    return Section(
        "How this was computed",
        (
            Text(
                f"Intervals, P(rank), awards and groups: {bootstrap['method']}; {bootstrap['draws']} draws. "
                "Ranks are competition ranks (1, 2, 2, 4)."
            ),
            *(Text(text) for text in of_table(study)),
            *(Text(note) for note in font_notes(_names(study))),
            Text(f"Random seed {study.seed}. {versions}; Python {platform.python_version()}."),
            Table("Inputs. The same inputs, seed and versions give the same bytes.", hashes),
        ),
    )


def _of_votes(study: Study) -> tuple[str, ...]:
    return (
        "S3 follows the reports of the NTIRE RAIM challenges: points for the first places, averaged "
        "over the judges who were shown the team on an image and summed over the images. On a ballot "
        "that lacks a team, the others earn what they would be expected to earn beside it.",
        f"Agreement: {study.agreement['method']}.",
        f"Model: {study.model['method']} (Luce 1959, Plackett 1975). {_fits_in_words(study)}",
        f"Screening: each rule on its own; permutations {study.screening['permutations']}.",
    )


def _fits_in_words(study: Study) -> str:
    """Say how the Plackett-Luce model was fitted, and what of it was not."""
    model, fitted, user = study.model, study.bootstrap["model"], study.user
    said = []
    if study.arrays.has_ties:
        said.append("Of teams that share a place each is chosen from all that stood there (Breslow 1974).")
    if model["slot_effect"]["undefined"]:
        said.append("The model with an effect of the place on the screen was not fitted.")
    if not model["finite"]:
        said.append(f"No finite estimate exists; used: a penalty of {model['penalty']:g} sum(theta^2).")
    sizes = {"judges": len(user.judges), "images": len(user.images)}
    drawn = [
        name for name, size in sizes.items() if size > 1 and study.bootstrap["resample"] in (name, "both")
    ]
    if not drawn:
        return " ".join([*said, "It was not refitted to resamples: one judge and one image leave none."])
    said.append(f"Intervals: {fitted['refits']} refits, {listed(drawn)} drawn anew.")
    if model["finite"] and fitted["penalised_refits"]:
        said.append(f"Of these {fitted['penalised_refits']} have no finite estimate and took a penalty.")
    return " ".join(said)


def _of_pairs(study: Study) -> tuple[str, ...]:
    return (
        "Worths are those of Bradley and Terry (1952), a tie being half a win for each; beside them the "
        "model with Davidson's ties (1970) and the order effect of Davidson and Beaver (1977), and "
        "Thurstone's case V in just objectionable differences, of which one is preferred by 75 %. Intervals "
        "resample judges and images: those that take comparisons as independent are two to three times too "
        "narrow.",
        "Consistency: circular triads and u of Kendall and Babington Smith (1940), stochastic transitivity. "
        "Screening: each rule on its own.",
    )


def _of_ratings(study: Study) -> tuple[str, ...]:
    return (
        "MOS is the mean over the images of the judges' mean. Its interval resamples judges and images; "
        "Student's, for the familiar figure, takes scores as independent and is too narrow. Quality is the "
        "model of subjects with bias and inconsistency by maximum likelihood (ITU-T P.913, 12.6).",
        "Screening: ITU-R BT.500 with the sample standard deviation, and each other rule on its own; "
        f"permutations {study.screening['permutations']}.",
    )


def _names(study: Study) -> list[str]:
    user = study.user
    return [study.title, *study.teams, *user.judges, *user.images]


def _audit_parts(study: Study) -> list[Finding]:
    table = study.ranking.table.drop(columns="award")
    if study.rule.counted:  # of images, which the table does not hold
        table = table.drop(columns=["final", "rank"])
    return audit_scores(table, points=study.rule.points, rule=study.rule)
