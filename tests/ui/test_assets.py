"""What is kept of Streamlit's files is what lies on the disk, and asked for once."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest
from streamlit import file_util
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from fibattn.ui import assets
from tests.ui.asked import answer

STATIC = Path(file_util.get_static_dir())
FILES = [
    next(iter(sorted(STATIC.glob(pattern)))).relative_to(STATIC).as_posix()
    for pattern in ("static/js/index.*.js", "static/js/Plotly*.js", "static/**/*.woff2")
]


class Counting:
    """Streamlit's own server of files, which counts."""

    def __init__(self) -> None:
        self._app = create_streamlit_static_handler(str(STATIC), None)
        self.asked: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        self.asked.append(scope["path"])
        await self._app(scope, receive, send)


@pytest.mark.parametrize("file", FILES)
def test_the_second_answer_comes_from_memory_and_is_the_file(file):
    streamlit = Counting()
    app = assets.KeptAssets(streamlit)

    async def twice():
        return await answer(app, f"/{file}"), await answer(app, f"/{file}")

    (_, first, plain), (status, headers, body) = asyncio.run(twice())
    on_disk = (STATIC / file).read_bytes()
    assert plain == on_disk
    assert "content-encoding" not in first
    assert status == 200
    assert len(streamlit.asked) == 1
    if headers.get("content-encoding") == "gzip":
        assert len(body) < 0.9 * len(on_disk)
        body = gzip.decompress(body)
    assert body == on_disk
    assert ("content-encoding" in headers) == file.endswith(".js")
    assert headers["cache-control"] == first["cache-control"]
    assert headers["content-type"] == first["content-type"]
    assert headers["vary"] == "Accept-Encoding"
    assert "etag" not in headers


def test_the_length_is_that_of_what_is_sent():
    app = assets.KeptAssets(Counting())

    async def twice():
        await answer(app, f"/{FILES[0]}")
        return await answer(app, f"/{FILES[0]}")

    _, headers, body = asyncio.run(twice())
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        (f"/{FILES[0]}", "GET", {"accept-encoding": "identity"}),
        (f"/{FILES[0]}", "GET", {"range": "bytes=0-99"}),
        (f"/{FILES[0]}", "HEAD", {}),
        ("/", "GET", {}),
        ("/story", "GET", {}),
        ("/static/js/there-is-none.js", "GET", {}),
        ("/static/../../secrets", "GET", {}),
    ],
    ids=["not compressed", "a part", "head", "the page", "another page", "none", "outside"],
)
def test_all_else_is_streamlits_own_answer_each_time(path, method, headers):
    alone, streamlit = Counting(), Counting()
    app = assets.KeptAssets(streamlit)

    async def ask():
        expected = await answer(alone, path, method, **headers)
        return expected, [await answer(app, path, method, **headers) for _ in range(2)]

    expected, given = asyncio.run(ask())
    assert len(streamlit.asked) == 2
    for status, said, body in given:
        assert (status, body) == (expected[0], expected[2])
        assert said.get("content-encoding") == expected[1].get("content-encoding")


def test_of_fifty_who_ask_at_once_all_are_answered_and_one_is_heard(monkeypatch):
    made = []
    compressed = assets._compressed
    monkeypatch.setattr(
        assets, "_compressed", lambda heard: made.append(1) or compressed(heard), raising=True
    )
    app = assets.KeptAssets(Counting())

    async def ask():
        return await asyncio.gather(*[answer(app, f"/{FILES[0]}") for _ in range(50)])

    on_disk = (STATIC / FILES[0]).read_bytes()
    for _, headers, body in asyncio.run(ask()):
        packed = headers.get("content-encoding") == "gzip"
        assert (gzip.decompress(body) if packed else body) == on_disk
    assert made == [1]


def test_what_breaks_off_or_belongs_to_one_visitor_is_not_kept():
    length = (b"content-length", b"10")
    forever = (b"cache-control", b"public, immutable, max-age=31536000")

    def saying(headers: list, body: bytes):
        async def app(scope, receive, send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return assets.KeptAssets(app)

    async def second(app):
        await answer(app, "/static/x.js")
        return (await answer(app, "/static/x.js"))[1]

    whole = saying([length, forever], b"x" * 10)
    assert "vary" in asyncio.run(second(whole))
    for broken in (
        saying([length, forever], b"x" * 9),
        saying([length, forever, (b"set-cookie", b"a=b")], b"x" * 10),
        saying([length], b"x" * 10),
    ):
        assert "vary" not in asyncio.run(second(broken))


def test_no_more_is_kept_than_has_room(monkeypatch):
    monkeypatch.setattr(assets, "MOST_KEPT", 1000)
    streamlit = Counting()
    app = assets.KeptAssets(streamlit)

    async def twice():
        return [await answer(app, f"/{FILES[0]}") for _ in range(2)]

    asyncio.run(twice())
    assert len(streamlit.asked) == 2
