"""What each metric is: one row each, written beside every value that is handed out."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Direction = Literal["higher", "lower"]
ALEXNET = "alexnet-owt-7be5be79.pth"
VGG16 = "vgg16-397923af.pth"


@dataclass(frozen=True)
class Definition:
    """A metric as computed here.

    `revision` is raised whenever a change of code can change a value: values kept from before are then
    computed again. `weights` names the files that the metric cannot do without.
    """

    name: str
    title: str
    better: Direction
    reference: bool
    colour: str
    data_range: str
    crop: str
    window: str
    network: str
    source: str
    weights: tuple[str, ...] = ()
    revision: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The definition as plain values, for JSON."""
        return asdict(self)


_GREY = "full-range grey, 0.299 R + 0.587 G + 0.114 B, rounded"

DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            name="psnr",
            title="PSNR (dB)",
            better="higher",
            reference=True,
            colour="RGB, all three channels together",
            data_range="0 to 1; 1e-8 added to the mean squared error (identical images: 80 dB)",
            crop="none",
            window="none",
            network="none",
            source="the definition",
        ),
        Definition(
            name="ssim",
            title="SSIM",
            better="higher",
            reference=True,
            colour=_GREY,
            data_range="0 to 255, double precision",
            crop="valid region of the window; no down-sampling",
            window="Gaussian 11x11, standard deviation 1.5; negative contrast-structure counts as 0",
            network="none",
            source="Wang, Bovik, Sheikh and Simoncelli, 2004",
        ),
        Definition(
            name="lpips",
            title="LPIPS",
            better="lower",
            reference=True,
            colour="RGB",
            data_range="0 to 1, scaled to -1 to 1, then shifted and scaled by channel",
            crop="none; no resizing",
            window="none",
            network="AlexNet, five ReLU layers, linear heads of version 0.1",
            source="Zhang, Isola, Efros, Shechtman and Wang, 2018",
            weights=(ALEXNET,),
            revision=2,
        ),
        Definition(
            name="dists",
            title="DISTS",
            better="lower",
            reference=True,
            colour="RGB",
            data_range="0 to 1, normalised by ImageNet's means and deviations",
            crop="none; no resizing",
            window="statistics over the whole of each of six feature maps",
            network="VGG16 with Hanning L2 pooling, the image and five ReLU layers",
            source="Ding, Ma, Wang and Simoncelli, 2020",
            weights=(VGG16,),
            revision=2,
        ),
        Definition(
            name="niqe",
            title="NIQE",
            better="lower",
            reference=False,
            colour=_GREY,
            data_range="0 to 255, double precision",
            crop="no border cropped; right and bottom cut to whole blocks",
            window="blocks 96x96 (48x48 at half size); Gaussian 7x7, standard deviation 7/6",
            network="none; pristine model of basicsr 1.4.2",
            source="Mittal, Soundararajan and Bovik, 2013",
        ),
        Definition(
            name="brisque_opencv",
            title="BRISQUE (OpenCV's model)",
            better="lower",
            reference=False,
            colour=_GREY,
            data_range="0 to 1, double precision; not cut to 0 to 100",
            crop="none; neighbours outside of the image count as 0",
            window="Gaussian 7x7, standard deviation 7/6, edges replicated; the whole image, and half size",
            network="none; support vectors of OpenCV 4.10.0, trained on LIVE",
            source="Mittal, Moorthy and Bovik, 2012; OpenCV's module quality",
        ),
    )
}
