"""Letters cut out of a font file, as a small font of one weight."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any


@lru_cache(maxsize=64)
def cut(path: Path, index: int, letters: str, weight: int, name: str, *, shaped: bool = True) -> bytes:
    """Return a TrueType font of these letters of a face and what they are shaped with.

    Parameters
    ----------
    weight
        Of a variable font, 400 to 700.
    name
        The family's new name.
    shaped
        Keep what joins, stacks and moves letters; without it large fonts are cut five times faster.
    """
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font: Any = TTFont(BytesIO(_subset(path, index, letters, shaped)))
    if "fvar" in font:
        axes = {axis.axisTag: axis for axis in font["fvar"].axes}
        values = {tag: axis.defaultValue for tag, axis in axes.items()}
        if "wght" in axes:
            values["wght"] = min(max(weight, axes["wght"].minValue), axes["wght"].maxValue)
        instantiateVariableFont(font, values, inplace=True)
    _to_truetype(font)
    names = font["name"]
    style = "Bold" if weight > 400 else "Regular"
    names.names = []
    told = {1: name, 2: style, 4: f"{name} {style}", 6: f"{name}-{style}".replace(" ", "")}
    for number, text in told.items():
        names.setName(text, number, 3, 1, 0x409)
    os2, head = font["OS/2"], font["head"]
    os2.usWeightClass = weight
    os2.fsSelection = (os2.fsSelection & ~0b1100001) | (0b100000 if weight > 400 else 0b1000000)
    head.macStyle = 1 if weight > 400 else 0
    font.recalcTimestamp = False
    target = BytesIO()
    font.save(target)
    return target.getvalue()


def _to_truetype(font: Any) -> None:
    """Turn cubic outlines into quadratic ones: matplotlib embeds no others in a PDF."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    if "glyf" in font:
        return
    outlines, glyphs = font.getGlyphSet(), {}
    for glyph in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        outlines[glyph].draw(Cu2QuPen(pen, max_err=font["head"].unitsPerEm / 1000, reverse_direction=True))
        glyphs[glyph] = pen.glyph()
    for table in ("CFF ", "CFF2", "VORG"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    font.sfntVersion = "\0\1\0\0"
    most: Any = newTable("maxp")
    font["maxp"] = most
    most.tableVersion, most.numGlyphs, most.maxZones = 0x00010000, len(glyphs), 1
    for limit in (
        *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
        *("maxSizeOfInstructions", "maxComponentElements"),
    ):
        setattr(most, limit, 0)
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 2.0, [], {}


@lru_cache(maxsize=16)
def _subset(path: Path, index: int, letters: str, shaped: bool) -> bytes:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(notdef_outline=True, layout_scripts=["*"])
    options.drop_tables += ["STAT", "meta", "VVAR", "VORG", "vhea", "vmtx"]  # nothing is written downwards
    if not shaped:
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE"]
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    target = BytesIO()
    with TTFont(path, fontNumber=index, lazy=True, recalcTimestamp=False) as font:
        subsetter.subset(font)
        font.save(target)
    return target.getvalue()
