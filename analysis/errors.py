"""Errors and warnings that analysis raises on purpose. Each names the offending value and the remedy."""


class AnalysisError(Exception):
    """Input or options that the caller can correct. The message is one line, shown unchanged."""


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
    """Input that had to be guessed, or names that look like one name spelt twice."""
