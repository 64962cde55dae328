"""What the model's process tells the other side: one JSON object a line, on a descriptor of its own."""

import json
import os
from typing import Any


class Reports:
    """Every line carries the run's token and a running number, so that a lost or added one is seen."""

    def __init__(self, descriptor: int, token: str) -> None:
        self._descriptor = descriptor
        self._token = token
        self._number = 0

    def tell(self, stage: str, **facts: Any) -> None:
        """Report that a stage is behind, with what it found."""
        line = json.dumps({"token": self._token, "number": self._number, "stage": stage, **facts}) + "\n"
        self._number += 1
        data = line.encode()
        while data:
            data = data[os.write(self._descriptor, data) :]
