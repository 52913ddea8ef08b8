"""From a file's bytes to its text."""

from __future__ import annotations

import codecs

from fibattn.tasks.file.limits import MOST_BYTES, Unreadable

_CONTROL = bytes((*range(0x09), *range(0x0E, 0x20)))


def decode(data: bytes, shown: str) -> str:
    """Return the text of `data`, or raise Unreadable; `shown` is the file's quoted name."""
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"{shown} is larger than {MOST_BYTES // 2**20} MB. Leave out columns or rows you do "
            f"not need."
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(f"{shown} is in UTF-16. Save it as UTF-8.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(
            f"{shown} is not a CSV file but a workbook or an archive. Save the sheet as CSV in "
            f"UTF-8."
        )
    # Looking them all up at once takes a tenth of the time of a search by a pattern.
    if len(data.translate(None, _CONTROL)) < len(data):
        first = next(place for place, byte in enumerate(data, 1) if byte in _CONTROL)
        raise Unreadable(
            f"{shown} is not a CSV file: byte {first:,} is no part of any text. "
            f"Save the data as CSV in UTF-8."
        )
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        raise Unreadable(
            f"{shown} is not in UTF-8: byte 0x{body[error.start]:02X} in line {line} does not "
            f"fit. Save it as UTF-8."
        ) from None
    return text.rstrip("\r\n")  # blank lines at the end do not count, and there may be millions
