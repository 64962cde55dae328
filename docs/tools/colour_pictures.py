"""Make docs/images/colour-*.jpg: ``python -m docs.tools.colour_pictures``.

One picture as five teams may save it: as judges saw it when tags were ignored, as they see it now, and what
`check` says in the console.
"""

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageFilter
from playwright.sync_api import Page, sync_playwright

from analysis.imaging import Pixels, Policy
from analysis.imaging.decode import decode
from analysis.imaging.icc import BT709, SRGB_CURVE, matrix_profile
from analysis.imaging.spaces import PRIMARIES
from docs.tools.colour import P3, exif, ultra_hdr, with_chunks
from docs.tools.colour import saved as file_of
from docs.tools.screenshots import DRAWN, FLAGS, IMAGES
from studyapp.sample.photographs import load_photograph
from studyapp.sample.serving import serving
from studyapp.services.ground.workspace import ensure_key
from tests.browser.harness import Harness, MemoryTiles, Trial

SIDE = 400
TEAMS = {"srgb": "sRGB", "p3": "Display P3", "pq": "PQ", "ultrahdr": "UltraHDR", "exif6": "EXIF 6"}
STUDY = "title: Colours\nprotocol: {kind: top_k, places: 2, points: [2, 1]}\nteams:\n"


def main() -> None:
    """Photograph the judging page twice, and the console's page of images."""
    picture = load_photograph("coffee")[:SIDE, :SIDE]
    given = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(2)))
    files = saved(picture)
    before = [stored(data) for data in files.values()]
    after = [
        decode(io.BytesIO(files[name]), Policy(mix=True, base=True), extension="").pixels
        for name in ("srgb.png", "p3.png", "ultrahdr.jpg")
    ]
    with sync_playwright() as playwright:
        executable = os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="en-GB")
        judging(page, given, before, "colour-before")
        judging(page, given, after, "colour-after")
        console(page, given, files)
        browser.close()


def saved(picture: Pixels) -> Mapping[str, bytes]:
    """Return the same colours in files of five kinds."""
    srgb = matrix_profile(BT709, SRGB_CURVE)
    wide = ImageCms.profileToProfile(Image.fromarray(picture), _profile(srgb), _profile(P3))
    assert wide is not None
    turned = Image.fromarray(picture).rotate(90)
    return {
        "srgb.png": file_of(Image.fromarray(picture)),
        "p3.png": file_of(wide, icc_profile=P3),
        "pq.png": with_chunks(file_of(Image.fromarray(pq(picture))), (b"cICP", bytes([9, 16, 0, 1]))),
        "ultrahdr.jpg": ultra_hdr(Image.fromarray(picture)),
        "exif6.jpg": file_of(turned, "JPEG", quality=95, subsampling=0, exif=exif(6)),
    }


def pq(picture: Pixels) -> Pixels:
    """Return the values of BT.2020 with PQ, white being 203 cd/m2 (ITU-R BT.2408)."""
    values = picture / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    to_wide = np.linalg.inv(PRIMARIES[9][1].to_xyz()) @ BT709.to_xyz()
    power = ((light @ to_wide.T).clip(0, 1) * 203 / 10_000) ** 0.1593017578125
    shown = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    return (255 * shown).round().astype(np.uint8)


def stored(data: bytes) -> Pixels:
    """Return the pixels as they lie in the file, whatever it says of them."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def judging(page: Page, source: Pixels, candidates: list[Pixels], name: str) -> None:
    """Photograph the judging page."""
    with Harness([Trial(MemoryTiles(source), [MemoryTiles(one) for one in candidates])]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        page.wait_for_function(DRAWN)
        page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=80)


def console(page: Page, source: Pixels, files: Mapping[str, bytes]) -> None:
    """Check a study of these files in the console, and photograph what it says."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "colours"
        (root / "input").mkdir(parents=True)
        Image.fromarray(source).save(root / "input/001.png")
        text = STUDY
        for name, data in files.items():
            team, ending = name.split(".")
            (root / "teams" / team).mkdir(parents=True)
            (root / "teams" / team / f"001.{ending}").write_bytes(data)
            text += f"- {{id: {team}, name: {TEAMS[team]}}}\n"
        (root / "study.yaml").write_text(text)
        (root / "judges.csv").write_text("name,email,conflicts\n")
        ensure_key(root)
        with serving(root, draft=True) as server:
            page.goto(server.organiser)
            page.goto(f"{server.url}/console/images")
            page.get_by_role("button", name="Check all images").click()
            page.locator("#check[data-job=done]").wait_for(timeout=60_000)
            page.wait_for_load_state("networkidle")
            page.locator("#check").screenshot(path=IMAGES / "colour-check.jpg", type="jpeg", quality=80)


def _profile(data: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(data))


if __name__ == "__main__":
    main()
