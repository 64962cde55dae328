"""A factsheet's fields as pages show them: their order, what they are called, and how each is filled in."""

from dataclasses import dataclass
from typing import Any, Literal

from analysis.texts import Text, say
from studyapp.services.challenge.factsheet_form import Sheet


@dataclass(frozen=True)
class ShownField:
    """A field: in a line, a text, a text with a name on each line, a number, or an answer (yes, no)."""

    name: str
    label: Text
    kind: Literal["line", "text", "names", "number", "answer", "link"] = "line"
    help: Text | None = None

    def typed(self, sheet: Sheet) -> str:
        """What a form holds of it."""
        value: Any = getattr(sheet, self.name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return "\n".join(value)
        return f"{value:.15g}" if isinstance(value, float) else str(value)


_IF_ANY = say("If there are any.")
GROUPS: tuple[tuple[Text, tuple[ShownField, ...]], ...] = (
    (
        say("Team"),
        (
            ShownField("team", say("Team name"), help=say("As it is to be printed.")),
            ShownField("leader", say("Leader")),
            ShownField("leader_email", say("Leader's e-mail"), help=say("Only the organisers see it.")),
            ShownField("members", say("Other members"), "names", say("One on each line.")),
            ShownField("affiliations", say("Affiliations"), "names", say("One on each line.")),
            ShownField(
                "user_names",
                say("User names"),
                "names",
                say("Under which results were handed in elsewhere; one on each line."),
            ),
        ),
    ),
    (
        say("Method"),
        (
            ShownField(
                "method", say("Description"), "text", say("Architecture, training, losses, inference.")
            ),
        ),
    ),
    (
        say("Cost"),
        (
            ShownField("parameters_m", say("Parameters, in millions"), "number"),
            ShownField(
                "flops_g",
                say("FLOPs, in billions"),
                "number",
                say("For an input of 3x1024x1024; a multiply-accumulate is two."),
            ),
            ShownField("runtime_s", say("Runtime, in seconds per image"), "number"),
            ShownField("hardware", say("Hardware"), help=say("On which the runtime was taken.")),
        ),
    ),
    (
        say("What was used"),
        (
            ShownField("extra_data", say("Data besides the challenge's"), "answer"),
            ShownField("extra_data_which", say("Which data"), "text", _IF_ANY),
            ShownField(
                "pretrained",
                say("Pre-trained models"),
                "answer",
                say("Weights that others trained, those of losses too."),
            ),
            ShownField("pretrained_which", say("Which models"), "text", _IF_ANY),
            ShownField(
                "ensemble", say("Ensembles"), "answer", say("Of models, or of turned and mirrored inputs.")
            ),
            ShownField("ensemble_which", say("Which ensembles"), "text", _IF_ANY),
        ),
    ),
    (
        say("Links"),
        (
            ShownField("code", say("Code"), "link"),
            ShownField("results", say("Results"), "link"),
            ShownField("paper", say("Paper or report"), "link"),
        ),
    ),
)
FIELDS = {field.name: field for _, fields in GROUPS for field in fields}


def labels(names: list[str]) -> list[Text]:
    """Return what fields are called."""
    return [FIELDS[name].label for name in names]
