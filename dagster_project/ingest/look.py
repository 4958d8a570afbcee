"""A cheap look at a text: which unusual characters it has anywhere, so that only then the rows are searched for them.

Only single bytes and characters are asked for that ordinary text does not have; their absence is found at the speed of
memory. Belongs here: what is worth a look. Does not belong here: what is done about it in a row (typed.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROLS = tuple(bytes([code]) for code in (*range(1, 32), 127) if code not in b"\t\n\r")
# First bytes of UTF-8, by what their characters are.
_SECOND_CONTROLS = b"\xc2"  # U+0080 to U+00BF: further controls, the no-break blank, the soft hyphen
_ACCENTS = b"\xc3"  # U+00C0 to U+00FF: letters with accents, and what the first bytes of Chinese become
_SPECIALS = b"\xef"  # U+FEFF, U+FFFD, full-width forms
_PUNCTUATION = b"\xe2"  # U+2000 to U+2FFF: also blanks of many widths, joiners, marks of direction
_SECOND_BYTES = (b"\xc5", b"\xc6", b"\xcb", _PUNCTUATION)  # what the second bytes of Chinese become in Windows-1252
_QUOTES_APART = re.compile(b'" +"')


@dataclass
class Look:
    """What a text may have. True means "perhaps": the rows decide."""

    nul: bool = False
    control_characters: bool = False
    damaged_text: bool = False
    invisible_characters: bool = False
    exponents: bool = False
    fractions: bool = False
    """Of JSON: whole numbers may be written with a fraction, as 13800138000.0."""
    quotes_apart: bool = False
    """Of CSV: a quote, blanks, a quote. The engine's reader takes "a" "b" for one cell, and may swallow rows by that."""

    @classmethod
    def everything(cls) -> Look:
        """For what is not read as text, such as Parquet: every row is searched for everything."""
        return cls(*[True] * 7)

    def at(self, text: str, utf8: bytes, *, is_json: bool = False) -> None:
        """Take in one more piece, as text and in UTF-8; the bytes may begin and end within a character."""
        self.nul = self.nul or b"\0" in utf8
        self.exponents = self.exponents or (b"+" in utf8 and (b"E+" in utf8 or b"e+" in utf8 or utf8.startswith(b"+")))
        self.control_characters = self.control_characters or any(code in utf8 for code in _CONTROLS)
        self.invisible_characters = self.invisible_characters or b"\t" in utf8
        self.quotes_apart = self.quotes_apart or (b'"' in utf8 and _QUOTES_APART.search(utf8) is not None)
        if is_json:
            self.fractions = (
                self.fractions or b".0," in utf8 or b".0}" in utf8 or utf8.startswith((b".", b"0", b",", b"}"))
            )
            if b"\\" in utf8 and (b"\\u" in utf8 or utf8.startswith(b"u")):
                self.nul = self.control_characters = self.damaged_text = self.invisible_characters = True
        if text.isascii():
            return
        second_controls = _SECOND_CONTROLS in utf8
        specials = _SPECIALS in utf8
        self.damaged_text = (
            self.damaged_text
            or second_controls
            or (specials and "\ufffd" in text)
            or "锟" in text  # of 锟斤拷, which U+FFFD becomes by one more wrong reading
            or (_ACCENTS in utf8 and any(first in utf8 for first in _SECOND_BYTES))
        )
        self.invisible_characters = (
            self.invisible_characters
            or second_controls
            or _PUNCTUATION in utf8
            or (specials and "\ufeff" in text)
            or (b"\xe3" in utf8 and "\u3000" in text)
        )
