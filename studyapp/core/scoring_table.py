"""The table `scoring` of study.yaml: how S2, the paired score, is made of metrics."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from studyapp.core.strict import Strict

Metric = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._+-]{0,63}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ScoringTerm(Strict):
    """weight * (metric - offset) / scale, or weight * (1 - that) where lower is better."""

    metric: Metric
    weight: Positive
    offset: Finite = 0
    scale: Positive = 1
    direction: Literal["higher", "lower"]


class Scoring(Strict):
    """A formula of one's own (name and terms), or a named one; RAIM's where nothing is given."""

    formula: Literal["raim"] | None = Field(
        default=None, description="A named formula instead of name and terms."
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=80,
        pattern=r"^\S[^\r\n]*$",
        description="What the score is called wherever it is shown.",
    )
    terms: tuple[ScoringTerm, ...] = ()
    extra: tuple[Metric, ...] = Field(
        default=(), description="Further columns, never in the score; any metric of pyiqa's by its name."
    )

    @model_validator(mode="after")
    def _is_one_formula(self) -> Self:
        own = self.name is not None or bool(self.terms)
        if own and self.formula is not None:
            raise ValueError("give `formula`, or `name` and `terms`, and not both")
        if own and (self.name is None or not self.terms):
            raise ValueError("give `name` and `terms` together: a score of one's own needs a name")
        for what, metrics in (("terms", [term.metric for term in self.terms]), ("extra", list(self.extra))):
            twice = sorted({metric for metric in metrics if metrics.count(metric) > 1})
            if twice:
                raise ValueError(f"{what} names {', '.join(twice)} twice; name each metric once")
        return self
