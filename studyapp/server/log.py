"""gunicorn's own log, without what it quotes of requests: their address may be a personal link."""

from typing import Any

from gunicorn.glogging import Logger

from studyapp.web.watching.request_log import write_json


class DiscreetLogger(Logger):
    """Says that a request was malformed or failed, not which and whose."""

    def setup(self, cfg: Any) -> None:
        """Write lines of JSON where the settings ask for it."""
        super().setup(cfg)
        write_json()

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Log a warning; one of a request that is none has its line and the visitor's address in it."""
        if str(msg).startswith("Invalid request"):
            msg, args = "a request that is not HTTP was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Log an exception, which comes with the address that was asked for."""
        if str(msg).startswith("Error handling request"):
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)
