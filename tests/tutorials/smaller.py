"""Make the images of folders and zips small: ``python -m tests.tutorials.smaller FOLDER``."""

import io
import sys
import zipfile
from pathlib import Path

from PIL import Image

EDGE = 96


def shrink(folder: Path) -> None:
    """Scale every PNG below a folder, also in zips; what was of one size stays of one size."""
    for path in sorted(folder.rglob("*.png")):
        small = _small(path.read_bytes())
        path.unlink()  # it may be a hard link
        path.write_bytes(small)
    for path in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, _small(content) if name.endswith(".png") else content)


def _small(content: bytes) -> bytes:
    image = Image.open(io.BytesIO(content))
    scale = EDGE / max(image.size)
    out = io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale))).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    shrink(Path(sys.argv[1]))
