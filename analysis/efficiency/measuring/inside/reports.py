"""Reports of the model's process to the other side: one JSON object per line, on a separate descriptor."""

import json
import os
from typing import Any


class Reports:
    """Every line has the run's token and a running number, so that a missing or added one is noticed."""

    def __init__(self, descriptor: int, token: str) -> None:
        self._descriptor = descriptor
        self._token = token
        self._number = 0

    def tell(self, stage: str, **facts: Any) -> None:
        """Report a finished stage, with what it found."""
        line = json.dumps({"token": self._token, "number": self._number, "stage": stage, **facts}) + "\n"
        self._number += 1
        data = line.encode()
        while data:
            data = data[os.write(self._descriptor, data) :]
