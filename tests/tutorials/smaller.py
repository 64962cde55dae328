"""Cut the images of folders and zips small: ``python -m tests.tutorials.smaller FOLDER``."""

import io
import sys
import zipfile
from pathlib import Path

from PIL import Image

EDGE = 128


def shrink(folder: Path) -> None:
    """Keep the middle of every PNG below a folder, also in zips."""
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
    left, top = (image.width - EDGE) // 2, (image.height - EDGE) // 2
    out = io.BytesIO()
    image.crop((left, top, left + EDGE, top + EDGE)).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    shrink(Path(sys.argv[1]))
