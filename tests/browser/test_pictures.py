"""What the first screen looks like, held against kept pictures: in both themes, on a telephone, on paper.

Fonts differ from machine to machine, so the pages are set in the one that Pillow brings along, and what is compared is coarse:
the mean colours of a grid. It notices a theme that is not applied, and a part that is gone or has moved; no letter. After a
change that is meant, look at the new ones and keep them:

    ROLLPROOF_KEEP_PICTURES=1 uv run pytest tests/browser/test_pictures.py
"""

import base64
import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFont, ImageStat

from fixtures import sample_fleets, sample_rehearsals, sample_runs
from rollproof.rehearsal.reports.html import page as rehearsal_page
from rollproof.report.fleet.html import page as fleet_page
from rollproof.report.html import page

KEPT = Path(__file__).parents[1] / "data" / "browser"
KEEPS = os.environ.get("ROLLPROOF_KEEP_PICTURES") == "1"
CELLS = (16, 12)
MOST = 12  # of 255: how far the mean colour of a cell may be from that of the kept one
MEAN = 2  # of 255: how far all cells may be in the mean
FONT = """<style>@font-face { font-family: everywhere; src: url(data:font/ttf;base64,%s); }
* { font-family: everywhere !important; }</style></head>"""
WIDTH = 320  # of a kept picture, in pixels
LOOKS = {
    "report": ({}, "screen"),
    "report-dark": ({"color_scheme": "dark"}, "screen"),
    "report-400px": ({"viewport": {"width": 400, "height": 800}}, "screen"),
    "report-print": ({"viewport": {"width": 794, "height": 1123}}, "print"),
    "rehearsal": ({}, "screen"),
    "rehearsal-dark": ({"color_scheme": "dark"}, "screen"),
    "fleet": ({}, "screen"),
    "fleet-dark": ({"color_scheme": "dark"}, "screen"),
}


@pytest.fixture(scope="module")
def pages():
    """The pages by the first words of the pictures."""
    cut = sample_rehearsals.rehearsed(sample_rehearsals.BACK, sample_rehearsals.LOST)
    made = {
        "report": page(sample_runs.five_mistakes()),
        "rehearsal": rehearsal_page(sample_rehearsals.said(cut)),
        "fleet": fleet_page(sample_fleets.tenants()),
    }
    font = FONT % base64.b64encode(ImageFont.load_default(16).font_bytes).decode()
    return {name: html.replace("</head>", font) for name, html in made.items()}


def test_the_first_screen_looks_as_it_did(opened, pages, tmp_path):
    far = {}
    for name, (how, medium) in LOOKS.items():
        shown = opened(pages[name.partition("-")[0]], bypass_csp=True, **how)
        shown.emulate_media(media=medium)
        shown.wait_for_function("medium => matchMedia(medium).matches", arg=medium)
        now, kept = Image.open(io.BytesIO(shown.screenshot())).convert("RGB"), KEPT / f"{name}.png"
        if KEEPS:
            now.resize((WIDTH, now.height * WIDTH // now.width)).quantize(64).save(kept, optimize=True)
        worst, mean = distance(now, Image.open(kept).convert("RGB"))
        if worst > MOST or mean > MEAN:
            now.save(tmp_path / f"{name}.png")
            far[str(tmp_path / f"{name}.png")] = (round(worst), round(mean))

    assert far == {}


def distance(first, second):
    """Return how far two pictures are: of the cells of a grid the largest difference of mean colour, and the mean of all."""
    apart = ImageChops.difference(first.resize(CELLS, Image.Resampling.BOX), second.resize(CELLS, Image.Resampling.BOX))
    return max(high for _, high in apart.getextrema()), max(ImageStat.Stat(apart).mean)
