"""One page as the navigation draws it, for `AppTest.from_function`."""

from __future__ import annotations


def show(path: str) -> None:
    """Draw one page. It imports what it needs: Streamlit runs its source alone."""
    from fibattn.ui import address, sidebar
    from fibattn.ui.navigation import PAGES

    address.remember()
    next(page for page in PAGES if page.path == path).draw(sidebar.choose())
