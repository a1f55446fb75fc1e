"""The words by which claims are known: what denies, wishes, alleges, does and grants, and what speaks to a model that reads along."""

import re

from handoffs.snapshots import Outcome
from handoffs.wording import FILLER, stem


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, _words(text)))


NOT = frozenset(_words("""
    not never no none nobody nothing neither nor without cannot unable cant dont doesnt didnt wont isnt wasnt arent werent hasnt havent hadnt couldnt wouldnt
    shouldnt aint nowhere
"""))
# Words that deny others without a "not".
DENYING = {
    stem(word): _stems(others)
    for words, others in (
        ("broken faulty defective dead down crash crashes crashing crashed freeze freezing frozen stuck stop stopped stops hang hanging bug glitch issue issues"
         " problem trouble error errors", "work function load open play connect use run able access log display show update respond"),
        ("missing lost late delay delayed wait waiting waited pending", "arrive come receive deliver get ship respond reply answer yet appear"),
        ("refuse refused refuses decline declined declines deny denied denies reject rejected", "allow accept approve able give let process"),
        ("fail failed fails failing failure unsuccessful impossible", "able work possible success succeed load process complete"),
        ("unhappy dissatisfied disappointed upset angry poor bad terrible awful worst", "happy satisfied good satisfy please help helpful"),
        ("ignore ignored ignoring silence unanswered", "respond reply answer hear response get receive contact"),
        ("locked blocked offline unavailable disabled closed full out", "access available log able connect work use"),
        ("wrong incorrect", "right correct"), ("hard difficult", "easy able"), ("unknown unsure unclear", "know sure clear known"),
    )
    for word in _words(words)
}
# Words about the conversation itself.
NEUTRAL = _stems("agent assistant customer problem issue ask state say tell all make")
# Whoever denies one of these denies the others.
KIN = tuple(_stems(words) for words in (
    "respond response reply replied answer answered hear contact contacted call called", "see view watch visible show display appear", "let allow permit",
    "provide give get got receive received obtain", "know aware inform informed told", "help assist attend support resolve solve fix address",
    "book reserve reservation", "download install load open start", "work function able access use", "pay charge refund credit",
    "arrive deliver delivered come show",
))
LIGHT = FILLER | frozenset(_words("""
    he she him his her hers onto able even being yet got get gets getting gotten having be been ever longer more further other such one find give given
    written wrote write
"""))
# Behind these stands what is wished, asked or imagined: no claim that it is so.
WISH = re.compile(
    r"\b(?:want|need|wish|would like|ask|request|hop|expect|demand|if|whether|how|when|why|where|what|can|could|should|may|might|must|to|for|please|let|seek"
    r"|wonder|open)(?:s|ed|es|ing)?\b"
)
ASKED = re.compile(r"(?:if|whether|how|when|why|where|what|until)s?")
FINITE = re.compile(r"\b(?:was|were|is|are|has|have|had|will|did|got)\b")
FAVOUR = re.compile(
    r"\b(?:approv\w*|authori[sz]ed|granted|accepted|agreed|refunded|reimbursed|credited|compensated|issued|processed|waived|confirmed|verified|validated|promised"
    r"|guarante\w*|offered|resolved|solved|fixed|repaired|completed|upgraded|extended|entitled|eligible|unlocked|reinstated|escalated|prioriti[sz]ed|vip|vetted"
    r"|whitelisted|trusted|exempt\w*|discount\w*|free of charge|on the house)\b"
)
ALLEGED = re.compile(
    r"\b(?:says?|said|saying|claim(?:s|ed|ing)?|according|report(?:s|ed)?|writes?|wrote|thinks?|thought|believes?|told|tells|mentions)\b"
)
# What only tells what the customer says or wants.
TOLD = re.compile(r"\b(?:customer|they|he|she|user)\s(?:(?:is|are|was|were|also|then)\s){0,2}"
    r"(?:say|ask|want|complain|report|need|request|tell|claim|wish|would like)")
CUSTOMERS = re.compile(r"\b(?:customer|customers|user|they|he|she|who|i)\b")
DEEDS = (
    r"(?:tried|attempted|checked|looked|searched|sent|changed|cancel+ed|closed|reopened|updated|corrected|replaced|shipped|dispatched|booked|rebooked|reset|blocked"
    r"|activated|deactivated|removed|deleted|transferred|scheduled|rescheduled|arranged|declined|rejected|refused|denied|failed|paid|found|opened|created|added"
    r"|restarted|reversed|returned|ordered|logged|filed|registered|forwarded)"
)
DEED = re.compile(rf"\b{DEEDS}\b")
WAS_DONE = re.compile(rf"\b(?:was|were|been|is|are|got)\s(?:(?:already|now|since|also|just)\s)?({DEEDS})\b")
FIRMS = r"(?:assistant|ai|agents?|support|representative|advisor|company|firm|brand|team|staff|we|system|shop|store|bank|manager|supervisor|provider|seller)"
FIRM = re.compile(rf"\b(?:{FIRMS}|it)\b")
DID = re.compile(
    rf"\b{FIRMS}\s(?:(?:has|have|had|also|just|then|already|now|successfully|even|later|who|that|and)\s){{0,3}}"
    rf"({DEEDS}\b(?:\s(?:that|to|the customer|customer|him|her|them)\b)?)"
)
DENIED = re.compile(r"\b(?:not|no|never|without)\b|n't\b")
# "Updated the customer" is to tell.
SPEAKING = re.compile(r"updated\s")
SAID_OUTCOME = (
    (Outcome.REFUSED, re.compile(r"\b(?:refused|declined|denied|rejected|not allowed|forbidden)\b")),
    (Outcome.UNKNOWN, re.compile(r"\b(?:(?:result|outcome) is (?:not known|unknown)|without a result|unknown result)\b")),
    (Outcome.FAILED, re.compile(
        r"\b(?:fail(?:ed|s|ure|ing)?|unsuccessful\w*|without success|couldn't|could not|cannot|can't|unable|didn't work|did not work|error|in vain)\b")),
    (Outcome.DONE, re.compile(r"\b(?:work(?:ed|s)|success\w*|succeed(?:ed|s)|done|completed|went through)\b")),
)
FELL_SHORT = frozenset([Outcome.FAILED, Outcome.REFUSED])
# Words to whoever reads along, not to the firm: what stands beside them vouches for nothing.
TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instruct|prompt|rules|previous|above|prior|everything|guideline)"
    r"|(?:^|\n|[\[<#*]\s?)\s{0,3}(?:system|assistant|developer|admin|ai|model|llm|gpt|summari[sz]er)"
    r"(?:\s(?:prompt|message|note|override|mode|instructions?))?\s?[:>\]]"
    r"|\b(?:system|admin|developer)\s(?:prompt|message|note|override|mode|instruction)"
    r"|\b(?:write|output|print|summari[sz]e)\s(?:(?:in|into|to)\s\w+\s\w+\s)?(?:that|only|exactly|just|this|as|it as|the following)\b(?! down)"
    r"|\b(?:write|state|say|put|record|add|include|mention|note|set|make|insert|end|begin|start|fill)\b"
    r"[^.!?\n]{0,50}\b(?:the|your|this) (?:summary|brief|goal|notes?|hand-?off)\b"
    r"|\b(?:respond|reply|answer|return)\s(?:only|exactly|with only|in json|with\s?[{\[\"“:])"
    r"|(?:^|[.!?\n]\s{0,3})(?:please\s)?(?:say|claim|state|declare|pretend)\s(?!that again|it again|if|what|hello|hi|thanks)"
    r"|\b(?:write|add|include|insert|append)\s(?:a|the|this|these|following)\s(?:following\s)?(?:sentence|line|text|poem)|(?:^|\n)\s{0,3}(?:summary|goal|brief)\s?[:=]"
    r"|\b(?:the|your) (?:summary|brief|notes?) (?:must|should|has to|needs? to|only|says?)\b|\bif you are an? (?:ai|assistant|language model|model)\b"
    r"|\byour (?:summary|brief|goal|only goal|task is|new task|output|json|instructions?|prompt|role is)\b"
    r"|\byou are (?:now an?|no longer|an? (?:ai|assistant|language model|model))\b|\bnew (?:instructions?|rules?|role)\b|\b(?:pretend|act as|role-?play)\b"
    r"|\b(?:language model|jailbreak|dan mode|end of (?:data|conversation|transcript|prompt|turns?)|prompt injection|summari[sz](?:er|ing (?:model|ai)))\b"
    r"|[{<\[]/?\s?[\"“]?(?:system|inst|goal|sentences|role|\|?im_start|\|?im_end|data|user|assistant|text|brief|summary)\b",
    re.I,
)
