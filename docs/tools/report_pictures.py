"""Make pictures of every plot and page of the report: ``python -m docs.tools.report_pictures OUT``.

Of made-up studies with 2, 7, 12 and 30 teams for each protocol, and one with odd names: a PNG for each
plot, for each page of report.pdf (by pdftoppm) and for report.html (by Chromium), and contact sheets.
"""

import argparse
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from analysis.files import write_whole
from analysis.fonts import fonts_for
from analysis.plots.canvas import png
from analysis.report.blocks import Document, Plot, texts_of
from analysis.report.html import to_html
from analysis.report.pdf import to_pdf
from analysis.report.study import Study
from analysis.report.write import make_document, with_plots_drawn
from tests.made_up_studies import ODD_SIZE, PROTOCOLS, SIZES, made_up

PIXELS_AN_INCH = 80
SHEET = (1800, 4)
"""Width of a contact sheet in pixels, and its columns."""


def main(argv: Sequence[str] | None = None) -> None:
    """Write a folder for each study, and sheets-*.png beside them."""
    parser = argparse.ArgumentParser(prog="report_pictures", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--protocol", choices=PROTOCOLS, action="append", help="only these")
    parser.add_argument("--teams", type=int, action="append", help="only so many")
    parser.add_argument("--plots", action="store_true", help="no pages, only plots")
    options = parser.parse_args(argv)
    with sync_playwright() as playwright:
        executable = os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for protocol in options.protocol or PROTOCOLS:
            for name, study in studies(protocol, options.teams or (*SIZES, -ODD_SIZE)):
                folder = options.out / f"{protocol}-{name}"
                folder.mkdir(parents=True, exist_ok=True)
                document = make_document(study)
                with fonts_for(texts_of(document), document.names):
                    document = with_plots_drawn(document)
                    plots = list(draw(document, folder))
                sheet(plots, options.out / f"sheet-{protocol}-{name}-plots.png")
                if not options.plots:
                    pages = [*print_pages(document, folder), photograph(document, folder, browser)]
                    sheet(pages[:-1], options.out / f"sheet-{protocol}-{name}-pages.png")
                print(folder, *document.failures, sep="\n  ")
        browser.close()


def studies(protocol: str, sizes: Sequence[int]) -> Iterator[tuple[str, Study]]:
    """Return studies of a protocol with their names; a negative size has odd names."""
    for size in sizes:
        yield f"{abs(size):02}{'-odd' * (size < 0)}", made_up(protocol, abs(size), odd=size < 0)


def draw(document: Document, folder: Path) -> Iterator[Path]:
    """Write each plot, named by its number and section."""
    for old in folder.glob("p*-*.png"):
        old.unlink()
    number = 0
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Plot):
                number += 1
                title = re.sub("[^a-z0-9]+", "-", section.title.lower()).strip("-")
                yield write_whole(
                    folder / f"plot-{number:02}-{title}.png", png(block.figure, dpi=PIXELS_AN_INCH)
                )


def print_pages(document: Document, folder: Path) -> list[Path]:
    """Write the pages of report.pdf."""
    file = write_whole(folder / "report.pdf", to_pdf(document))
    command = ["pdftoppm", "-r", str(PIXELS_AN_INCH), "-png", str(file), str(folder / "page")]
    subprocess.run(command, check=True)  # noqa: S603
    return sorted(folder.glob("page-*.png"))


def photograph(document: Document, folder: Path, browser: Browser) -> Path:
    """Write the whole of report.html as one picture."""
    file = write_whole(folder / "report.html", to_html(document).encode())
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.goto(file.resolve().as_uri())
    page.screenshot(path=folder / "html.png", full_page=True)
    page.close()
    return folder / "html.png"


def sheet(pictures: Sequence[Path], target: Path) -> None:
    """Write pictures side by side, each with its name."""
    width, columns = SHEET
    each = width // columns
    shown = []
    for path in pictures:
        with Image.open(path) as picture:
            scale = each / picture.width
            shown.append(picture.convert("RGB").resize((each, max(1, round(picture.height * scale)))))
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    heights = [max(picture.height for picture in row) + 14 for row in rows]
    made = Image.new("RGB", (width, max(sum(heights), 1)), "white")
    pen = ImageDraw.Draw(made)
    names = iter(pictures)
    for row, top in zip(rows, [sum(heights[:place]) for place in range(len(rows))], strict=True):
        for column, picture in enumerate(row):
            made.paste(picture, (column * each, top + 14))
            pen.text((column * each + 2, top), next(names).stem, fill="black")
    made.save(target)


if __name__ == "__main__":
    main()
