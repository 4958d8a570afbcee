"""A cheap look at a text: which unusual characters it has anywhere, so that only then the rows are searched for them.

Only single bytes and characters are asked for that ordinary text does not have; their absence is found at the speed of
memory. Belongs here: what is worth a look. Does not belong here: what is done about it in a row (typed.py).
"""

from __future__ import annotations

from dataclasses import dataclass

_CONTROLS = tuple(bytes([code]) for code in (*range(1, 32), 127) if code not in b"\t\n\r")
_SECOND_CONTROLS = b"\xc2"
"""In UTF-8 the first byte of U+0080 to U+00BF: further controls, the no-break blank, the soft hyphen."""
_PUNCTUATION = b"\xe2"
"""The first byte of U+2000 to U+2FFF: blanks of many widths, joiners, marks of direction."""

_SIGNS_OF_DAMAGE = "\ufffd锟Ž‹Œœƒ„†‡ˆ‰Š›˜šžŸ"
"""U+FFFD, the first sign of 锟斤拷, and what the second bytes of Chinese become when UTF-8 is read as Windows-1252."""


@dataclass
class Look:
    """What a text may have. True means "perhaps": the rows decide."""

    nul: bool = False
    control_characters: bool = False
    damaged_text: bool = False
    invisible_characters: bool = False
    exponents: bool = False

    @classmethod
    def everything(cls) -> Look:
        """For what is not read as text, such as Parquet: every row is searched for everything."""
        return cls(*[True] * 5)

    def at(self, text: str, utf8: bytes, *, is_json: bool = False) -> None:
        """Take in one more piece, as text and in UTF-8; the bytes may begin and end within a character."""
        self.nul = self.nul or b"\0" in utf8
        self.exponents = self.exponents or (b"+" in utf8 and (b"E+" in utf8 or b"e+" in utf8 or utf8.startswith(b"+")))
        self.control_characters = self.control_characters or any(code in utf8 for code in _CONTROLS)
        if is_json and b"\\" in utf8 and (b"\\u" in utf8 or utf8.startswith(b"u")):
            self.nul = self.control_characters = self.damaged_text = self.invisible_characters = True
        if text.isascii():
            return
        self.control_characters = self.control_characters or _SECOND_CONTROLS in utf8
        self.damaged_text = (
            self.damaged_text or _SECOND_CONTROLS in utf8 or any(sign in text for sign in _SIGNS_OF_DAMAGE)
        )
        self.invisible_characters = (
            self.invisible_characters
            or _SECOND_CONTROLS in utf8
            or _PUNCTUATION in utf8
            or "\u3000" in text
            or "\ufeff" in text
        )
