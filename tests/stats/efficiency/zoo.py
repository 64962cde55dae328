"""Models as teams hand them in, good and bad, written into a folder. None of them is imported here."""

import textwrap
from pathlib import Path

import numpy as np
from PIL import Image

IMAGES = ("001", "002")

HEAD = """\
import glob, json, os, socket, sys
import numpy as np
import torch
from PIL import Image
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return (x + 0.01 * self.body(x)).clamp(0, 1)


def restore(input_path, output_path, net):
    for path in sorted(glob.glob(os.path.join(input_path, "*.png"))):
        x = torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None].float() / 255
        y = (net(x)[0] * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(y).save(os.path.join(output_path, os.path.basename(path)))


"""

GOOD = """\
def main(model_dir, input_path, output_path, device):
    torch.manual_seed(1)
    restore(input_path, output_path, Net().to(device))
"""


def write_inputs(folder: Path) -> Path:
    """Write the test set."""
    folder.mkdir(parents=True)
    for seed, name in enumerate(IMAGES):
        pixels = np.random.default_rng(seed).integers(0, 255, (40, 56, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def write_model(root: Path, stem: str, source: str, *, head: str = HEAD) -> Path:
    """Write models/<stem>.py and return it."""
    path = root / "models" / f"{stem}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + textwrap.dedent(source), encoding="utf-8")
    return path


def in_main(*lines: str) -> str:
    """Source of a model whose main does these things first, and restores the images then."""
    body = "".join(f"    {line}\n" for line in lines)
    return GOOD.replace("    torch.manual_seed(1)\n", f"{body}    torch.manual_seed(1)\n")
