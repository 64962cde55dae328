"""`check` and `score` open the same files, with the same pixels, and refuse the others in the same words."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from analysis.errors import AnalysisError
from analysis.imaging.decode import hash_pixels
from analysis.paired.images import Decoder
from studyapp.imaging.ingest import ImageFile, inspect
from tests.hostile.corpus import png

PIXELS = np.random.default_rng(7).integers(0, 256, (40, 61, 3), dtype=np.uint8)
DEEP = np.random.default_rng(8).integers(0, 65536, (40, 61), dtype=np.uint16)
PHOTO = Image.fromarray(PIXELS.repeat(8, 0).repeat(8, 1))
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(form="PNG", *, image=None, **options):
    out = io.BytesIO()
    (image or Image.fromarray(PIXELS)).save(out, form, **options)
    return out.getvalue()


def mode(name):
    return Image.fromarray(PIXELS).convert(name)


def alpha(value):
    image = Image.fromarray(PIXELS)
    image.putalpha(value)
    return image


def gain_map():
    """A photograph with a second picture behind it that says it is a gain map."""
    data = saved("MPO", image=PHOTO, save_all=True, append_images=[PHOTO.resize((16, 12))])
    start = data.rindex(b"\xff\xd8")
    app = b"http://ns.adobe.com/xap/1.0/\0hdrgm"
    return data[: start + 2] + b"\xff\xe1" + struct.pack(">H", len(app) + 2) + app + data[start + 2 :]


def grey(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


FRAMES = [Image.fromarray(255 - PIXELS)]
TAKEN = {
    "PNG": (saved(), PIXELS),
    "BMP": (saved("BMP"), PIXELS),
    "TIFF": (saved("TIFF", compression="tiff_lzw"), PIXELS),
    "WebP": (saved("WEBP", lossless=True), PIXELS),
    "16 bit PNG": (saved(image=Image.fromarray(DEEP)), grey((DEEP >> 8).astype(np.uint8))),
    "16 bit TIFF": (saved("TIFF", image=Image.fromarray(DEEP)), grey((DEEP >> 8).astype(np.uint8))),
    "grey": (saved(image=mode("L")), grey(np.asarray(mode("L")))),
    "one bit": (saved(image=mode("1")), np.asarray(mode("1").convert("RGB"))),
    "palette": (saved(image=mode("P")), np.asarray(mode("P").convert("RGB"))),
    "opaque alpha": (saved(image=alpha(255)), PIXELS),
    "opaque alpha, WebP": (saved("WEBP", image=alpha(255), lossless=True), PIXELS),
    "profile": (saved(icc_profile=PROFILE), PIXELS),
    "profile, TIFF": (saved("TIFF", icc_profile=PROFILE), PIXELS),
}
REFUSED = {
    "CMYK JPEG": (saved("JPEG", image=mode("CMYK")), "pixels of kind CMYK"),
    "CMYK TIFF": (saved("TIFF", image=mode("CMYK")), "pixels of kind CMYK"),
    "32 bit": (saved("TIFF", image=mode("L").convert("F")), "a TIFF of floating-point numbers"),
    "transparent": (saved(image=alpha(128)), "transparent pixels (an alpha channel)"),
    "transparent WebP": (saved("WEBP", image=alpha(128), lossless=True), "transparent pixels"),
    "animated PNG": (saved(save_all=True, append_images=FRAMES), "more than one frame"),
    "animated WebP": (saved("WEBP", save_all=True, append_images=FRAMES), "more than one frame"),
    "pages": (saved("TIFF", save_all=True, append_images=FRAMES), "more than one frame or page"),
    "two photographs": (
        saved("MPO", image=PHOTO, save_all=True, append_images=[PHOTO]),
        "more than one frame",
    ),
    "cut off PNG": (saved()[:-200], "cannot be read as PNG (Truncated"),
    "cut off JPEG": (saved("JPEG")[:-200], "this JPEG is cut off or damaged"),
    "rows missing": (png(61, 40, data=zlib.compress(bytes(5 * 184))), "this PNG is cut off or damaged"),
    "gain map": (gain_map(), "an HDR gain map (UltraHDR)"),
    "turned": (saved("TIFF", tiffinfo={274: 6}), "EXIF orientation 6 (turned to the right)"),
    "GIF": (saved("GIF", image=mode("P")), "not an image of an accepted format"),
    "empty": (b"", "the file is empty"),
    "too large": (png(60_000, 60_000), "60000x60000 pixels are more than the 80,000,000 allowed"),
}


def seen(tmp_path, data):
    path = tmp_path / "001.png"
    path.write_bytes(data)
    return path, inspect(ImageFile(path, path.name))


@pytest.mark.parametrize("kind", TAKEN)
def test_both_doors_see_the_same_pixels(tmp_path, kind):
    data, pixels = TAKEN[kind]
    path, found = seen(tmp_path, data)
    assert found.refusal is None
    assert found.sha256_pixels == hash_pixels(pixels)
    decode = Decoder()
    assert np.array_equal(decode(decode.read(path), path.name), pixels)


@pytest.mark.parametrize("kind", REFUSED)
def test_both_doors_refuse_in_the_same_words(tmp_path, kind):
    data, words = REFUSED[kind]
    path, found = seen(tmp_path, data)
    assert found.refusal is not None
    assert found.refusal.what.startswith(words)
    with pytest.raises(AnalysisError) as refused:
        Decoder()(Decoder().read(path), path.name)
    assert str(refused.value) == f"{path.name}: {found.refusal.what}; {found.refusal.remedy}"
