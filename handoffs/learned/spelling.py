"""Slips of the finger in the few words that matter to a rule, put right."""

import re
import string
from functools import cache

KEYS = """
someone somebody anyone anybody person people human agent agents assistant assistants assistance operator operators representative advisor supervisor
manager employee customer support service contact contacting connect transfer speak speaking talking chatting please
"""
SHORT_KEYS = "talk chat help with"
# Real words one slip away from a key.
REAL_WORDS = """
advisors agency aging anybodys anyones arent argent assistances assistants balking batting chaining chanting char charting chats chattering cheating
connected connecter connects consumer contactin contacts contract contracts costume costumer custom customers customize deal employed employees
employer gent gents hatting heal heap held hell help helps hum humana humane humans humor leaking managed managers manages manger meal menage menager
operated operates operators parson patting peaking peal peoples persian persona personal persons pleased pleasee pleases prison purple reals reel
regent scatting serviced services shatting sneak sneaking speaker speaking speaks spear stalking steak supported supporter supports taking tal tale
talkings talks tall tank tanking tasking that transfers urgent walk walking
"""
TOKEN = re.compile(r"[A-Za-z]{4,16}")


def mend(text: str) -> str:
    """The text with one-letter slips in the keys put right; every word stays one word."""
    return TOKEN.sub(lambda word: _slips().get(word[0].lower(), word[0]), text)


@cache
def _slips() -> dict[str, str]:
    keys, short_keys = KEYS.split(), SHORT_KEYS.split()
    short = {slip: key for key in short_keys for slip in _swapped(key) | _doubled(key)}
    long = {slip: key for key in keys for slip in _swapped(key) | _doubled(key) | _one_off(key)}
    right = {*keys, *short_keys, *REAL_WORDS.split()}
    return {slip: key for slip, key in (short | long).items() if slip not in right and len(slip) > 3}


def _swapped(word: str) -> set[str]:
    return {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}


def _doubled(word: str) -> set[str]:
    return {word[:at] + word[at] + word[at:] for at in range(len(word))}


def _one_off(word: str) -> set[str]:
    """One letter dropped, changed or put in."""
    dropped = {word[:at] + word[at + 1 :] for at in range(len(word))}
    changed = {word[:at] + letter + word[at + 1 :] for at in range(len(word)) for letter in string.ascii_lowercase}
    more = {word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in string.ascii_lowercase}
    return dropped | changed | more
