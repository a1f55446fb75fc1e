"""What somebody wrote themselves in a mail, without what they quote and their signature. Everything takes time that grows with the text alone.

Of the libraries that do this, the one that is kept (mail-parser-reply 1.36) takes five seconds for 4 kB of empty lines, and others read English alone.
"""

import re
from itertools import takewhile

from inscriptis import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import html

QUOTES = ("//blockquote | //*[contains(@class, 'gmail_quote') or contains(@class, 'gmail_attr') or contains(@class, 'moz-cite-prefix')"
          " or contains(@class, 'yahoo_quoted') or contains(@class, 'protonmail_quote')] | //*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::*"
          " | //*[@id='divRplyFwdMsg' or @id='appendonsend'] | //head | //script | //style | //title")
FROM = re.compile(r"\s?\*?(from|von|de|da|van|från|fra|od|expéditeur|remitente|من)\s?:\*?\s", re.I)
SENT = re.compile(r"\s?\*?(sent|date|gesendet|datum|enviado( el)?|fecha|envoyé|inviato|verzonden|skickat|sendt|to|an|para|à|aan|til|تاريخ|إلى)\s?:\*?\s", re.I)
RULE = re.compile(r"\s?[-_—]{5,}[^-_—]{0,60}[-_—]{3,}\s?$|_{20,}\s?$")
YEAR, HOUR = re.compile(r"\b(19|20)\d\d\b"), re.compile(r"\d\d?[:.h]\d\d")
ADDRESS = re.compile(r"@|<[^<>]+>")
LONGEST_LINE = 2000
ABOVE = 3  # lines over which "On Tuesday … wrote:" may be broken


def own_words(text: str) -> str:
    """Never raises, and loses nothing between quoted lines: answers may stand below each question."""
    lines = [line.replace("\0", "").rstrip() for line in text.splitlines()]
    quoted = any(line.startswith(">") for line in lines)
    kept = _without_quotes(lines) if quoted else _before_the_original(lines)
    signed = list(takewhile(lambda line: line not in ("--", "-- "), kept))
    own = _joined(signed)
    # Whoever quotes says so by signs; what only looked like a quote from its first line on was no quote.
    return own if own or quoted else _joined(lines)


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def from_html(markup: str) -> str:
    """The text of a mail that has only HTML, without what it marks as quoted."""
    try:
        tree = html.document_fromstring(markup.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
        for quote in tree.xpath(QUOTES):
            if quote.getparent() is not None:
                quote.drop_tree()
        return str(Inscriptis(tree, ParserConfig()).get_text())
    except Exception:
        # Whatever the readers of HTML do not bear: its words without the signs between them.
        return re.sub(r"<[^<>]{0,1000}>", " ", markup)


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    last = max((number for number, line in enumerate(lines) if line and not line.startswith(">")), default=-1)
    for number, line in enumerate(lines):
        if line.startswith(">"):
            _drop_attribution(kept, more=last > number)
        elif not (kept and not kept[-1] and not line):
            kept.append(line)
    return kept


def _drop_attribution(kept: list[str], more: bool) -> None:
    """Takes "On Tuesday … wrote:" away from above a quote; one without an address only where own words stand on one side of the quote alone."""
    while kept and not kept[-1]:
        kept.pop()
    for count in range(1, ABOVE + 1):
        if len(kept) >= count and _is_attribution(" ".join(kept[-count:]), by_hour=count == 1 and more != (len(kept) > 1)):
            del kept[-count:]
            return


def _before_the_original(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if not line:
            continue
        after = lines[number + 1 : number + 4]
        if (RULE.match(line[:LONGEST_LINE]) and any(_is_header(each) for each in after)) or _begins_headers([line, *after]):
            return lines[:number]
        if any(_is_attribution(" ".join(lines[number : number + count])) for count in range(1, ABOVE + 1)) and number:
            return lines[:number]
    return lines


def _begins_headers(lines: list[str]) -> bool:
    """Those of a mail: they name an address or a year, as "From: Berlin, To: Munich" does not."""
    named = " ".join(line[:LONGEST_LINE] for line in lines)
    return bool(FROM.match(lines[0][:100])) and any(SENT.match(line[:100]) for line in lines[1:]) and ("@" in named or bool(YEAR.search(named)))


def _is_header(line: str) -> bool:
    return bool(FROM.match(line[:100]) or SENT.match(line[:100]))


def _is_attribution(line: str, by_hour: bool = False) -> bool:
    """Whether it says who wrote when, in any language: it ends with a colon and holds a year, and an address, or `by_hour` a time."""
    line = line[:LONGEST_LINE].strip()
    return line.endswith(":") and bool(YEAR.search(line)) and (bool(ADDRESS.search(line)) or (by_hour and bool(HOUR.search(line))))
