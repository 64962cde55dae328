"""How a study is published: what its organisers choose."""

from dataclasses import dataclass
from typing import Literal, get_args

from studyapp.services.results.exports import EVIDENCE

Form = Literal["full", "crops"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True)
class Choice:
    """What is published and how.

    Attributes
    ----------
    language
        Of the pages: the name of a catalogue.
    form
        Every picture by tiles, or overviews and crops.
    originals
        Whether the files that teams handed in are there to download.
    evidence
        Which of `EVIDENCE` the data has.
    """

    language: str = "en"
    form: Form = "full"
    originals: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the evidence is not published."""
        return tuple(sorted(EVIDENCE - set(self.evidence)))
