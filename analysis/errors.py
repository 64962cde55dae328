"""What analysis raises and warns of on purpose. Each message names the offending value and the remedy."""


class AnalysisError(Exception):
    """Input or options that the caller can put right. The message is one line, shown as it is."""


class FormulaError(AnalysisError):
    """A formula that cannot be used.

    Attributes
    ----------
    excerpt
        The formula around the place, and below it a line with a caret under the place.
    """

    def __init__(self, message: str, excerpt: tuple[str, str] = ("", "")) -> None:
        super().__init__(message)
        self.excerpt = excerpt


class InputWarning(UserWarning):
    """Something read as best it could be, or names that look like one name spelt twice."""
