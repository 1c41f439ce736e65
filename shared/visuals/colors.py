"""Few colors for small pictures: an indexed PNG is a third of the size."""

import numpy as np
from PIL import Image, ImageColor

from shared.visuals import palette

SAMPLED = 100_000  # pixels of a drawing in which its colors are looked for; more of them find the same colors, and take longer


def indexed(image: Image.Image, count: int) -> Image.Image:
    """The drawing with `count` colors, for a small PNG: the palette's own colors exactly, the others as they are needed.

    A plain quantizer counts pixels, and would turn a thin green line into the blue of the map beside it.
    """
    named = (palette.CARD, palette.INK, *map(palette.color, palette.CONCEPTS), *map(palette.words, palette.CONCEPTS))
    # an eighth for the map of weights: a small one beside large drawings would otherwise turn gray
    shares = (np.arange(count // 16 * 2) + 0.5) / (count // 16 * 2)  # an even number: the palette's purple itself is at 1/2
    purples = palette.weights_map()(shares, bytes=True)[:, :3].tolist()
    own = list(dict.fromkeys([*map(ImageColor.getrgb, named), *map(tuple, purples)]))
    every = max(1, round((image.width * image.height / SAMPLED) ** 0.5))
    sample = Image.fromarray(np.ascontiguousarray(np.asarray(image.convert("RGB"))[::every, ::every]))
    found = sample.quantize(count - len(own), kmeans=2, dither=Image.Dither.NONE).getpalette()[: 3 * (count - len(own))]
    # an almost-white beside the card's white would show as a seam
    found = [255 if min(found[i - i % 3 : i - i % 3 + 3]) > 247 else part for i, part in enumerate(found)]
    colors = Image.new("P", (1, 1))
    colors.putpalette([part for color in own for part in color] + found)
    return image.convert("RGB").quantize(palette=colors, dither=Image.Dither.NONE)
