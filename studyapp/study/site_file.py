"""site.yaml: what a server of many studies says of itself."""

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from studyapp.core.one_line import OneLine
from studyapp.core.refused import in_words
from studyapp.core.strict import Strict
from studyapp.errors import StudyError
from studyapp.study.challenge_file import Challenge

SITE_FILE = "site.yaml"

TEMPLATE = """\
# A site: many studies on one server, each in a folder of studies/. `studyapp serve DIR` serves them all.
title: {title}
# contact: who to ask, shown on the site's pages
# challenge:                # teams register and hand in results; docs/challenge.md
#   title: A challenge
#   registration: approval  # or open, or invitation
#   tracks:
#     track1:               # a study of this site
#       top: 10             # so many teams go to the final phase
#       phases:
#         feedback: {{title: Feedback, opens: 2027-02-01T00:00:00Z, closes: 2027-03-01T23:59:00Z}}
#         final: {{title: Final, kind: final, opens: 2027-03-03T00:00:00Z, closes: 2027-03-10T23:59:00Z}}
"""


class SiteFile(Strict):
    """A site's title, whom to ask, and the challenge whose tracks its studies are."""

    title: OneLine = Field(
        default="studyapp",
        min_length=1,
        max_length=200,
        description="The site's name, on its pages.",
        examples=["RAIM 2027"],
    )
    contact: OneLine | None = Field(
        default=None,
        max_length=300,
        description="Whom to ask, shown on the site's pages.",
        examples=["Olga Test, olga@example.org"],
    )
    challenge: Challenge | None = Field(
        default=None, description="Makes the site a challenge: teams register and hand in results."
    )


def load_site_file(path: Path) -> SiteFile:
    """Read site.yaml.

    Raises
    ------
    StudyError
        When it cannot be read, naming the first thing that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StudyError(f"{path} does not exist; `studyapp init --site DIR` makes one") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path} is not YAML: {error}") from None
    return read_site_text(path, text)


def read_site_text(path: Path, text: str) -> SiteFile:
    """Read the text of site.yaml.

    Raises
    ------
    StudyError
        When it cannot be read, naming the first thing that is wrong.
    """
    try:
        return SiteFile.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise StudyError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise StudyError(f"{path}: {where}{in_words(first)}") from None
