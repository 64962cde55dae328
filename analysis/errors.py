"""What analysis raises and warns of on purpose. Each message names the offending value and the remedy."""


class AnalysisError(Exception):
    """Input or options that the caller can put right. The message is one line, shown as it is."""


class InputWarning(UserWarning):
    """Something read as best it could be, or names that look like one name spelt twice."""
