"""Makes the README's pictures from the running app: `python -m docs.pictures`.

It needs what `requirements-dev.txt` installs, and a Chromium.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.server import Visit, running_app, running_browser

FOLDER = Path(__file__).parent
SIZE = {"width": 1280, "height": 800}
# "Find the maximum": attention comes to look at the largest value, which is ringed.
SEARCH = "?task=find-max&attention=additive-content"
# Every second epoch is a frame of so many milliseconds; the last one stays longer.
EVERY, FRAME, STAYS = 2, 110, 2500


def main() -> None:
    """Take the pictures and write them beside this file."""
    with running_app() as app, running_browser() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        visit = Visit(page, app.url)
        visit.open()
        visit.wait_for_result()
        page.screenshot(path=FOLDER / "article.png")
        visit.open("atlas")
        page.get_by_test_id("stPlotlyChart").first.wait_for()
        visit.wait_for_rest()
        page.screenshot(path=FOLDER / "atlas.png")
        visit.open(SEARCH)
        visit.wait_for_result()
        visit.wait_for_stage()
        frames = list(_epochs(visit))
        frames[0].save(
            FOLDER / "stage.webp",
            save_all=True,
            append_images=frames[1:],
            duration=[FRAME] * (len(frames) - 1) + [STAYS],
            loop=0,
            quality=70,
            method=6,
        )


def _epochs(visit: Visit) -> list[Image.Image]:
    """Return the stage before training and after every EVERY epochs."""
    visit.move_on_stage("Epoch", "Home")
    frames = [_stage(visit.page)]
    slider = visit.stage.get_by_role("slider", name="Epoch", exact=True)
    last = int(slider.get_attribute("max") or 0)
    for _ in range(last // EVERY):
        visit.move_on_stage("Epoch", "ArrowRight", EVERY)
        frames.append(_stage(visit.page))
    return frames


def _stage(page: Page) -> Image.Image:
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => drawn()))")
    page.evaluate("() => document.activeElement.blur()")
    place = page.get_by_role("group", name="Stage")
    return Image.open(io.BytesIO(place.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()
