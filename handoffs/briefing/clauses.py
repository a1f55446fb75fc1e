"""Words of a conversation cut into sentences, without markup, greetings and fillers."""

import re

# Words come from strangers: each repetition has an upper limit, and of one turn only so many characters and sentences are read.
READ = 1200
MOST_SENTENCES = 14
MARKUP = re.compile(r"<[^<>]{0,200}>|&(?:amp|gt|lt|nbsp|quot);|https?://\S{1,300}|[*_~`#]{2,5}")
PICTURES = re.compile("[\u202a-\u202e\u2066-\u2069\U0001f000-\U0001faff☀-➿️‍]")
ADDRESSED = re.compile(r"^[\s.]{0,3}(?:@\w{1,40}|Ask[A-Z]\w{1,30}|[A-Za-z]\w{1,30}(?:Helps?|Helpers|Support|Cares?))\b[\s,:]{0,3}")
END = re.compile(r"[.!?…]{1,9}[\"”’')\]]{0,2}\s{1,9}|\s{0,9}\n\s{0,9}")
ABBREVIATED = re.compile(
    r"\b(?:(?:Dr|Mr|Mrs|Ms|Prof|Sr|Jr|St|Ave|Rd|vs|e\.g|i\.e|approx|dept|acct|ext|tel|Inc|Ltd|Co|fig|[A-Z])\.\s{1,9}\S?|(?:No|Nr|art|ver|v)\.\s{1,9}\d)$", re.I,
)
# Where another thought begins within a sentence: "I want a refund, I was charged twice".
RUN_ON = re.compile(
    r",\s{1,3}(?=(?:i|i'm|i've|i'd|we|you|my|it|please|can|could|how|what|where|when|why)\b)|;\s{1,3}|,?\s(?:and|but|so)\s(?=(?:i|we)(?:'d| would"
    r"| really| just| also)?"
    r"\s(?:want|need|like|love|wish)\b)|\s[-–—]{1,2}\s|\s?\.{3,9}\s?|\s(?=my name(?:'s| is)\s)", re.I,
)
PAUSE = r"(?:[\s,.!:;–—-]{1,6}|$)"
LEADS = re.compile(
    r"^\W{0,6}(?:(?:(?:hi|hello|hey)(?: there| guys| team| all)?|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sirs?|team|all|support"
    r"|\w{1,20} team)|ug+h*|arg+h+|um+|uh+|hm+|oh|ah"
    r"|wow|lol|omg|so|ok|okay|please|pls|thanks?(?: you)?(?: (?:so|very) much)?(?: a lot)?|sorry|actually|also|and|but|then|anyway|honestly|basically|again"
    r"|seriously|guys|folks|everyone|sir|madam|sure|great|perfect|awesome|excellent|alright)\b"
    + PAUSE + r"|(?:yes|yeah|yep|yup|no|nope|nah|well|right|fine|good|cool|nice|cheers|dear|help)[,.!;:–—-]{1,3}\s{0,3}|help (?=there|my|i\b|someone|the\b))"
    r"|^\W{0,4}(?:my name(?:'s| is)|the name is)\s\w{1,20}(?:\s(?!and\b)\w{1,20}){0,2}(?:\s{0,2}[,.;!]\s{0,3}|\sand\s|$)", re.I,
)
NAMED = re.compile(
    r"^\W{0,4}(?:[Ii]t'?s|[Tt]his is|[Ii]'?m|[Ii] am)\s[A-Z][a-z]{1,20}(?:\s[A-Z][a-z]{1,20}){0,2}(?:\s(?:here|speaking))?(?:\s{0,2}[,.;!]\s{0,3}|\sand\s|$)"
)
TAILS = re.compile(
    r"[\s,.;–—-]{1,4}(?:please|pls|thanks?(?: you)?(?: (?:so|very) much)?|thx|help|asap please|if (?:that'?s )?(?:possible|you can|you could)|for me"
    r"|or something|(?:can|could|would) you (?:please )?help(?: me| us)?(?: out)?(?: with (?:that|this|it))?"
    r"|or not|ok(?:ay)?|right|though|then|lol|too|also|as well)[\s.!?…]{0,4}$", re.I,
)


def plain(text: str) -> str:
    """A turn's words as they are read here: no tags, links, pictures or address in front, one kind of apostrophe, paragraphs kept."""
    kept = PICTURES.sub(" ", MARKUP.sub(" ", text[:READ].replace("’", "'").replace("‘", "'")))
    return ADDRESSED.sub("", re.sub(r"[^\S\n]{1,500}", " ", kept)).strip()


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a plain text; an abbreviation ("Dr.") ends none."""
    parts, start = [], 0
    for end in END.finditer(text):
        if not ABBREVIATED.search(text[max(start, end.start() - 12) : end.end() + 1]):
            parts.append(text[start : end.end()].strip())
            start = end.end()
    parts.append(text[start:].strip())
    return tuple(part for part in parts if re.search(r"\w", part))[:MOST_SENTENCES]


def clauses(sentence: str) -> tuple[str, ...]:
    """The thoughts of a sentence, each with enough words to stand alone; the question mark stays with the last."""
    parts = [part.strip(" ,") for part in RUN_ON.split(sentence)]
    return tuple(part for part in parts if len(part.split()) > 1) if all(len(part.split()) > 2 for part in parts) else (sentence,)


def bare(sentence: str) -> str:
    """A sentence without greeting, interjection, self-introduction or courtesy at its ends. A "no" that denies what follows stays."""
    before = None
    while before != sentence:
        before = sentence
        sentence = NAMED.sub("", LEADS.sub("", sentence, count=1), count=1)
    asks = sentence.rstrip().endswith("?")
    while (shorter := TAILS.sub("", sentence)) != sentence:
        sentence = shorter
    sentence = sentence.strip(" ,;:-–—")
    return f"{sentence}?" if asks and not sentence.endswith("?") and sentence else sentence


def cut(text: str, words: int) -> str:
    """At most so many words; what was cut ends in "…", and in no word that promises another, nor in a figure without its unit."""
    parts = text.split()
    if len(parts) <= words:
        return text
    kept = parts[:words]
    while len(kept) > 4 and (kept[-1].lower().strip(",") in DANGLING or kept[-1].isdigit()):
        kept.pop()
    return " ".join(kept).rstrip(",;:.-–") + "…"


DANGLING = frozenset(re.findall(r"\S+", """
    a an the and or but to of for in on at by with from as that this my their your our its is are was were be been has have had will would can could
    i they it he
    she we not no very so if when which who where because since than then about into per do does did don't i'm they're
"""))
