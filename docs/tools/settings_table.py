"""Write docs/reference/settings.md from studyapp/settings.py: `python docs/tools/settings_table.py`."""

import re
from pathlib import Path

from studyapp.settings import SETTINGS

PAGE = Path(__file__).parents[1] / "reference" / "settings.md"
INTRODUCTION = """\
# Settings

You run a server or a worker and want to set something that study.yaml does not say. Made by
`python docs/tools/settings_table.py` from the table in `studyapp/settings.py`.
Settings are variables of the environment. A value that cannot be used is refused when the command starts.
[Deployment](../deploy.md#settings) says which ones you need.

| variable | default | meaning |
|---|---|---|
"""


def page() -> str:
    """Return docs/reference/settings.md."""
    rows = (f"| `{name}` | {default} | {_shown(meaning)} |\n" for name, default, meaning in SETTINGS)
    return INTRODUCTION + "".join(rows)


def _shown(text: str) -> str:
    """Return a meaning with addresses as code, in which nothing is a link or a tag."""
    coded = re.sub(r"(\w+://[^\s;,)]+|json:FILE|Name <[^>]*>)", r"`\1`", text)
    return coded.replace("Authorization: Bearer ...", "`Authorization: Bearer TOKEN`")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
