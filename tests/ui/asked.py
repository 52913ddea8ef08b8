"""Asks an ASGI application as a browser does."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers


async def answer(app, path: str, method: str = "GET", **headers: str) -> tuple[int, Headers, bytes]:
    """Ask for a file as a browser does."""
    asked = {"accept-encoding": "gzip, deflate, br"} | headers
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), text.encode()) for name, text in asked.items()],
        "extensions": {},
    }
    said: list[dict] = []

    async def receive() -> dict:
        await asyncio.Event().wait()  # the browser stays to the end
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        said.append(message)
        await asyncio.sleep(0)

    await app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in said[1:])
    return said[0]["status"], Headers(raw=said[0]["headers"]), body
