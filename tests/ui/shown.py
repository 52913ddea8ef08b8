"""One page as the navigation draws it, for `AppTest.from_function`."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def show(path: str) -> None:
    """Draw one page. It imports what it needs: Streamlit runs its source alone."""
    from fibattn.ui import address, live, sidebar
    from fibattn.ui.navigation import PAGES

    with live.TURNS.held(lambda _: None, 1.0):
        address.remember()
        next(page for page in PAGES if page.path == path).draw(sidebar.choose())


def visited(path: str, **query: str) -> AppTest:
    """Return a page that was opened by an address, and did not fail."""
    page = AppTest.from_function(show, default_timeout=60, args=(path,))
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    assert not page.exception
    assert not page.error
    return page
