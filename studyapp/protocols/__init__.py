"""How judges are asked: one module for each kind of protocol, and the dict in which they are found."""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter

from studyapp.protocols.base import Answer, Asked, Protocol, Scene
from studyapp.protocols.top_k import TopK

__all__ = ["DEFAULT", "KINDS", "Answer", "AnyProtocol", "Asked", "Protocol", "Scene", "TopK", "read_protocol"]

KINDS: dict[str, type[Protocol[Any]]] = {"top_k": TopK}

DEFAULT: type[Protocol[Any]] = TopK
"""What a study has that does not say how it asks."""


def _kind(value: Any) -> str | None:
    """A `protocol:` that does not name its kind is the default, as of a study without `protocol:`."""
    return value.get("kind", "top_k") if isinstance(value, dict) else getattr(value, "kind", None)


AnyProtocol = Annotated[Annotated[TopK, Tag("top_k")], Discriminator(_kind)]
"""`protocol:` of study.yaml."""

_ADAPTER: TypeAdapter[Protocol[Any]] = TypeAdapter(AnyProtocol)


@lru_cache(maxsize=8)
def read_protocol(text: str) -> Protocol[Any]:
    """Return the protocol that a study's row keeps as JSON."""
    return _ADAPTER.validate_json(text)
