"""What every part of study.yaml has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The name of a team's folder or of an image."""


class Strict(BaseModel):
    """A part that refuses keys it does not know, and that nobody changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
