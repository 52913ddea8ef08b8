"""Random files as visitors may upload them, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

_ODD = st.sampled_from(
    (".", "?", "None", "12*", "$5", "5%", "(5)", "1'234", "TRUE", "-999", "1e999", "Total", "<b>")
)
_NUMBERS = st.integers(-50, 5000).map(str) | st.floats(-1e6, 1e6).map(lambda v: f"{v:.4g}")
_COMMAS = st.integers(0, 9999).map(lambda v: f"{v // 100},{v % 100:02d}")
_DATES = st.dates().map(str) | st.dates().map(lambda d: f"{d.day}.{d.month}.{d.year}")
_WORDS = st.text(max_size=8)
_CELLS = (_NUMBERS, _NUMBERS, _COMMAS, _DATES, _WORDS)


@st.composite
def tables(draw) -> bytes:
    """A table with a few columns of one kind each, odd cells, and odd lines around it."""
    separator = draw(st.sampled_from(",;\t|"))
    kinds = draw(st.lists(st.sampled_from(_CELLS), min_size=1, max_size=5))
    rows = [
        [draw(_ODD if draw(st.integers(0, 30)) == 0 else kind) for kind in kinds]
        for _ in range(draw(st.integers(0, 25)))
    ]
    header = [draw(_WORDS) for _ in kinds]
    above, below = draw(st.lists(_WORDS, max_size=2)), draw(st.lists(_WORDS, max_size=2))
    is_quoted = draw(st.booleans())

    def written(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if is_quoted else cell

    lines = [separator.join(map(written, row)) for row in (header, *rows)]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join([*above, *lines, *below]).encode("utf-8", "replace")


UPLOADS = tables() | st.binary(max_size=300)
