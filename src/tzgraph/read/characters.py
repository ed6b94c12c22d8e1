"""Characters that can't be seen, turn text around, or look like others: names that deceive.

Greek letters are at home in biomedicine (TNFα, NFκB, HER2Δ16), so of them only those count which
look like Latin capitals, and omicron (Unicode Technical Standard 39, confusables).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["look_alikes", "named", "unseen"]

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WORD = re.compile(r"[^\W\d_]+")
#: Scripts of which some letters look like Latin ones, by the first word of their names.
_SCRIPTS = frozenset({"CYRILLIC", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC", "MATHEMATICAL"})
_GREEK = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")  # noqa: RUF001 - they are meant
_CYRILLIC = frozenset("АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝ")  # noqa: RUF001 - they are meant
#: How names of letters begin that are Latin in a word.
_LATIN = "LATIN "


def unseen(text: str) -> list[str]:
    """Give the characters of a text that can't be seen or turn it around, each once.

    >>> [named(sign) for sign in unseen("trastuzumab\u200b")]
    ['U+200B (zero width space)']
    """
    return list(dict.fromkeys(_UNSEEN.findall(text)))


def look_alikes(text: str) -> list[str]:
    """Give the letters of a text that look like Latin ones, in Latin words, each once.

    A word that is all of such letters counts as well, where the rest of the text is Latin.

    >>> [named(sign) for sign in look_alikes("tr\u0430stuzumab")]
    ['U+0430 (cyrillic small letter a)']
    >>> look_alikes("TNFα, NF-κB, β-catenin, γδ T cell, HER2Δ16")
    []
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    found: list[str] = []
    for word in words:
        strange = [sign for sign in word if sign in _GREEK or _script(sign) in _SCRIPTS]
        latin = any(unicodedata.name(sign, "").startswith(_LATIN) for sign in word)
        if strange and (latin or (len(word) > 1 and _disguised(word) and _is_latin(text))):
            found += strange
    return list(dict.fromkeys(found))


def _script(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0]


def _disguised(word: str) -> bool:
    """Whether a whole word looks Latin."""
    return _CYRILLIC.issuperset(word) or _GREEK.issuperset(word)


def _is_latin(text: str) -> bool:
    """Whether a text has Latin letters, and of other scripts only what looks like them."""
    letters = [sign for sign in text if sign.isalpha()]
    return any(sign.isascii() for sign in letters) and all(
        sign in _CYRILLIC or sign in _GREEK or unicodedata.name(sign, "").startswith(_LATIN)
        for sign in letters
    )


def named(sign: str) -> str:
    """Name a character: its code point and what Unicode calls it."""
    name = unicodedata.name(sign, "control character").lower()
    return f"U+{ord(sign):04X} ({name})"
