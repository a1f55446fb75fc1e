"""The ways in which customers voice a need, as patterns; what follows a match is the need itself."""

import re
from dataclasses import dataclass
from typing import Literal

# to: what they want to do; you: what they ask the firm to do; for: a thing; how: the way to do it; about: an indirect question; ask: a direct one.
Kind = Literal["to", "you", "for", "how", "about", "ask", "said", "none"]
I = r"(?<!\bif )(?<!\bdo )(?<!\bdid )(?<!\bwhen )(?<!\bhave )\b(?:i|we)"  # noqa: E741
ADVERB = r"(?: (?:just|really|only|still|also|now|actually|simply|desperately|urgently|definitely|kind of|sort of|currently|please)){0,2}"
BEING = "looking trying hoping wanting calling writing asking needing planning seeking interested requesting"
WISH = (
    rf"(?:{I}{ADVERB}(?:'?d|'?ll| would| will){ADVERB} (?:want|need|like|love|prefer|appreciate)\b"
    rf"|{I}{ADVERB}(?: do)?{ADVERB} (?:want(?:ed)?|need(?:ed)?|require)\b"
    rf"|{I}(?:'?m| am| was|'re| are|'ve been| have been)?{ADVERB} (?:{BEING.replace(' ', '|')})\b"
    r"|^(?:need(?:ed|ing)?|want(?:ed|ing)?|looking|trying|hoping|requesting|would like)\b)"
)
NOT_WISHED = r"(?! (?:you|it|that|this) to know\b| more\b)"
NOT_ASKED = r"(?<!when )(?<!what )(?<!where )(?<!how )(?<!why )(?<!who )(?<!which )"
CAN_YOU = (
    rf"{NOT_ASKED}\b(?:can|could|would|will|may) (?:you|u|someone|somebody|anyone|anybody|any ?one)(?: guys| all)?"
    r"(?: please| kindly| pls| just| maybe| possibly| perhaps| be able to| mind| help){0,3}"
)
CAN_I = rf"{NOT_ASKED}\b(?:can|could|may|might) (?:i|we)\b{ADVERB}(?: please)?"
TOLD = r"(?:tell (?:me|us)|let (?:me|us) know|explain|advise|confirm|check(?: and see)?|see|find out|know|inform me|say)"
WH = r"(?:what|when|where|which|who|whose|why|how|if|whether)"
VERBS = re.findall(r"\w+", """
    add activate adjust apply arrange book buy call cancel change check close collect confirm connect contact create credit deactivate delete deliver dispute
    downgrade email enable end exchange explain expedite extend find fix get give hold increase install issue join lock lower make modify move open order
    organize organise pause pay plan play process provide push put rebook recommend refund remove renew reopen replace report request reschedule
    resend reserve
    reset resolve return review revoke rsvp schedule search send set show start stop submit subscribe switch take tell track transfer turn unlock unblock
    unsubscribe update upgrade use verify withdraw
""")
VERB = rf"(?:{'|'.join(VERBS)})\b"
# A frame is tried only on sentences with one of its words.
WISHING = f"want wanted wanting need needed needing like love prefer appreciate require {BEING}"
ABLE, HELP, OPEN = "can could would will may might", "help assist assistance", "where when what which who why how"


@dataclass(frozen=True)
class Frame:
    """A pattern with the kind of need after it, how clearly it voices one (0..1.1), and the words of which one must be there."""

    kind: Kind
    weight: float
    words: frozenset[str]
    pattern: re.Pattern[str]
    is_order: bool = False  # "cancel it": never in a question


def _frame(kind: Kind, weight: float, words: str, *pattern: str, is_order: bool = False) -> Frame:
    return Frame(kind, weight, frozenset(words.split()), re.compile("".join(pattern), re.I), is_order)


FRAMES: tuple[Frame, ...] = (
    _frame("about", 1.0, OPEN + " whose if whether", rf"(?:{CAN_YOU}|{CAN_I}|{WISH}(?: to)?|\bdo (?:you|u)"
        rf"|^(?:please )?)(?: ask(?: you)?)? ?\b{TOLD} (?={WH}\b)"),
    _frame("how", 1.0, "how", r"\bhow (?:do|can|could|would|should|to|might)(?: (?:i|we|you|u|one)\b)?(?: go about)?(?!\w) (?=[a-z])"),
    _frame("about", 0.9, "wonder wondering wondered", rf"\b(?:i(?:'m| am| was)?|we(?:'re| are)?) (?:just )?wonder(?:ing|ed)? (?={WH}\b)"),
    _frame("for", 1.0, "me us", rf"(?:{CAN_YOU}|{CAN_I}|{WISH}(?: to)?)(?: please)? (?:have|get|give|show|find|tell|send|offer|provide)(?: me"
        rf"| us)(?: with| about)? ",
           r"(?=\w)(?!to\b|out\b)"),
    _frame("to", 1.0, HELP, rf"(?:{CAN_YOU}|{WISH}(?: you)?(?: to)?|^) ?\b(?:help|assist)(?: (?:me|us))? (?:to |in |with )?(?={VERB})"),
    _frame("for", 1.0, HELP, rf"(?:{CAN_YOU}|{WISH}(?: you)?(?: (?:to|some|your|a little|any)){{0,2}}|^) ?\b(?:help|assistance|assist)(?: (?:me"
        rf"|us))?(?: out)? ",
           r"(?:with|on|in|regarding|about|for) (?:this |the )?(?:(?:issue|problem) (?:with|of) )?(?=\w)"),
    _frame("for", 1.0, HELP, rf"(?:{WISH}|^)(?: (?:some|your|a little|any))? ?(?=\bhelp (?:me )?\w{{2,20}}ing\b)"),
    _frame("you", 1.0, WISHING, rf"{WISH}{NOT_WISHED} (?:you|u|someone|somebody|your? guys) to (?=\w)"),
    _frame("you", 1.0, ABLE, rf"{CAN_YOU} (?=[a-z])(?!(?:me|us|help|you|not|believe|imagine)\b)"),
    _frame("to", 1.1, WISHING, rf"{WISH}{ADVERB} (?:to be able to|to|in) (?=[a-z])(?!(?:know|say|ask|talk|speak|chat|complain|thank|believe)\b)"),
    _frame("to", 1.0, "let lets", r"\blet'?s (?=[a-z])(?!(?:see|go|do|try|not|just|say|keep|continue|start)\b)"),
    _frame("to", 1.1, "wanna gotta", r"\b(?:wanna|gotta) (?=[a-z])"),
    _frame("about", 1.0, WISHING, rf"{WISH} to (?:know|ask|find out|see|check) (?:about )?(?={WH}\b)"),
    _frame("for", 1.0, WISHING, rf"{WISH} to (?:know|ask|find out|inquire|enquire|complain|talk|speak|chat)(?: (?:about|for))? ",
           r"(?=(?:the|my|your|our|a|an|his|her|their|about|how much)\b)(?:about )?"),
    _frame("for", 1.0, WISHING, rf"{WISH}{ADVERB}(?: (?:about|for|on|regarding|in regards to|in))? (?=\w)",
           r"(?!(?:to|you|me|that|it|this|help|assistance|more|some help|your help|in)\b)"),
    _frame("to", 0.9, ABLE + " possible way", rf"(?:{CAN_I}|\bis (?:it possible|there (?:a|any) ?way)(?: for (?:me|us))?(?: to| (?:i|we) can)) (?=[a-z])",
           r"(?!(?:you|have|get|help|just|be|talk|speak|ask|not)\b)"),
    _frame("for", 0.9, ABLE, rf"{CAN_I} (?:have|get) (?=\w)"),
    _frame("you", 0.9, " ".join(VERBS), rf"(?:^|\bplease |\bpls |\bkindly )(?:please |pls |kindly |just |go ahead and )?(?={VERB})",
           r"(?!order (?:\d|[A-Z]+-?\d|no|number|#|is\b|was\b|has\b))", is_order=True),
    _frame("ask", 0.8, OPEN + " is are does do did has have will was were can could should",
           r"(?:^|\bso |\bbut |\band )(?=(?:where|when|what|which|who|why|how|is|are|does|do|did|has|have|will|was|were|can|could|should)(?:'s"
           r"|'re)?\b[^?]{4,300}\?)"),
    _frame("ask", 0.7, OPEN, r"^(?=(?:where|when|what(?! a)|which|how|why)(?:'s|s|'re)?\b \w)"),
)
