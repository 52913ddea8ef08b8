"""Each page begins with our title, our looks and words; all else is as Streamlit sends it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from streamlit import file_util
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from fibattn.ui import first_page, style
from tests.ui.asked import answer

STATIC = Path(file_util.get_static_dir())
INDEX = (STATIC / "index.html").read_text()


def streamlit_alone():
    """Streamlit's own server of files, which compresses as it does all around it."""
    return GZipMiddleware(create_streamlit_static_handler(str(STATIC), None))


def asked(app, path: str, method: str = "GET", **headers: str):
    return asyncio.run(answer(app, path, method, **headers))


@pytest.mark.parametrize("path", ["/", "/story", "/does-it-help"])
def test_each_page_has_title_looks_and_words_before_anything_is_loaded(path):
    status, headers, body = asked(first_page.FirstPage(streamlit_alone()), path)
    page = body.decode()
    assert status == 200
    assert f"<title>{first_page.TITLE}</title>" in page and "<title>Streamlit<" not in page
    head, rest = page.split("</head>")
    assert first_page.ABOUT in head
    before = rest.split('<div id="root">')[0]
    # Below the sheets in the head, which it overrules, and above what a page adds.
    assert style.ALL in before
    assert 'class="first-words"' in before
    assert headers["content-length"] == str(len(body))
    assert headers["cache-control"] == "no-cache"


def test_nothing_of_streamlits_own_page_is_lost():
    _, _, body = asked(first_page.FirstPage(streamlit_alone()), "/")
    page = body.decode()
    for place, ours in first_page.PLACES:
        assert page.count(ours) == 1
        page = page.replace(ours, place)
    assert page == INDEX


def test_a_browser_that_has_streamlits_page_gets_ours():
    _, plain, _ = asked(streamlit_alone(), "/")
    assert plain["content-encoding"] == "gzip"
    known = {"if-none-match": plain["etag"], "if-modified-since": plain["last-modified"]}
    assert asked(streamlit_alone(), "/", **known)[0] == 304
    status, headers, body = asked(first_page.FirstPage(streamlit_alone()), "/", **known)
    assert status == 200 and style.ALL in body.decode()
    assert "etag" not in headers and "last-modified" not in headers


@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_page_that_comes_in_pieces_is_put_together(tmp_path, chunk):
    file = tmp_path / "index.html"
    file.write_text(INDEX.replace("Streamlit Inc.", "Ünïcode"))  # a letter may be cut in two
    streamlit = FileResponse(file)
    streamlit.chunk_size = chunk
    _, headers, body = asked(first_page.FirstPage(streamlit), "/")
    assert "Ünïcode" in body.decode()
    assert style.ALL in body.decode()
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize("base", ["", "app", "media/lab", "static"])
@pytest.mark.parametrize("path", ["", "/story"])
def test_below_any_base_path_a_page_is_a_page(monkeypatch, base, path):
    monkeypatch.setattr("streamlit.get_option", {"server.baseUrlPath": base}.get)
    index = FileResponse(STATIC / "index.html")
    _, _, body = asked(first_page.FirstPage(GZipMiddleware(index)), f"/{base}{path}")
    assert style.ALL in body.decode()


def test_of_a_page_that_a_host_has_changed_the_rest_is_kept():
    page = HTMLResponse(INDEX.replace("<title>Streamlit</title>", "<title>Ours</title>"))
    _, _, body = asked(first_page.FirstPage(page), "/")
    assert "<title>Ours</title>" in body.decode() and style.ALL in body.decode()


OTHERS = {
    "a file to keep": HTMLResponse("<title>One of a visitor</title><body></body>"),
    "not found": HTMLResponse(INDEX, status_code=404),
    "no HTML": Response(INDEX, media_type="text/plain"),
    "not text": Response(b"\xff\xfe", media_type="text/html; charset=utf-16"),
    "nothing": Response(status_code=204),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_no_page_of_streamlits_stays_as_it_is(other):
    (status, headers, body), (given, their_headers, theirs) = (
        asked(app, "/x") for app in (OTHERS[other], first_page.FirstPage(OTHERS[other]))
    )
    assert (given, theirs) == (status, body)
    assert dict(their_headers) == dict(headers)


def test_a_file_that_never_changes_is_not_sent_again():
    file = next(iter(sorted(STATIC.glob("static/js/index.*.js")))).relative_to(STATIC).as_posix()
    _, plain, _ = asked(streamlit_alone(), f"/{file}")
    app = first_page.FirstPage(streamlit_alone())
    assert asked(app, f"/{file}", **{"if-none-match": plain["etag"]})[0] == 304
