"""Which language a text is in, or that nobody can tell."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

KNOWN = "ar bg cs da de el en es fi fr he hi hr hu id it ja ko nl no pl pt ro ru sk sv th tr uk vi zh"
SURE = 0.7
READ = 1000  # characters
NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|<[^<>]{0,200}>|[\d_]+|\b\w*[\d_]\w*\b")
CODE = re.compile(r"[{}()\[\];=<>/\\|&$#@*+^~`]")
LETTER = re.compile(r"[^\W\d_]")
MOST_CODE = 0.1  # of the characters
LATIN = re.compile(r"[a-zA-ZÀ-ɏ]")
FEWEST_LATIN, FEWEST_OTHER = 6, 2  # letters that say something: other scripts have longer ones, or ones that few languages share


def detect(text: str) -> str:
    """The ISO 639-1 code of the text's language, or "" when it cannot be told: too short, no words, code, or none that stands out."""
    said = text[:READ]
    words = " ".join(NO_WORDS.sub(" ", said).split())
    letters, latin = len(LETTER.findall(words)), len(LATIN.findall(words))
    if letters < (FEWEST_LATIN if latin else FEWEST_OTHER) or len(CODE.findall(words)) > MOST_CODE * len(words):
        return ""
    language, sure = _identifier().classify(words)
    return str(language) if sure >= SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    """Characters' runs in naive Bayes (Lui and Baldwin 2012, ACL), for the languages customers here are likely to write."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(KNOWN.split())
    return identifier
