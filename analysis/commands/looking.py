"""`studyapp analyse looking`: how much judges looked at, for how long, and where."""

from pathlib import Path

import click
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import result_command
from analysis.errors import AnalysisError
from analysis.files import write_whole
from analysis.fonts import fonts_for, unshown_in_words
from analysis.frame import note
from analysis.looking.coverage import by_image, by_judge, cell_areas, total_map
from analysis.looking.plot import faded, looking_plot
from analysis.looking.reading import read_candidates, read_maps
from analysis.output import Output
from analysis.plots.canvas import png

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@result_command("looking")
@click.argument("folder", metavar="EXPORT_DIR", type=FOLDER)
@click.option(
    "--table",
    "which",
    type=click.Choice(["judges", "images"]),
    default="judges",
    show_default=True,
    help="One row per judge or per image.",
)
@click.option(
    "--maps",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to draw a map of each image into.",
)
@click.option("--inputs", type=FOLDER, help="The study's input images, as background of the maps.")
def command(folder: Path, which: str, target: Path | None, inputs: Path | None) -> Output:
    """How much of each image judges saw, from an export's viewing record, and maps of the time spent."""
    candidates, maps = read_candidates(folder), read_maps(folder)
    table = (by_judge if which == "judges" else by_image)(candidates, maps)
    notes = [f"{how_many(maps['judge'].nunique(), 'judges')}; time on screen, not where eyes rested"]
    if "simulated" in maps:
        table["simulated"] = True
        notes.append("the votes of this study are simulated")
    if target is not None:
        drawn = _draw(maps, target, inputs)
        notes.append(f"{drawn} map{'s' * (drawn != 1)} in {target}")
    return Output(table, notes=tuple(notes))


def _draw(maps: pd.DataFrame, target: Path, inputs: Path | None) -> int:
    main = maps[maps["kind"] == "main"]
    images = sorted(set(main["image"].astype(str)))
    for image in images:
        if Path(image).name != image or image.startswith("."):
            raise AnalysisError(f"image {image!r} cannot be a file name; export the study again")
    pictures = {image: _input(inputs, image) for image in images}
    try:
        target.mkdir(parents=True, exist_ok=True)
        for image in images:
            own = main[main["image"] == image]
            picture = pictures[image]
            with fonts_for([image]) as fonts:
                for line in unshown_in_words(fonts, [image]):
                    note(line)
                figure = looking_plot(
                    total_map(main, image),
                    cell_areas(main, image),
                    cell=float(own["cell"].iloc[0]),
                    image=image,
                    judges=own["judge"].nunique(),
                    minutes=own["seconds"].sum() / 60,
                    picture=None if picture is None else faded(picture),
                )
                drawn = png(figure, dpi=120)
            write_whole(target / f"{image}.png", drawn)
    except OSError as error:
        raise AnalysisError(f"cannot write into {target}: {error.strerror}") from error
    return len(images)


def _input(inputs: Path | None, image: str) -> Path | None:
    if inputs is None:
        return None
    found = [path for path in sorted(inputs.iterdir()) if path.stem == image]
    if not found:
        raise AnalysisError(f"{inputs} has no image {image}; point --inputs at the study's input folder")
    return found[0]
