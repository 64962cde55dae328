"""What the results rest on, and what a reader must know first."""

from analysis.report.study import Study
from analysis.unshown import gaps_in_words


def notes_of(study: Study) -> tuple[str, ...]:
    """What stands before every result: what happened to the study, and what its votes do not cover."""
    return (*study.notes.lines, *gaps_in_words(study.arrays, images=study.notes.images))


def images_in_words(study: Study) -> str:
    """The images that have ballots, of how many where not all have.

    Examples
    --------
    "24 of 25 images"
    """
    found, images = len(study.arrays.images), study.notes.images
    return f"{found} of {images} images" if images and images > found else f"{found} images"
