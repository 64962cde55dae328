"""Pictures of a submission's images for its team: the result, the input, what differs; never ground truth."""

import io
from threading import BoundedSemaphore

import numpy as np
from PIL import Image

from analysis.imaging import Pixels
from analysis.imaging.decode import ImageRefusedError
from analysis.imaging.scale import scale_of
from studyapp.imaging.ingest import enlarge
from studyapp.imaging.thumbnails import opened, thumbnail
from studyapp.services.challenge.submissions import folder_of
from studyapp.services.ground.site import Site
from studyapp.study.folder import plan_folder

KINDS = ("small", "result", "input", "difference")
STRONGER = 8
"""How many times stronger than it is a difference is shown."""
_AT_ONCE = BoundedSemaphore(1)  # three decoded images


def picture_of(site: Site, track: str, submission: int, image: str, kind: str) -> bytes | None:
    """Return a picture as WebP (small) or PNG; None where the files are gone, or have nothing in common."""
    images = (folder_of(site, submission) / "images").glob(f"{image}.*")
    result = next((path for path in images if path.stem == image), None)  # "a.b.png" is not of "a"
    if result is None:
        return None
    study = site.study_file(track)
    if kind == "small":
        with result.open("rb") as file:
            return thumbnail(file, extension=result.suffix, policy=study.policy)
    with _AT_ONCE:
        try:
            if kind == "result":
                return _png(opened(result, study.policy))
            source = plan_folder(site.study_root(track), study).pair_inputs.get(image)
            if source is None:
                return None
            given = opened(source, study.policy)
            return _png(given) if kind == "input" else _difference(opened(result, study.policy), given)
        except ImageRefusedError:
            return None


def _difference(result: Pixels, given: Pixels) -> bytes | None:
    scale = scale_of((given.shape[1], given.shape[0]), (result.shape[1], result.shape[0]))
    if scale is None:
        return None
    apart = np.abs(result.astype(np.int16) - enlarge(given, scale))
    return _png(np.minimum(apart * STRONGER, 255).astype(np.uint8))


def _png(pixels: Pixels) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "png", compress_level=1)
    return target.getvalue()
