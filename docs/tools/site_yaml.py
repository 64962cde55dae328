"""Write docs/reference/site-yaml.md from the models of site.yaml: `python docs/tools/site_yaml.py`."""

from pathlib import Path

from docs.tools.yaml_keys import Keys
from studyapp.study.site_file import SiteFile

PAGE = Path(__file__).parents[1] / "reference" / "site-yaml.md"
INTRODUCTION = """\
# site.yaml

You run a site of many studies, or a challenge, and want to know every key of its site.yaml. Made by
`python docs/tools/site_yaml.py` from the models that read the file.

[A challenge online](../challenge.md) explains what the keys are for. The file is read again whenever it changes; one
that cannot be read changes nothing.

"""


def page() -> str:
    """Return docs/reference/site-yaml.md."""
    return INTRODUCTION + Keys(SiteFile).page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
