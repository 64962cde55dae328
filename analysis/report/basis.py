"""What the results rest on, and what a reader must know first."""

from analysis.report.study import Study
from analysis.unshown import gaps_in_words
from analysis.user_study.of_votes import VoteStudy


def notes_of(study: Study) -> tuple[str, ...]:
    """What stands before every result: what happened to the study, and what its votes do not cover."""
    if isinstance(study.user, VoteStudy):
        return (*study.notes.lines, *gaps_in_words(study.arrays, images=study.notes.images))
    found, images = len(study.user.images), study.notes.images
    lacking = f"{images - found} of {images} images have no answer that counts" if images else ""
    return (*study.notes.lines, *([lacking] if images and images > found else []))


def size_in_words(study: Study) -> str:
    """How much was answered, by how many, about what.

    Examples
    --------
    "15 judges, 30 images, 450 ballots"
    """
    user = study.user
    return f"{len(user.judges)} judges, {images_in_words(study)}, {user.size} {user.answers_are}"


def images_in_words(study: Study) -> str:
    """The images that have ballots, of how many where not all have.

    Examples
    --------
    "24 of 25 images"
    """
    found, images = len(study.user.images), study.notes.images
    return f"{found} of {images} images" if images and images > found else f"{found} images"
