"""How a name sounds, whoever wrote it down: one key for Mohammed and Muhammad, Юлия, Iuliia and Julija.

Belongs here: the key of a name in Latin letters. Does not belong here: Chinese names, whose pinyin is exact and whose key is
the pinyin itself; writing other alphabets in Latin letters (``standardize.transliteration``).

Languages write one sound in many ways, and a name in another alphabet has several Latin forms. What they agree on are the
consonants, so a key is made of these. A name with fewer than three of them keeps its vowels, in three classes.
"""

from __future__ import annotations

import re

# Several letters for one sound, in this order; upper case marks what is not to be replaced again.
_SOUNDS = (
    ("ksh", "ks"), ("shch", "S"), ("tsch", "C"), ("sch", "S"), ("tch", "C"), ("sh", "S"), ("ch", "C"), ("zh", "Z"),
    ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("ts", "C"),
    ("tz", "C"), ("cz", "C"), ("w", "v"), ("c", "k"),
)  # fmt: skip
_VOWELS = "aeiouyj"
_VOWEL_CLASSES = str.maketrans(_VOWELS, "aiiuuii")
_LEAST_CONSONANTS = 3


def sound_key(name: str) -> str:
    """The key of a name in small Latin letters without blanks; a name without any is its own key."""
    text = name
    for letters, sound in _SOUNDS:
        text = text.replace(letters, sound)
    # A name may start with a glide or without: Elena, Yelena, Jelena.
    text = _once(re.sub("^([yi](?=[aeou])|j(?=[eu]))|(?<=.)h$", "", text))
    start = "A" if text[:1] in _VOWELS else text[:1]
    consonants = start + re.sub(f"[{_VOWELS}]", "", text[1:])
    if len(consonants.removeprefix("A")) >= _LEAST_CONSONANTS:
        # An a at the end often tells a woman's name from a man's.
        return _once(consonants) + ("a" if text.endswith("a") else "")
    return _once(text.translate(_VOWEL_CLASSES)) or name


def _once(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text)
