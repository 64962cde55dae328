"""How judges are asked: one module for each kind of protocol, and the dict in which they are found."""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag, TypeAdapter

from analysis.did_you_mean import hint
from studyapp.protocols.base import Answer, Asked, Protocol, Scene
from studyapp.protocols.pairwise import Pairwise
from studyapp.protocols.ranking import Ranking
from studyapp.protocols.rating import Acr, AcrHr, Dcr
from studyapp.protocols.slider import Slider
from studyapp.protocols.top_k import TopK

__all__ = [
    "KINDS",
    "Acr",
    "AcrHr",
    "Answer",
    "AnyProtocol",
    "Asked",
    "Dcr",
    "Pairwise",
    "Protocol",
    "Ranking",
    "Scene",
    "Slider",
    "TopK",
    "read_protocol",
]

KINDS: dict[str, type[Protocol[Any]]] = {
    "top_k": TopK,
    "ranking": Ranking,
    "pairwise": Pairwise,
    "acr": Acr,
    "acr_hr": AcrHr,
    "dcr": Dcr,
    "slider": Slider,
}


def _kind(value: Any) -> str | None:
    """A `protocol:` that does not name its kind is the default, as of a study without `protocol:`."""
    return value.get("kind", "top_k") if isinstance(value, dict) else getattr(value, "kind", None)


def _known(value: Any) -> Any:
    """Refuse a kind that there is not, and name the one that was meant."""
    kind = _kind(value)
    if kind is not None and kind not in KINDS:
        raise ValueError(f"there is no protocol {kind!r}; {hint(str(kind), KINDS)}")
    return value


AnyProtocol = Annotated[
    Annotated[TopK, Tag("top_k")]
    | Annotated[Ranking, Tag("ranking")]
    | Annotated[Pairwise, Tag("pairwise")]
    | Annotated[Acr, Tag("acr")]
    | Annotated[AcrHr, Tag("acr_hr")]
    | Annotated[Dcr, Tag("dcr")]
    | Annotated[Slider, Tag("slider")],
    Discriminator(_kind),
    BeforeValidator(_known),
]
"""`protocol:` of study.yaml."""

_ADAPTER: TypeAdapter[Protocol[Any]] = TypeAdapter(AnyProtocol)


@lru_cache(maxsize=8)
def read_protocol(text: str) -> Protocol[Any]:
    """Return the protocol that a study's row keeps as JSON."""
    return _ADAPTER.validate_json(text)
