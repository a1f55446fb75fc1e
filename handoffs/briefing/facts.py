"""What the customer said that can be looked up: numbers, amounts, addresses, each with its turn."""

import re

from handoffs.snapshots import Fact, Line

# Every repetition has an upper limit, and only READ characters of a turn are read: words come from strangers.
READ = 2000
ORDER = re.compile(
    r"(?i:\b(?:order|booking|invoice|ticket|case|reference)\b(?:\s{1,3}(?:number|no\.?|id|is)\b){0,3}\s{0,3}[:#]?\s{0,3})"
    r"((?=[\w-]{0,30}\d)[\w-]{2,40})"
)
AMOUNT = re.compile(r"[$€£]\s?\d[\d,]{0,15}(?:\.\d{1,4})?|(?<![\d,.])\d[\d,]{0,15}(?:\.\d{1,4})?\s?(?:dollars|euros?|pounds|usd|eur|gbp)\b", re.I)
FACTS = (
    ("e-mail", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("order number", ORDER),
    ("order number", re.compile(r"\b([A-Z]{1,3}-\d{3,20})\b")),
    ("amount", AMOUNT),
)


def facts_of(said: tuple[Line, ...], given: dict[str, object]) -> tuple[Fact, ...]:
    """Facts the assistant sent and those read from the customer's words with their turn; the latest value wins."""
    found = {name: Fact(name=name, value=str(value)[:200], by="assistant") for name, value in given.items()}
    for line in said:
        for name, pattern in FACTS:
            for match in pattern.finditer(line.text[:READ]):
                found[name] = Fact(name=name, value=(match.group(1) if pattern.groups else match.group(0)).strip(), turn=line.number or None)
    return tuple(found.values())
