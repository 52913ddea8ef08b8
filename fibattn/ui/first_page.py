"""The HTML that each page begins as: Streamlit's own, with our title, our CSS and first words.

As elements of a page they would come when the browser has loaded what draws elements: on a slow
machine a page stands there for seconds empty, and then without its looks.
"""

from __future__ import annotations

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fibattn.ui import style

TITLE = "fibattn: does attention help?"
ABOUT = (
    "Train a recurrent network with and without attention, live, and see where it looks: "
    "with the spread over random starts, trivial baselines and what is known to be needed."
)

HEAD = f"""
<title>{TITLE}</title>
<meta name="description" content="{ABOUT}" />
<meta property="og:title" content="{TITLE}" />
<meta property="og:description" content="{ABOUT}" />
"""

# What Streamlit draws in place of a page, after some time.
SKELETON = '[data-testid="stAppSkeleton"]'

# Seen until the page has its first element. By the blending they are read on either appearance: of
# which one Streamlit takes, only Streamlit knows.
FIRST_WORDS = f"""
<style>
html {{ background: {st.get_option("theme.light.backgroundColor")}; }}
@media (prefers-color-scheme: dark) {{
  html {{ background: {st.get_option("theme.dark.backgroundColor")}; }}
}}
.first-words {{
  position: fixed; inset: 3.5rem 2rem auto; z-index: 1000; pointer-events: none;
  font: 1rem/1.5 sans-serif; color: white; mix-blend-mode: difference;
}}
.first-words b {{ font-size: 1.5rem; }}
body:has(.stElementContainer > :not(.stEmpty, {SKELETON})) .first-words {{ display: none; }}
{SKELETON} {{ display: none; }}
</style>
<noscript><style>.first-words {{ display: none; }}</style></noscript>
<p class="first-words"><b>{TITLE}</b><br>
Loading the page: three megabytes, once. Its networks are trained while you watch.</p>
"""

# Where in Streamlit's HTML they go. The CSS stands below the browser's own sheets, which it
# overrules, and above what a page adds, by which it is overruled.
PLACES = (
    ("<title>Streamlit</title>", HEAD.strip()),
    ("<body>", f"<body>{style.ALL}{FIRST_WORDS}"),
)

# By this it is Streamlit's page, and no other HTML.
ROOT = b'<div id="root">'

# What Streamlit says of its file alone.
OF_THE_FILE = ("etag", "last-modified")
# By the first two Streamlit tells whether its file has changed: what is ours may have, too. By the
# last it compresses some pages.
ASKED = (b"if-none-match", b"if-modified-since", b"accept-encoding")
# Where no pages are, but files: of the browser's program, and those a visitor takes away.
FILES = ("/static/", "/media/")


class FirstPage:
    """An ASGI middleware that adds them to Streamlit's page, and to no other HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as Streamlit does; a page, with what is ours."""
        if scope["type"] == "http" and scope["method"] == "GET":
            scope, send = _as_it_is(scope), _Adding(send)
        await self._app(scope, receive, send)


class _Adding:
    """Passes an answer on; a page when the whole of it has come."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._page: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._page = message
        elif self._page is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._page)

    async def _send_page(self, start: Message) -> None:
        body = self._body
        if ROOT in body:
            for place, ours in PLACES:
                body = body.replace(place.encode(), ours.encode(), 1)
            headers = MutableHeaders(raw=list(start["headers"]))
            for name in OF_THE_FILE:
                del headers[name]
            headers["content-length"] = str(len(body))
            start = {**start, "headers": headers.raw}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _as_it_is(scope: Scope) -> Scope:
    """Return a question for a page so that the answer is the whole page as it is."""
    base = st.get_option("server.baseUrlPath").strip("/")
    if scope["path"].removeprefix(f"/{base}" if base else "").startswith(FILES):
        return scope
    headers = [each for each in scope["headers"] if each[0] not in ASKED]
    return {**scope, "headers": headers}


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
