"""What a model's process gets: its files, the images, and what it must not see."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.efficiency.measuring.conventions import Model
from analysis.efficiency.measuring.inside.root import SYSTEM, lies_in
from analysis.efficiency.measuring.plan import Plan
from analysis.errors import AnalysisError


def hidden_folders(
    models: Iterable[Model], inputs: Sequence[Path], handed_in: Mapping[str, Path]
) -> list[str]:
    """Return the folders of a study, following links, of which a model sees only its own files.

    Raises
    ------
    AnalysisError
        If one of them is a system folder, which models can see completely.
    """
    folders = {inputs[0].parent, *(path.parent for path in handed_in.values()), *handed_in.values()}
    for model in models:
        folders |= {model.root, model.place, model.zoo}
    found = sorted({form(str(folder)) for folder in folders for form in (os.path.abspath, os.path.realpath)})
    for path in found:
        if path in SYSTEM:
            raise AnalysisError(
                f"models can read {path}, and the study is directly in it; move it to its own folder"
            )
    return [path for path in found if lies_in(path, SYSTEM)]


def make_job(
    model: Model, inputs: Sequence[Path], plan: Plan, output: Path, *, count: bool
) -> dict[str, Any]:
    """Return what `inside.measure.measure_model` and `inside.root.enter` take, except the hidden folders."""
    return {
        "name": model.name,
        "file": _placed(model.file),
        "own": _placed(model.own),
        "select": _selection(model),
        "folders": [_placed(folder) for folder in model.folders],
        "folder": _placed(model.root),
        "weights": model.weights and _placed(model.weights),
        "zoo": _placed(model.zoo),
        "inputs": [_placed(path) for path in inputs],
        "inputs_folder": os.path.dirname(_placed(inputs[0])),
        "seen": [_placed(path) for path in (*model.seen, *inputs)],
        "frozen": [
            *(_placed(path) for path in (model.place, model.zoo)),
            os.path.dirname(_placed(inputs[0])),
        ],
        "output": str(output),
        "device": plan.device,
        "trust": plan.trust,
        "passes": plan.passes_a_round,
        "warmup_forwards": plan.warmup_forwards,
        "warmup_s": plan.warmup_s,
        "count": count,
        "count_s": plan.count_s,
        "gpu_memory_mb": plan.gpu_memory_mb,
    }


def _placed(path: Path) -> str:
    """Return where a model sees a file: at its own path, but where links lead in folders of the system."""
    own = os.path.abspath(path)
    real = os.path.join(os.path.realpath(os.path.dirname(own)), os.path.basename(own))
    return real if lies_in(own, SYSTEM) or lies_in(real, SYSTEM) else own


def _selection(model: Model) -> dict[str, Any] | None:
    """What `inside.select` needs of the organisers' script."""
    choice = model.choice
    if choice is None:
        return None
    facts = {"source": choice.source, "model_id": choice.model_id, "names": list(choice.names)}
    return {**facts, "file": _placed(choice.script)}
