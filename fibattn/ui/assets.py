"""What a browser loads of Streamlit: eight megabytes, sent compressed and from memory.

Streamlit reads each file anew for each visitor, in pieces, each by way of another thread, and
leaves compressing to a proxy. Here each is compressed once: less than three megabytes, and for the
loop that also moves the pages a hundred answers in place of a thousand pieces.
"""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# All of Streamlit's files would be less, in bytes. What is asked for later is not kept.
MOST_KEPT = 32 * 2**20
# zlib's own middle way: a level more takes twice as long for a hundredth less.
LEVEL = 6
# What depends on how the file is sent, or holds for a part of it.
OF_THE_BODY = ("content-length", "etag", "accept-ranges")


class KeptAssets:
    """An ASGI middleware that keeps the answers Streamlit marks as never changing, compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, Response] = {}
        self._bytes = 0
        self._heard: set[str] = set()  # by one of those who ask at the same time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or let Streamlit answer and keep it."""
        path = scope.get("path", "")
        if not _may_be_kept(scope) or path in self._heard:
            await self._app(scope, receive, send)
        elif kept := self._kept.get(path):
            await kept(scope, receive, send)
        else:
            self._heard.add(path)
            try:
                answer = _Heard(send)
                await self._app(scope, receive, answer)
                await self._keep(path, answer)
            finally:
                self._heard.remove(path)

    async def _keep(self, path: str, answer: _Heard) -> None:
        if not answer.is_whole or self._bytes + len(answer.body) > MOST_KEPT:
            return
        kept = await asyncio.to_thread(_compressed, answer)
        self._kept[path] = kept
        self._bytes += len(kept.body)


@dataclass
class _Heard:
    """Passes an answer on as it comes, and remembers it."""

    send: Send
    start: Message | None = None
    body: bytes = b""

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.start = message
        elif self.never_changes:
            self.body += message.get("body", b"")
        await self.send(message)

    @property
    def headers(self) -> Headers:
        """What it says of itself; nothing before it has begun."""
        return Headers(raw=self.start["headers"] if self.start else [])

    @property
    def never_changes(self) -> bool:
        """Whether it is a file, the same for everybody, now and later."""
        if self.start is None or self.start["status"] != 200:
            return False
        return "immutable" in self.headers.get("cache-control", "") and (
            "set-cookie" not in self.headers
        )

    @property
    def is_whole(self) -> bool:
        """Whether such a file has come to its end."""
        return self.never_changes and self.headers.get("content-length") == str(len(self.body))


def _may_be_kept(scope: Scope) -> bool:
    """Return whether a whole file is asked for, by a browser that takes it compressed."""
    if scope["type"] != "http" or scope["method"] != "GET" or "/static/" not in scope["path"]:
        return False
    asked = Headers(scope=scope)
    return "gzip" in asked.get("accept-encoding", "") and "range" not in asked


def _compressed(answer: _Heard) -> Response:
    """Return the answer compressed; fonts and pictures are so already, and stay as they are."""
    headers = MutableHeaders(raw=list(answer.headers.raw))
    for name in OF_THE_BODY:
        del headers[name]
    headers.add_vary_header("Accept-Encoding")
    body = gzip.compress(answer.body, LEVEL)
    if len(body) < 0.9 * len(answer.body):
        headers["Content-Encoding"] = "gzip"
    else:
        body = answer.body
    return Response(body, headers=dict(headers))
