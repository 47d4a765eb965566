"""Text cut into what it is found by: overlapping pairs of characters, and long numbers whole or by their last four digits.

Knows no case and no database.
"""

import re
import unicodedata
from collections.abc import Sequence
from operator import add

RUN = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"\d{7}")
PIECE = re.compile(r"\d{7,}x?|(?:(?!\d{7}).)+")
LONG, TAILED, TAIL = 7, 11, 4  # digits of a long number; of one whose last four are shown
MOST = 100  # digits by which a number is found: PostgreSQL indexes no word of more than 2 kB


def pieces(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    runs: list[str] = RUN.findall(folded)
    return [piece for run in runs for piece in PIECE.findall(run)] if NUMBER.search(folded) else runs


def is_long(piece: str) -> bool:
    return len(piece) >= LONG and piece[:LONG].isdigit()


def pairs(piece: str) -> list[str]:
    return list(map(add, piece, piece[1:]))


def tokens(text: str) -> list[str]:
    """What a text can be found by.

    >>> tokens("停电了 3栋"), tokens("13812345678")
    (['停电', '电了', '3栋'], ['13812345678', '56', '67', '78'])
    """
    found: list[str] = []
    for piece in pieces(text):
        if is_long(piece):
            found += [piece[:MOST], *(pairs(piece[-TAIL:]) if len(piece) >= TAILED else ())]
        else:
            found += pairs(piece)
    return found


def phrases(text: str) -> list[list[str]]:
    """What a query asks for: each must be found somewhere in a case. A single character asks for nothing.

    >>> phrases("停电了 区 13812345678")
    [['停电', '电了'], ['13812345678']]
    """
    asked = ([piece[:MOST]] if is_long(piece) else pairs(piece) for piece in pieces(text))
    return [one for one in asked if one]


def says(text: str, phrase: Sequence[str]) -> bool:
    """Whether a text has the phrase; that its letters are there at all is asked first, which is quick."""
    letters = phrase[0] + "".join(pair[1:] for pair in phrase[1:])
    if letters not in unicodedata.normalize("NFKC", text).casefold():
        return False
    return f" {' '.join(phrase)} " in f" {' '.join(tokens(text))} "
