"""Days and times of day as people write them: "3pm", "next Tuesday", "12/03/2026", "the 5th of May", "2026-05-03", "den 5. Mai"."""

import re

WEEKDAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
    "|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira"
)
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|januar|februar|märz|juni|juli|oktober|dezember|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro"
)
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
NTH = rf"{DAY}\s?(?:st|nd|rd|th)"
WORDED = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
ORDERED = "class|floor|time|place|person|question|step|try|attempt|party|gen|generation|half|hand|one|line|street|avenue|grade|level"
HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
# Parts of the patterns below, which are read without their spaces: here a space is always written \s.
RELATIVE = (
    r"(?:day\safter\s)?tomorrow|today|tonight|yesterday|(?:(?<!\bthe\s)(?:next|this|last)|coming)\s(?:week(?:end)?|month|year)"
    rf"|(?<!\btimes\s)(?<!\btwice\s)(?<!\bonce\s)(?P<ahead>in\s(?:\d{{1,3}}|a|{HOURS})\s(?:days?|weeks?|months?))"
    r"|mañana|hoy|ayer|demain|hier|aujourd['’]hui|(?<!\bguten\s)morgen|gestern|heute|amanhã|domani"
)
PART = r"(?:in\sthe\s)?(?<!\bgood\s)(?:morning|afternoon|evening)|at\snight|noon|midday|midnight"
DATE = re.compile(
    rf"""(?<![\w.,/:])(?:
      (?<!-)\d{{4}}[-/.](?:1[0-2]|0?[1-9])[-/.]{DAY}(?![\d/-])
    | (?<!-){DAY}[/.-]{DAY}[/.-](?:\d{{4}}|\d{{2}})(?![\d/-]|\.\d)
    | (?<!-){DAY}/{DAY}(?![\d/-])
    | (?:(?:{WEEKDAYS})\.?,?\s)?(?:the\s)?(?:{NTH}|{DAY}\.?|{WORDED})\s(?:of\s|de\s)?(?:{MONTHS})\b\.?(?:,?\s(?:de\s)?(?:19|20)\d\d\b)?
    | (?:(?:{WEEKDAYS})\.?,?\s)?(?:{MONTHS})\.?\s(?:the\s)?(?:{NTH}|{DAY}|{WORDED})\b(?:\s?[-–]\s?{DAY}(?:st|nd|rd|th)?\b)?(?![:\d])(?:,?\s(?:19|20)\d\d\b)?
    | (?:{MONTHS})\.?,?\s(?:19|20)\d\d\b
    | (?:(?:next|this|last|on|coming)\s)?(?:{WEEKDAYS})s?\b(?:,?\s(?:the\s)?{NTH})?(?!\w)
    | (?:the\s)?{NTH}(?:\s?[-–]\s?{NTH})?\b(?!\s(?:{ORDERED})\b)
    | (?:{RELATIVE})\b
    | (?:in|by|since|for|until|of|this|next|last)\s(?:{MONTHS})\b(?!\.?,?\s(?:the\s)?(?:{DAY}|{WORDED}|(?:19|20)\d\d)(?!\d|:))
    )""",
    re.I | re.X,
)
TIME = re.compile(
    rf"""(?<![\w.,/:$€£-])(?:
      (?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?(?:\s?[ap]\.?m\.?)?\s?[-–]\s?(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?\s?[ap]\.?m\b\.?
    | (?:[01]?\d|2[0-4])\s?(?:[:.]\s?[0-5]\d)?\s?[ap]\.?\s?m\b\.?
    | (?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])(?:\s?(?:uhr|h)\b)?
    | (?:[01]?\d|2[0-4])\s?(?:h(?:[0-5]\d)?|uhr)\b
    | (?:{HOURS}|\d{{1,2}})(?:\sthirty)?\s(?:o['’ ]?clock|[ap]\.?m\b\.?|in\sthe\s(?:morning|afternoon|evening))
    | (?:half\spast|quarter\s(?:past|to))\s(?:\d{{1,2}}|{HOURS})(?:\s?[ap]m)?
    | (?:{PART})\b
    | (?<=\bat\s)(?:1[0-2]|[1-9])(?=\s?(?:[.,!?;]|$|(?:and|please|on|for|today|tomorrow|tonight|instead)\b))
    )""",
    re.I | re.X,
)
# How names of weekdays and months begin, and what else a date without figures has: most texts have neither, and reading for dates is dear.
BEGIN = frozenset(name[:3] for name in f"{WEEKDAYS}|{MONTHS}".split("|"))
TOLD = frozenset(re.findall(r"\S+", """
    tomorrow today tonight yesterday day days week weeks weekend month months year
    mañana hoy ayer demain hier aujourd morgen gestern heute amanhã domani
"""))
LEADS = re.compile(r"^(?:on|in|by|since|for|until|of|the)\s+", re.I)
WEEKDAY_ALONE = re.compile(r"(?:mon|sat|sun|wed|may|mar|mars|mai|marzo|mayo|lundi|second|first|third)s?", re.I)


def may_name_days(words: frozenset[str]) -> bool:
    """Whether a text without figures, of these words in small letters, may have dates."""
    return not (TOLD.isdisjoint(words) and BEGIN.isdisjoint([word[:3] for word in words]))


def days(text: str) -> list[tuple[int, int]]:
    """Where dates stand in a text."""
    return [span for match in DATE.finditer(text) if (span := _span(match)) and not _is_a_word(text[slice(*span)])]


def hours(text: str) -> list[tuple[int, int]]:
    """Where times of day stand in a text."""
    return [match.span() for match in TIME.finditer(text)]


def _span(match: re.Match[str]) -> tuple[int, int]:
    lead = None if match["ahead"] else LEADS.match(match.group())
    return match.start() + (lead.end() if lead else 0), match.end()


def _is_a_word(found: str) -> bool:
    """Short names of days and months that are words too ("sat", "sun", "may") count with a capital alone."""
    return bool(WEEKDAY_ALONE.fullmatch(found)) and not found[:1].isupper()
