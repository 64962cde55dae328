"""Cut the images of a folder small: ``python -m tests.tutorials.smaller FOLDER``."""

import io
import sys
from pathlib import Path

from PIL import Image

EDGE = 200


def shrink(folder: Path) -> None:
    """Keep the middle of every PNG below a folder."""
    for path in sorted(folder.rglob("*.png")):
        small = _small(path.read_bytes())
        path.unlink()  # it may be a hard link
        path.write_bytes(small)


def _small(content: bytes) -> bytes:
    image = Image.open(io.BytesIO(content))
    left, top = (image.width - EDGE) // 2, (image.height - EDGE) // 2
    out = io.BytesIO()
    image.crop((left, top, left + EDGE, top + EDGE)).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    shrink(Path(sys.argv[1]))
