"""What the results are based on, and what a reader must know first."""

from analysis.amounts import how_many
from analysis.report.study import Study
from analysis.unshown import gaps_in_words
from analysis.user_study.of_votes import VoteStudy


def notes_of(study: Study) -> tuple[str, ...]:
    """What is printed above the results: what happened to the study, and what its votes do not cover."""
    if isinstance(study.user, VoteStudy):
        return (*study.notes.lines, *gaps_in_words(study.arrays, images=study.notes.images))
    found, images = len(study.user.images), study.notes.images
    lacking = f"no answers count on {images - found} of {images} images" if images else ""
    return (*study.notes.lines, *([lacking] if images and images > found else []))


def size_in_words(study: Study) -> str:
    """How many judges, images and answers there are.

    Examples
    --------
    "15 judges, 30 images, 450 ballots"
    """
    user = study.user
    answers = how_many(user.size, user.answers_are)
    return f"{how_many(len(user.judges), 'judges')}, {images_in_words(study)}, {answers}"


def images_in_words(study: Study) -> str:
    """The number of images that have ballots, out of the total if some have none.

    Examples
    --------
    "24 of 25 images"
    """
    found, images = len(study.user.images), study.notes.images
    return f"{found} of {images} images" if images and images > found else how_many(found, "images")
