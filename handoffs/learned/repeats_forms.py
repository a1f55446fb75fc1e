"""How agents ask in English: shapes of values, forms of a question, and what shows that it is none, as regular expressions."""

# What the words of a name say about the shape of its values.
KINDS: dict[str, str] = {
    "time": r"time|hour|start|end|departure time|when",
    "date": r"date|day|month|year|dob|birthday",
    "place": r"location|place|city|town|address|venue|destination|departure|arrival|origin|country|street|area",
    "number": r"number of \w+|size|count|quantity|num|guests|people|passengers|rooms|bedrooms|floor|age",
    "amount": r"amount|price|cost|fee|budget|sum|total|charge|rate",
    "person": r"name|guest|host|person|doctor|driver|contact|manager|owner",
    "id": r"id|number|code|reference|pin|iban|serial",
    "reason": r"reason|purpose|cause",
    "yes": r"needed|paid|required|included|wanted|balcony|elevator|delivery|reservations|parking",
}
ASKED_KINDS: dict[str, str] = {
    "time": r"\bwhen\b|(?:what|which) time|how (?:late|early|long)|what hour",
    "date": r"\bwhen\b|(?:what|which) (?:day|date|month|year)|how long ago",
    "place": r"\bwhere\b|(?:what|which) (?:city|town|place|location|area|part|address|country)",
    "number": r"\bhow (?:many|old|large|big|tall)\b|(?:what|which) (?:number|size|floor)",
    "amount": r"\bhow (?:much|expensive)\b|(?:what|which) (?:price|budget|amount)",
    "person": r"\bwho(?:m|se)?\b",
    "reason": r"\bwhy\b|how come",
    "yes": r"^(?:(?:and|so|ok|okay|also|but|then)[, ]+)*(?:do|does|did|are|is|was|were|have|has|had|will|any)\b(?! i\b)",
}
VALUE_KINDS: dict[str, str] = {
    "time": r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m|o'?clock)|\b\d{1,2}:\d\d\b|\bnoon\b|\bmidnight\b",
    "date": r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\btomorrow\b|\btoday\b|\b(?:january|february|march|april|june|july|august|september"
    r"|october|november|december)\b"
    r"|\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b|\b\d{1,2}(?:st|nd|rd|th)\b",
    "amount": r"[$€£]\s?\d|\b\d[\d.,]*\s?(?:dollars|euros?|pounds|credits)",
    "e-mail": r"\S@\S",
    "number": r"^\D{0,25}\b(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b\D{0,25}$",
    "id": r"\b(?=\w*\d)[\w-]{4,}\b",
    "yes": r"^\W*(?:yes|no|yeah|nope|yep|sure|not? really)\b",
}

GIVE = (
    r"(?:give|tell|provide|send|share|confirm|let (?:me|us) (?:have|know)|have|get|ask(?: for)?|know|specify|describe|remind|repeat|resend|spell"
    r"|forward|type|state|supply|drop|take|grab|note|say"
    r"|enter|read|see|list|name|mention|explain|check|verify|advise|indicate|message|text|reply with|paste|write)"
)
LEAD = (
    r"(?:(?:and|so|ok(?:ay)?|also|but|then|now|right|well|great|sure|alright|all right|hi|hello|hey|thanks?(?: you)?|sorry|perfect|good|first|next"
    r"|finally|lastly|just|oh|no problem|of course"
    r"|before (?:i|we) \w+(?: \w+){0,4}|to (?:help|find|check|look)(?: \w+){0,6}|in (?:that|this) case|one more thing|could be|fine|certainly"
    r"|absolutely|thank you)\b[\s,:!-]*(?:\w+, )?){0,4}"
)
FORMS: dict[str, str] = {
    "wh": rf"^{LEAD}(?:(?:at|for|on|in|with|to|from|by|since|under|about) )?(?:what|which|when|where|who|whom|whose|how|why)(?:'s|s)?\b",
    "wh_inside": r"\b(?:what|which|when|where|who|whom|whose|how (?:many|much|long|old)|why)(?:'s)?\b",
    "aux": rf"\b(?:can|could|would|will|may|might)\s(?:you|i|we|u)\s(?:(?:please|kindly|just|also|quickly|possibly|mind|be able to|be so kind as to"
    rf"|trouble you for)\s)*{GIVE}\b"
    r"|\b(?:would|do) you mind\b|\b(?:can|could|may) (?:i|we) (?:please )?trouble you\b",
    "imperative": rf"(?:^{LEAD}|\bplease (?:also |just )?|\bkindly )(?:provide|enter|give|tell|send|share|specify|describe|state|supply|type|let (?:me"
    rf"|us) (?:know|have)|reply with|confirm|repeat|resend"
    r"|spell|list|remind|drop|paste|write|name|explain|include|submit|add|advise|indicate)\b",
    "need": r"\b(?:i|we)(?:'ll|'d|'m| will| would| am| are)?\s(?:(?:just|only|still|also|first|really|do|would|will|then|like|love)\s)*"
    r"(?:need|require|missing|lack|want|like to (?:have|know)|don'?t have|do not have|could use|have to (?:know|have|ask|get)|must (?:know|have|ask)"
    r"|don'?t (?:know|see)|asking for)\b"
    r"|\b(?:is|are) (?:needed|required|missing)\b|\bwhat i need\b|\bif you (?:could|can|would) (?:\w+ )?(?:give|send|tell|share|provide|let)\b",
    "please": r"\bplease\b|\bpls\b|\bplz\b",
    "yes_no": r"^(?:\w+, )?" + LEAD + r"(?:do|does|did|are|is|was|were|have|has|had|any|will)\b(?! i\b)",
    "again": r"\bagain\b|\bonce more\b|\bone more time\b|\brepeat\b|\bremind\b|\bresend\b",
    "your": r"\byour\b|\byou\b|\bur\b",
    "either": r"\bor\b",
    "wish": rf"^{LEAD}(?:(?:would|do|did) you (?:\w+ly )?(?:like|want|wish|prefer|care|mind|require|need)"
    r"|shall|should|may i (?!have|get|ask|take|know)|can i (?!have|get|ask|take|know)|could i (?!have|get|ask|take|know))\b",
}
CUES: dict[str, str] = {
    "confirm": r"(?:^|[,;:–-] ?)(?:right|correct|yes|ok(?:ay)?|true|isn'?t (?:it|that)|is that (?:right|correct|ok|so|it)|am i right|did i get (?:that"
    r"|it) right)\s?\??$|\bis (?:that|this|it|the) (?:\w+ ){0,3}(?:still|right|correct)\b"
    r"|\bstill (?:the|your|at|on|in|living|valid|right|correct|using|go|want|for)\b|\bjust to (?:confirm|check|be sure|make sure|double)|\bto confirm\b"
    r"|\bdouble.?check|\b(?:do|did) i (?:have|get) (?:that|it|this|your|the)\b"
    r"|\b(?:should|shall) (?:i|we)\b|\b(?:can|may|could) (?:i|we) (?:go ahead|proceed|book|confirm|reserve|use|schedule|order|cancel|refund|send|update"
    r"|change|close|contact|call|reach|write|reply|ship)\b"
    r"|\byou (?:said|mean|meant)\b|\b(?:i|we) have (?:it )?(?:as|down)\b|^(?:so|and)?,? ?(?:that'?s|it'?s|this is|you are|you'?re)\b|\b(?:is|was|are"
    r"|were) (?:it|this|that|these)\b.{0,60}$|\bis your [\w ]{2,25}\b(?:is|still)",
    "security": r"\bsecurity\b|\bverif(?:y|ying|ication)\b|\bidentit(?:y|ies)\b|\bidentify you\b|\bdata protection\b|\bgdpr\b|\bauthenticat\w+"
    r"|\b(?:make|be) sure (?:it'?s|it is|that (?:it'?s|i'?m)|i'?m|i am) "
    r"|\bprove\b|\bproof\b|\bprotect(?:ion)?\b|\bsafety (?:check|reasons)\b|\bfraud prevention\b|\bwho you (?:are|say)\b",
    "statement": rf"^{LEAD}(?:i|we)(?:'ve| have|'ll| will|'m| am| can| could| did| do)? ?(?:now |just |already |also )?(?:see|found|find|have|got"
    rf"|noticed|read|understand|note|noted|sent|checked|updated"
    r"|changed|look|looked|booked|cancell?ed|refunded|know|send|check|give|tell|am|was|apologi\w+|appreciate|think|believe|hope)\b"
    r"|\byour [\w ]{2,30}? (?:is|was|has been|are|will be|has|shows|says)\b"
    r"|^thanks? (?:you )?for\b|\b(?:my|our) (?:name|address|number|e-?mail|phone)\b",
    "offer": r"\b(?:would you like|do you want|want) (?:me|us) to\b|\banything else\b|\b(?:can|may|could|how (?:can|may|could)) (?:i|we) (?:help|assist|do)\b"
    r"|\bwould you like to\b|\bhow are you\b",
    "refused": r"\b(?:no need|needn'?t|don'?t (?:need|have)|do not (?:need|have)|never|without|nobody|no one|not (?:ask|asking)|won'?t (?:need|ask)"
    r"|don'?t (?:send|share|give|tell|worry)|do not (?:send|share|give))\b"
    r"|\bwho (?:knows|cares)\b|\bwhy (?:would|should)\b",
    "past": r"\byou (?:gave|sent|told|mentioned|provided|wrote|said|already|shared|entered|typed|have given|have told|asked)\b|\bas you\b|\b(?:they|he"
    r"|she|my colleague|the assistant) asked\b|\bwhen you (?:gave|sent|wrote|ordered|call)\b",
    "condition": r"\bif you (?:have|know|need|want|see|ever|lose|forget|like|prefer|change)\b|\bin case\b|\bwhenever\b|\bonce you\b|\bas soon as\b|\bunless\b",
    "finding": r"\bfind (?:your|the|it|this|that)\b|\byou(?:'ll| can| will)? find\b|\bwhere to find\b|\bis (?:printed|written|shown|at the top|on the back)\b",
    "own": r"\bmy\b|\bour\b",
    "offering": rf"^{LEAD}(?:(?:would you (?:\w+ )?like|do you want) (?:me|us)|shall (?:i|we)|should (?:i|we))\b",
    "another": r"\b(?:another|other|others|different|else|instead|any more|some more"
    r"|(?:an? )?(?:later|earlier|new)(?= (?:date|time|day|one|slot|address|card|order|appointment)))\b",
}
SMALL_WORDS = """
a an the of to for on in at by with from and or so is are was were be been am do does did can could would will may might must shall should have has
had i me my we us our you your it its this that these those there please just also still what which when where who whom whose how why if any some
right ok okay let get give tell provide send share know need like want thank thanks hi hello hey not no yes u s ll d m re ve t now again as than then
one more about into up out over too very much many enter describe specify state name's
"""
SMALL = frozenset(SMALL_WORDS.split())
