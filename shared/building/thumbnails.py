"""A small picture of each day for the README: the day's own "Today in one picture", as its notebook stores it.

    python -m shared.building.thumbnails
"""

import base64
import io
import json
from pathlib import Path

from shared.building import ROOT
from shared.building.places import day_of, notebooks

FOLDER = ROOT / "shared" / "visuals" / "assets" / "days"
SIZE = (220, 130)  # pixels, at most
COLORS = 48


def today_s_picture(notebook: Path) -> bytes:
    """The PNG that the section "Today in one picture" shows. Errors: ValueError that names a notebook without one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    seen = False
    for cell in cells:
        seen |= cell["cell_type"] == "markdown" and "## Today in one picture" in "".join(cell["source"])
        for output in cell.get("outputs", ()) if seen else ():
            if "image/png" in output.get("data", {}):
                return base64.b64decode("".join(output["data"]["image/png"]))
    raise ValueError(f'{notebook.name} shows no picture under "Today in one picture"')


def thumbnail(png: bytes, size: tuple[int, int] = SIZE, colors: int = COLORS) -> bytes:
    """The picture made small, on white. The same picture gives the same bytes."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        image = image.convert("RGBA")
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image)
    small = page.convert("RGB")
    small.thumbnail(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # colors by how far they lie apart, not by how many pixels have them: a few dots keep theirs
    small.quantize(colors, method=Image.Quantize.MAXCOVERAGE).save(out, format="PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Write a thumbnail for every notebook that is there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for notebook in notebooks(ROOT):
        path = FOLDER / "w{}d{}.png".format(*day_of(notebook))
        path.write_bytes(thumbnail(today_s_picture(notebook)))


if __name__ == "__main__":
    main()
