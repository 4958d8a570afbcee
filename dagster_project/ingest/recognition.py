"""What a file is that is not what it should be: told from its first bytes, for messages that help at once.

Belongs here: recognising formats. Does not belong here: reading any.
"""

from __future__ import annotations

HEAD = 4096
"""As many bytes are enough."""
_BEGINNINGS = (
    (b"\x1f\x8b", "is packed with gzip, but its name does not end in .gz"),
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook (.xlsx)"),
    (b"PAR1", "is a Parquet file"),
    (b"%PDF", "is a PDF document"),
    (b"\xff\xfe\x00\x00", "is text in utf-32"),
    (b"\x00\x00\xfe\xff", "is text in utf-32"),
    (b"\xff\xfe", "is text in utf-16"),
    (b"\xfe\xff", "is text in utf-16"),
)
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body")


def recognised(head: bytes) -> str | None:
    """What the first bytes show a file to be, as the predicate of a sentence; None for text and for the unknown."""
    for beginning, what in _BEGINNINGS:
        if head.startswith(beginning):
            return what
    if head.startswith(_COMPOUND_FILE):
        return "is an old workbook (.xls) or one protected by a password"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_MARKUP):
        return "is a web page (HTML)"
    if start.startswith(b"<?xml"):
        return "is XML"
    return None
