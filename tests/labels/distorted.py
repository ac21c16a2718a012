"""What happens to a label between the printer and a camera, the same each time it is played."""

from __future__ import annotations

from collections.abc import Callable

import numpy
import zxingcpp
from PIL import Image, ImageFilter

Seen = Image.Image
Eye = zxingcpp.Binarizer


def _noise(seen: Seen, spread: float) -> Seen:
    grain = numpy.random.default_rng(17).normal(0, spread, (seen.height, seen.width))
    dots = numpy.clip(numpy.asarray(seen, dtype=float) + grain, 0, 255)
    return Image.fromarray(dots.astype(numpy.uint8))


def _turned(seen: Seen, degrees: float) -> Seen:
    return seen.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _pale(seen: Seen) -> Seen:
    """A worn print head on grey paper, lit from one side."""
    dots = numpy.asarray(seen, dtype=float) * 0.4 + 90
    light = numpy.linspace(0.8, 1.05, seen.width)
    return Image.fromarray(numpy.clip(dots * light, 0, 255).astype(numpy.uint8))


def _worn(seen: Seen) -> Seen:
    """Some dots of the head are dead: white lines along the paper, a hair apart."""
    dots = numpy.array(seen)
    dots[:, 37::61] = 255
    return Image.fromarray(dots)


def _aslant(seen: Seen) -> Seen:
    """Held at an angle: the far edge is shorter than the near one."""
    wide, high = seen.size
    corners = (-0.07 * wide, 0, 0, high, wide, high, 1.07 * wide, 0)
    return seen.transform(
        seen.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255
    )


DISTORTIONS: dict[str, Callable[[Seen], Seen]] = {
    "as printed": lambda seen: seen,
    "blurred": lambda seen: seen.filter(ImageFilter.GaussianBlur(1.3)),
    "turned a little": lambda seen: _turned(seen, 7),
    "turned": lambda seen: _turned(seen, 33),
    "upside down": lambda seen: _turned(seen, 176),
    "with some noise": lambda seen: _noise(seen, 16),
    "with noise": lambda seen: _noise(seen, 36),
    "pale": _pale,
    "worn": _worn,
    "aslant": _aslant,
    "from afar": lambda seen: seen.resize((seen.width * 2 // 3, seen.height * 2 // 3)),
    "all of it": lambda seen: _noise(_turned(seen.filter(ImageFilter.GaussianBlur(1.0)), -11), 24),
}
#: Two ways of telling black from white, as two phones have them.
EYES = (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)


#: How far ``courier/static/scan.js`` turns what says nothing as it is.
TURNS = (0, 22.5, -22.5, 45)


def _softened(seen: Seen, degrees: float) -> Seen:
    """Turned, and each dot the mean of those around it, as ``courier/static/scan.js`` does it."""
    turned = seen.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    dots = numpy.asarray(turned, dtype=float)
    for aside in (1, -1, 1, -1):
        dots = (dots + numpy.roll(dots, aside, axis=0)) / 2
        dots = (dots + numpy.roll(dots, aside, axis=1)) / 2
    return Image.fromarray(dots.astype(numpy.uint8))


def read(dots: numpy.ndarray, distortion: str, eye: Eye) -> list[str]:
    """What a scanner reads, as it is, of a part of a print that went through a distortion."""
    return _read(DISTORTIONS[distortion](Image.fromarray(dots)), eye)


def read_by_phone(dots: numpy.ndarray, distortion: str, eye: Eye) -> list[str]:
    """The same by the courier's phone, which softens and turns what says nothing as it is."""
    seen = DISTORTIONS[distortion](Image.fromarray(dots))
    looks = (seen, *(_softened(seen, turn) for turn in TURNS))
    return next((found for look in looks if (found := _read(look, eye))), [])


def _read(seen: Seen, eye: Eye) -> list[str]:
    found = zxingcpp.read_barcodes(numpy.asarray(seen), binarizer=eye)
    return [code.text for code in found]
