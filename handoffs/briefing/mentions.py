"""What stands in one text that can be looked up: numbers with their labels, amounts, dates, addresses, names; each with its place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handoffs.briefing import dates, masking

# Every repetition has an upper limit, and only so many characters of a text's two ends are read: words come from strangers.
LONGEST = 200
MOST_MENTIONS = 60
NUMBERED = {
    "order": "order number", "purchase": "order number", "pedido": "order number", "commande": "order number", "bestellung": "order number",
    "bestell": "order number", "ordine": "order number", "encomenda": "order number", "booking": "booking number", "reservation": "booking number",
    "confirmation": "booking number", "reserva": "booking number", "buchung": "booking number", "invoice": "invoice number", "bill": "invoice number",
    "receipt": "invoice number", "factura": "invoice number", "facture": "invoice number", "rechnung": "invoice number", "tracking": "tracking number",
    "parcel": "tracking number", "shipment": "tracking number", "account": "account number", "customer": "account number", "member": "account number",
    "membership": "account number", "iban": "account number", "cuenta": "account number", "compte": "account number", "konto": "account number",
    "serial": "serial number", "imei": "serial number", "ticket": "reference", "case": "reference", "reference": "reference", "ref": "reference",
    "claim": "reference", "request": "reference", "policy": "policy number", "flight": "flight number", "phone": "phone", "mobile": "phone",
    "telephone": "phone", "cell": "phone", "card": "card number", "room": "room number", "version": "version", "zip": "postcode", "postal": "postcode",
    "pin": "PIN", "passcode": "PIN", "cvv": "PIN", "cvc": "PIN", "security": "PIN", "otp": "PIN",
}
PLURAL = frozenset({"amount", "date", "time", "quantity", "number", "version"})
BOUNDED = frozenset({"amount", "time", "quantity", "number"})
SECRET = frozenset({"PIN", "password", "card number"})
WITH_DIGIT = r"(?=[\w/.-]{0,40}\d)[A-Za-z\d](?:[\w/-]|[.](?=\w)){0,39}"
LABELLED = re.compile(
    rf"\b(?P<label>{'|'.join(NUMBERED)})s?(?P<mark>\s{{0,2}}(?:(?:numbers?|nummer|número|numéro|numero|code|id)\b|(?:no|nr)\b\.?|n[°º]))?(?:\s?(?:is"
    rf"|was|it['’]?s|are|of|for|es|est|ist|è|é)\b)"
    rf"{{0,2}}\s{{0,2}}[:#=]{{0,2}}\s{{0,2}}(?:either\s)?#?(?P<value>{WITH_DIGIT})",
    re.I,
)
ANY_NUMBERED = re.compile(
    rf"\b(?P<label>(?!(?:my|the|with|your|this|that|to|for|an|his|her|its|our|and|is|of|use|by)\b)[a-z]{{2,20}}) (?P<mark>id|number"
    rf"|code)\b(?:\s(?:is|was))?\s{{0,2}}[:#=]?\s{{0,2}}#?(?P<value>{WITH_DIGIT})",
    re.I,
)
PASSWORD = re.compile(
    r"\b(?:password|passwort|contraseña|mot de passe|senha|passphrase)(?:\s?(?:=|:)\s{0,2}[\"'“]?|\s(?:is|was|es|est|ist)\s(?:[\"'“]"
    r"|(?=\S{0,60}[\d!@#$%^&*_])))(?P<value>\S{3,60})", re.I
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){2,7}(?:\s?[A-Z\d]{1,3})?\b")
CODE = re.compile(r"(?<![\w@#.-])#?((?=[A-Z-]{0,6}[A-Z])[A-Z]{1,4}-?\d{3,20}(?:-\d{1,10})?)(?![\w@])")
PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{1,5}\)[\s.-]?)?\d{2,5}(?:[\s.-]\d{2,8}){1,4}(?![\w,/-])"
    r"|(?<!\w)\+\d{1,3}(?:[\s.-]?\d{2,8}){1,4}\b"
)
CURRENCY = (
    r"dollars?|bucks?|euros?|pounds?|quid|cents?|usd|eur|gbp|chf|francs?|inr|rupees?|yen|jpy|sek|nok|dkk|kronor|kroner|pln|zł|cad|aud|pesos?|reais"
    r"|r\$|kr|€|\$|£|¥|₹"
)
SPELLED = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
SPELLED_WORDS = frozenset(SPELLED.split("|"))
FIGURE = r"\d{1,15}(?:[.,'’]\d{1,4}){0,4}"
AMOUNT = re.compile(
    rf"(?:[$€£¥₹]|r\$|(?<!\w)(?:usd|eur|gbp|chf|inr)\s)\s?{FIGURE}(?:\s?k\b)?|(?<![\w.,]){FIGURE}\s?(?:k\s)?(?:{CURRENCY})(?!\w)"
    rf"|\b(?:a\s)?(?:(?:{SPELLED})[\s-](?:and\s)?){{1,6}}(?:{CURRENCY})(?!\w)",
    re.I,
)
STREET = r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|place|square|court|ct|close|terrace|highway|straße|strasse|platz|weg"
ADDRESS = re.compile(
    rf"\b\d{{1,3}}(?:st|nd|rd|th)\s(?:and|&)\s[A-Z]\w{{1,20}}|(?:(?<=\bto )|(?<=\bat )|(?<=\bfrom )|(?<=\bnear ))\d{{1,3}}(?:st|nd|rd"
    rf"|th)\s(?:and|&)\s\w{{2,20}}|\b\d{{1,5}}[A-Za-z]?\s(?:[A-Z][\w'’.-]{{1,30}}\s){{1,4}}(?i:{STREET})\b\.?"
    rf"|\b\w{{1,30}}(?i:stra(?:ß|ss)e|gasse|allee)\s\d{{1,4}}[a-z]?\b"
)
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b(?<=[A-Z]{2} )\d{5}(?:-\d{4})?\b")
COUNTED = re.compile(
    rf"(?<![\w.,$€£-])(?:\d{{1,6}}|{SPELLED})[\s-]?(?:people|persons?|guests?|adults?|kids|children|nights?|days?|weeks?|months?|years?"
    rf"|hours?|hrs?|min(?:ute)?s?|sec(?:ond)?s?|bedrooms?"
    r"|rooms?|beds?|tickets?|items?|pieces?|units?|boxes|packs?|bags?|times|licen[cs]es|seats?|users?|copies|stars?|gb|mb|kg|km|miles?)\b",
    re.I,
)
ERROR = re.compile(
    r"\berror(?:\s(?:message|code|number))?(?:\s(?:is|was|says|that says|saying|reads"
    r"|of))?\s?[:#]?\s{0,2}(?P<value>[\"“'‘][^\"”'’\n]{3,160}[\"”'’]|[A-Z]?\w{0,20}[-_]?\d{2,10}\w{0,10})",
    re.I,
)
VERSION = re.compile(r"(?<![\w.])v?\d{1,4}(?:\.\d{1,6}){2,4}(?:\.\w{1,12}){0,3}\b|\bv\d{1,4}(?:\.\d{1,6})?\b|(?<=\bversion )\d{1,4}(?:\.\d{1,6}){0,4}", re.I)
USERNAME = re.compile(r"\b(?:user\s?name|login|handle|user id)\s?(?:is|was|:)\s{0,2}(?P<value>[\w.@+-]{2,60})", re.I)
CAPITAL = r"[A-ZÀ-ÞĀ-Ž][\w'’-]{1,30}"
NAMED = re.compile(
    rf"\b(?i:my (?:full )?name is|my name['’]?s|name\s?:|the name['’]?s|under the name(?: of)?|call me|me llamo|mi nombre es|je m['’]appelle|ich hei(?:ß|ss)e"
    rf"|mein name ist|mi chiamo|il mio nome è|meu nome é|chamo-me|ik heet|jag heter)\s{{1,3}}(?P<value>(?:(?i:dr|mr|mrs"
    rf"|ms)\.?\s)?{CAPITAL}(?:\s{CAPITAL}){{0,3}}|[a-z]{{2,20}}(?=\s?(?:[.,!]|$|and\b)))"
)
I_AM = re.compile(
    rf"\b(?:[Ii](?:['’]?m| am)|[Tt]his is|[Ii]t['’]?s)\s(?P<value>(?:Dr\.?\s)?{CAPITAL}(?:\s{CAPITAL}){{0,2}})(?=\s?(?:[.,!;-]|$|and\b|from\b"
    rf"|here\b|calling\b))"
)
TOKEN = re.compile(r"(?<![\w$€£])#?(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|[A-Za-z]{0,6}-?\d[\w]{0,30}(?:[-/.:][\w]{1,30}){0,4}|[A-Za-z]{1,12}\d[\w-]{0,30})%?")
FROM = re.compile(
    r"(?:\b(?:any ?time |no |not )?(?:after|before|around|about|at least|at most|over|under|up to|beyond|more than|less than|later than"
    r"|earlier than|until|max(?:imum)?|min(?:imum)?)"
    r"(?: an?)?\s)$",
    re.I,
)
TO = re.compile(r"\s(?:or (?:so|later|earlier|less|more|after|before)|(?:at the )?(?:earliest|latest)|max(?:imum)?|tops|minimum)\b", re.I)
NOT = re.compile(
    r"(?:\b(?:not|(?:any\w{0,5}|all) but|isn['’]?t|wasn['’]?t|never|instead of|rather than|wrong)\b(?:\s(?:for|on|at|the|my|a|is|be|by|was"
    r"|order|number)\b){0,3}[\s:\"'“]{0,3})$",
    re.I,
)
# "Is it A-1?" asks for the value; "where is my order A-1?" gives it.
WONDERED = re.compile(
    r"(?<!\bwhere )(?<!\bwhen )(?<!\bwhy )(?<!\bhow )(?<!\bwhat )\b(?:is|was|isn['’]?t|wasn['’]?t|could|might)\s(?:(?:it|that|this|they)"
    r"(?:\s(?:be|the|a|an|my|for|at|on|in|order|number|called)){0,3}|(?:the|my|your)(?:\s[\w'’-]{1,20}){1,3})[\s:#\"“'‘]{1,3}$",
    re.I,
)
SAID_I = re.compile(r"\b(?:did|have) i (?:say|give|tell)\b[^.!?\n]{0,40}$", re.I)
ENDS_ASKED = re.compile(r"(?:\s(?:or|then|maybe|perhaps|by any chance|right)\b[^.!?\n]{0,40})?[\s\"”'’]{0,3}\?", re.I)


@dataclass(frozen=True)
class Mention:
    """A value in a text: its field, where it stands, and whether it is denied ("not A-1") or only asked about ("is it A-1?")."""

    name: str
    value: str
    start: int
    end: int
    denied: bool = False
    wondered: bool = False


def mentions(text: str) -> list[Mention]:
    """What stands in a text, in its order; of two readings of the same words the surer one."""
    taken = bytearray(len(text))
    found = []
    for name, start, end in _readings(text):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(_mention(text, name, start, end))
        if len(found) == MOST_MENTIONS:
            break
    return sorted(found, key=lambda mention: mention.start)


def _mention(text: str, name: str, start: int, end: int) -> Mention:
    before, after = text[max(0, start - 60) : start], text[end : end + 60]
    if name in BOUNDED:
        bound, beyond = FROM.search(before), TO.match(after)
        start, end = start - (len(bound.group()) if bound else 0), end + (beyond.end() if beyond else 0)
    value = text[start:end].strip(" \t\n.,;:!?#\"“”'‘’")
    shown = masking.card(value) if name == "card number" else masking.HIDDEN if name in SECRET else " ".join(value.split())[:LONGEST]
    return Mention(name, shown, start, end, denied=bool(NOT.search(before)), wondered=name not in PLURAL and _wondered(before, after))


def _wondered(before: str, after: str) -> bool:
    if ENDS_ASKED.match(after) and WONDERED.search(before):
        return True
    return re.match(r"[^.!?\n]{0,60}\?", after) is not None and SAID_I.search(before) is not None


def _readings(text: str) -> Iterator[tuple[str, int, int]]:
    """The field and place of everything that may stand in a text, the surest first."""
    figures, words = any(map(str.isdigit, text)), frozenset(re.findall(r"\w+", text.lower()))
    yield from _all("e-mail", EMAIL, text) if "@" in text else ()
    yield from _all("password", PASSWORD, text)
    if figures:
        yield from (("card number", *span) for span in masking.cards(text))
        yield from _all("account number", IBAN, text)
        yield from _labelled(text)
        yield from _all("error message", ERROR, text)
        yield from _all("postcode", POSTCODE, text)
        yield from _all("address", ADDRESS, text)
        yield from _all("order number", CODE, text)
    if figures or dates.may_name_days(words):
        yield from (("date", *span) for span in dates.days(text))
    yield from (("time", *span) for span in dates.hours(text))
    if figures or not SPELLED_WORDS.isdisjoint(words):
        yield from _all("amount", AMOUNT, text)
    if figures:
        yield from (("phone", *match.span()) for match in PHONE.finditer(text) if 8 <= sum(sign.isdigit() for sign in match.group()) <= 15)
        yield from _all("version", VERSION, text)
    yield from _all("quantity", COUNTED, text)
    yield from _all("username", USERNAME, text)
    yield from _all("name", NAMED, text)
    yield from _all("name", I_AM, text)
    if figures:
        yield from _loose(text)


def _all(name: str, pattern: re.Pattern[str], text: str) -> Iterable[tuple[str, int, int]]:
    value: int | str = "value" if "value" in pattern.groupindex else min(pattern.groups, 1)
    return ((name, *match.span(value)) for match in pattern.finditer(text))


def _labelled(text: str) -> Iterator[tuple[str, int, int]]:
    for match in LABELLED.finditer(text):
        if match["mark"] or not re.fullmatch(r"\d{1,2}(?::\d\d)?(?:[ap]m|st|nd|rd|th)?", match["value"], re.I) or text[match.start("value") - 1] == "#":
            name, (start, end) = NUMBERED[match["label"].lower()], match.span("value")
            whole = PHONE.match(text, start) if name == "phone" else None
            yield name, start, whole.end() if whole else end
    for match in ANY_NUMBERED.finditer(text):
        yield f"{match['label'].lower()} {match['mark'].lower()}", *match.span("value")


def _loose(text: str) -> Iterator[tuple[str, int, int]]:
    """Figures no other reading knows: long ones are references to something, short ones are numbers."""
    for match in TOKEN.finditer(text):
        plain = re.sub(r"\D", "", match.group())
        yield "reference" if len(plain) >= 5 and not match.group().endswith("%") else "number", *match.span()
