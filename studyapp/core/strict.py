"""What every part of study.yaml has in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part that refuses keys it does not know, and that nobody changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
