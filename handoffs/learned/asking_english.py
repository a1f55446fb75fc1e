"""How one asks for a person in English, and what only speaks of people: regular expressions, as data."""

import re

OF = r"(?:(?:a|an|the|any|some|another|your|one\s+of\s+(?:your|the)|somebody\s+from|someone\s+from)\s+)"
TRADE = (
    r"human(?:\s+being)?s?|persons?|(?:real|actual|live|human|your)\s+people|agents?|rep(?:resentative)?s?|operators?|advis[oe]rs?|supervisors?|managers?|employees?|workers?|consultants?|executives?"
    r"|associates?|specialists?|colleagues?|boss|founders?|(?<!virtual\s)(?<!digital\s)(?<!voice\s)assistants?|staff(?:\s+members?)?|members?\s+of\s+(?:the\s+|your\s+)?(?:staff|team)|team\s+members?"
)
DESK = (
    r"(?:customer|client|live|human|technical|tech|real)\s+(?:service|support|care|assistance|chat|help)s?(?:\s+(?:agent|rep\w*|person|people|team|staff))?"
    r"|support\s+(?:agent|team|staff|person|people|rep\w*)|help\s?desk|front\s?desk|call\s+cent(?:er|re)"
)
PERSON = (
    rf"(?:{OF}?(?:(?!my\b|to\b|no\b|that\b|when\b|if\b|this\b|and\b|or\b)[\w-]+\s+){{0,2}}?(?:{TRADE}|{DESK})"
    r"|(?:someone|somebody|anyone|anybody)(?:\s+else)?|one\s+of\s+you|(?:you|your)\s+people)\b"
)
REAL = (
    r"(?:(?:a\s+|an\s+|some\s+|any\s+)?(?:real|live|actual|proper|normal|human)\s+(?:human|person|people|agent|rep\w*|operator|being|somebody|someone)s?"
    r"|(?:live|human)\s+(?:support|assistance|help|chat))"
)
PLACE = r"(?:the|your)\s+(?:\w+\s+)?(?:reception|restaurant|desk|kitchen|concierge|department|team|office|owner|host|cleaners?|billing|sales|crew)\b"
ONE = r"(?:a|an|the|some|your|another)?\s*(?:human|agent|operator|representative|person|supervisor|manager)s?\b(?!-|\s+(?:number|id\b|name|fee|error|approv))"
BOT = r"(?:(?:\w+\s+)?(?:(?:chat|ro)?bots?|machines?|computers?|ai|virtual\s+(?:agent|assistant)s?|automated\s+\w+))\b"
REACH = (
    r"(?:talk|speak|chat|connect|(?<!\ba\s)(?<!the\s)(?<!my\s)transfer|pass|put|get(?:ting)?\s+(?:me\s+|us\s+)?through|get(?:ting)?\s+in\s+(?:touch|contact)|hand|switch|direct|forward|escalate"
    r"|refer|redirect|patch|conversation)(?:t?ing|r?red|t?ed)?"
)
CONTACT = r"(?:(?<!the\s)(?<!my\s)(?<!your\s)(?<!a\s)contact|reach|get\s+(?:a\s?)?hold\s+of)(?:ing)?"
WANT = (
    r"(?:i(?:'d| would)?\s+(?:want|need|like|prefer|rather|demand|require|wish)|want(?:s|ed)?|wanna|need|give\s+me|get\s+me|let\s+me|can\s+i|could\s+i"
    r"|may\s+i|i\s+must|please|how\s+(?:do|can|could)\s+i|is\s+there|are\s+there|where\s+(?:is|are)|i'?m\s+looking\s+for|looking\s+for)"
)
LEFT = r"(?:(?!\s(?:but|instead|i\s+(?:just\s+)?(?:want|need|would|demand)|i'd|let\s+me|get\s+me|give\s+me|just\s+(?:put|connect|transfer))\b)[^.?!,;])*"
NOT = r"(?:do\s?n[o']?t|do\s+not|does\s?n[o']?t|not|never|won'?t)"

# Wishes that hold whatever is refused beside them: the assistant is what is refused.
RATHER = (
    rf"(?<!\bam\s)(?<!i'm\s)\b(?:not|instead\s+of|rather\s+than|without)\s+(?:to\s+|with\s+)?(?:a|an|this|the|some|your)\s+{BOT}",
    rf"\b{NOT}\s+(?:want|wanna|like|need|wish)\b(?:\s+\w+){{0,4}}?\s+(?:talk|speak|chat|deal)\w*\s+(?:to|with)\s+(?:(?:a|an|this|the|your|some)\s+)?(?:{BOT}|you\b(?!\s+(?:about|again|for)))",
    rf"\b(?:stop|enough|sick|tired|done|fed\s+up|no\s+more|hate|stupid|useless|comfortable|wast\w+|pointless|annoying)\b[^.?!]{{0,50}}\b(?:to|with|of|by|from)\s+(?:\w+\s+)?{BOT}",
    rf"\b(?:talk|speak|chat)ing\s+(?:to|with)\s+(?:a|an|this|the|your)\s+{BOT}\s+is\b",
    r"\b(?:any|no)\s?(?:one|body|thing)\s+(?:but|except|other\s+than)\s+(?:a|an)\s+(?:\w+\s+)?(?:human|person|agent)\b",
    rf"\bno\s+(?:more\s+)?{BOT}\s*(?:please|anymore|!)",
)
REQUESTS = (
    rf"\b{REACH}\b(?:\s+(?!my\b|money|funds|any\b|amount|cash|payments?|cables)\w+){{0,3}}?\s+(?:(?:to|with|through\s+to|over\s+to|on\s+to|from|w/?|2)\s*)(?:directly\s+(?:to|with)\s+)?(?:{PERSON}|{PLACE})",
    rf"\b(?:talk|speak|chat)(?:ing)?\s+(?:directly\s+)?(?:(?:to|with)\s+)?{PLACE}",
    r"\b(?:talk|speak|chat)\s+(?:with\s+|to\s+)?(?:an?\s+)?(?:real\s+|live\s+|human\s+)?(?:human|agent|person|representative|operator)s?\b",
    rf"\b{CONTACT}\s+(?:directly\s+)?(?:with\s+)?(?!someone|somebody|anyone|anybody){PERSON}",
    r"\b(?:contact|reach)(?:ing)?\s+(?:someone|somebody)\b|\b(?:call|phone|ring)\s+(?:me|us)\s+back\b|\b(?:need|want|get|have)\s+(?:a\s+)?(?:phone\s+)?call(?:\s+back|\s+from)\b",
    rf"\b(?:get|give|find|bring|send|gimme)\s+(?:me|us|hold\s+of|in\s+touch\s+with)\s+(?:to\s+)?{PERSON}(?!\s+(?:number|id\b|name|no\b))",
    rf"\b(?:get|give|find|bring|gimme)\s+{REAL}\b",
    r"\b(?:get|give|gimme|bring|find)\s+(?:me\s+)?(?:to\s+)?(?:a|an)\s+(?:proper\s+)?(?:human|person|operator|agent)\b(?!\s+(?:number|id\b))",
    rf"\b{WANT}\s+(?:to\s+(?:have|get|see)\s+|have\s+|get\s+|for\s+)?{REAL}\b",
    rf"\b{WANT}\s+(?:to\s+(?:have|get|see)\s+)?{ONE}",
    rf"\b{WANT}\s+{OF}?(?:customer|human|live)\s+(?:service|support|care|assistance|agent)\b(?!\s+(?:number|no\b|e-?mail|hours))",
    r"(?<!\d )(?<!are )\b(?:human|agent|operator|representative|person|manager|supervisor)\s+(?:please|now|asap|pls|plz)\b",
    r"^\W*(?:\w+\W+){0,3}(?:human|agent|operator|representative|person)\s*!+",
    # No word fits two places here: "human human human …" would be tried in every combination.
    r"^\W*(?:(?:(?:real|live|an?|please|ok(?:ay)?|hello|hi)\s+)*(?:human|agent|operator|representative|person|help\s?desk|service\s+agent|customer\s+(?:service|support|care)"
    r"|live\s+(?:chat|support)|handoff|handover|supervisor|manager)\b\W*)+$",
    r"\b(?:transfer|connect|pass|patch|forward|redirect|switch|put)\s+(?:me|us)(?:\s+(?:through|over|on|straight|directly))?\s+(?:to|with)\s+(?!(?:my|an?|another|other|this|pay|wi-?fi|internet|network)\b|the\s+(?:wi-?fi|internet|network)|\d)\w+",
    r"^\W*(?:please\s+|just\s+|can\s+you\s+)*(?:(?:transfer|connect)\s+(?:me|us)|(?:put|get)\s+me\s+through)(?:\s+(?:now|please|through|over|already))*\W*$",
    r"\b(?:connect|assign|allot)\s+(?:an?|the|me|us|your)\s+(?:live\s+|human\s+|real\s+)?(?:agent|human|operator|representative|person|executive)\b",
    r"\b(?:help|support|assistance)\s+from\s+(?:a\s+)?(?:real\s+)?(?:human|person|people)\b|\bhuman\s+(?:support|help|assistance|agent)\b",
    r"\b(?:hand\s?(?:me\s+)?(?:off|over)|escalate)\b(?=\W*(?:please|now|this|me|my|it|to|$))|\b(?:want|need|like|get)\s+(?:this|it|my\s+\w+)\s+(?:to\s+be\s+)?escalated",
    r"\bis\s+(?:there|any|a)\s*(?:any\s*)?(?:one|body|human|person|agent|operator|representative)\b[^.?!]{0,25}\b(?:talk|speak|chat|help|available)\b",
    r"\b(?:do\s+you\s+have|have\s+you\s+got)\s+(?:\w+\s+){0,3}?(?:some|any)(?:one|body)\b[^.?!]{0,20}\b(?:talk|speak|chat)\b|\bdo\s+(?:you|u)\s+have\s+(?:an?\s+|any\s+)?(?:live|human|real)\s+(?:agent|person|human|people|support|chat)s?\b",
    r"\b(?:anyone|anybody|someone|somebody)\s+(?:real|human)\b",
    r"\b(?:can|could|get|let|want|need|have|is\s+there|with|to)\b[^.?!]{0,12}\b(?:someone|somebody)\s+else\s+(?:on\s+the\s+line|to\s+(?:help|look|check|handle|assist)|(?:who|that)\s+|help|take\s+a|look\s+|handle|assist|please)",
    rf"\b(?:have|get)\s+a\s+word\s+with\s+(?:{PERSON}|{PLACE})|\b(?:skip\s+to|i\s+(?:\w+\s+)?asked\s+for)\s+(?:a\s+|an\s+)?{ONE}",
    rf"\b(?:skip|bypass|get\s+(?:me\s+)?(?:past|off|out\s+of)|get\s+around)\s+(?:this\s+|the\s+)?{BOT}",
    r"\b(?:human|person|agent|colleagues?|staff|team|someone|somebody)\s+(?:else\s+)?(?:to\s+)?take\s+over\b",
    r"\bany\s+(?:real\s+|live\s+|human\s+)?(?:agents?|humans?|representatives?|operators?|staff)\s+(?:online|available|there|here|working|around|free|awake)\b",
    r"(?:[.!?]\s*)(?:please\s+)?(?:a\s+|an\s+)?(?:real\s+)?(?:human|agent|operator|representative|person)\s*(?:please|now)?\W*$|\breal\s+people\s+(?:only|please)\b",
    r"\bwho\s+can\s+i\s+(?:talk|speak|chat)\b|\b(?:customer|client|live)\s+(?:service|support|care)\s+(?:please|pls|now)\b|\b(?:put|fetch)\s+(?:someone|somebody)(?:\s+on)?\W*$",
    r"\b(?:need|want|get\s+me)\s+(?:your|the|a)\s+(?:customer\s+)?(?:support|service)\s+(?:team|staff|person|people)\b",
    rf"\b(?:rather|prefer|like|want)\s+(?:to\s+)?deal(?:ing)?\s+with\s+{REAL}",
    r"\b(?:can|could|will|would|have)\s+(?:(?:a|an)\s+(?:real\s+|live\s+)?(?:human|person|agent|rep\w*|manager)|some\s?(?:one|body)(?:\s+from\s+(?:your|the)\s+\w+(?:\s+team)?)?)"
    r"\s+(?:please\s+)?(?:call|phone|ring|contact|e-?mail)\s+(?:me|us)\b",
    r"\b(?:can|could)\s+(?:a|an|another)\s+(?:real\s+|live\s+)?(?:human|person|agent|rep\w*|manager)\s+(?:please\s+)?(?:help|look|answer|assist|take|handle|check)\b",
    r"\b(?:get|have|send)\s+(?:me\s+)?(?:someone|somebody)\s+(?:else\s+)?(?:to\s+)?(?:help|call|contact|assist|ring|phone|explain|look)\b",
    r"\b(?:useless|ridiculous|hopeless|stupid|pathetic|joke|not\s+(?:working|helping|helpful)|(?:isn|does\s?n|are\s?n|wo\s?n)'?t\s+(?:work|help)\w*|no\s+help|waste)\b"
    r"[^.]{0,40}\b(?:any|some)\s?(?:one|body)\s+(?:there|here|around|available|alive)\b",
    r"\b(?:any|some)\s?(?:one|body)\s+(?:actually|really)\s+(?:there|here|around|alive)\b",
)
# What speaks of people without asking for one.
ABOUT = (
    rf"\b{NOT}\s+(?:really\s+|actually\s+|even\s+|to\s+|yet\s+)?(?:need|want|wish|like|have|going|require|ask(?:ing|ed)?|looking|talk|speak)\b{LEFT}",
    rf"\b(?:rather|prefer)\s+not\b{LEFT}|\b(?:no|needn'?t|without|instead\s+of|rather\s+than)\s+(?:need|(?:(?:a|an|the|any)\s+)?(?:human|agent|person|operator)s?\b|(?:talk|speak|chat|contact|call|involv)ing){LEFT}",
    rf"\b(?:do\s?n[o']?t|do\s+not|never|stop|please\s+no)\s+(?:transfer|connect|escalat|hand|put|pass|forward|get|bring|send|call){LEFT}",
    rf"\b(?:already|i|we|i've|we've|have|had|just)\s+(?:spoke|spoken|talked|chatted|contacted|called|reached)\b{LEFT}",
    rf"\bhad\s+(?:a\s+)?chat\b{LEFT}|\b(?:was|were|been|got)\s+(?:talking|speaking|chatting|transferred|connected|passed|put|directed)\b{LEFT}",
    rf"\b(?:are|r)\s+(?:you|u)\s+(?:really\s+|actually\s+|even\s+|just\s+)?(?:an?|human|real|ai|bot)\b{LEFT}|\bis\s+this\s+(?:an?|the|really|human)\b{LEFT}|\b(?:\d+|one|two|three|four|five|six)\s+(?:persons?|people|humans?|agents?)\b"
    rf"|\bwhat\s+are\s+you\b{LEFT}|\b(?:bot|ai|machine)\s+or\s+(?:an?\s+)?(?:real\s+)?(?:human|person)|\bin\s+person\b|\bcontact\s+person\b",
    rf"\bam\s+i\s+(?:\w+\s+)?(?:talking|speaking|chatting|connected|typing)\b{LEFT}|\b(?:whether|if)\s+(?:you|this|i)\s*(?:are|'re|is|am)\b{LEFT}",
    rf"\b(?:do|will|would|should|must)\s+(?:i|we|you)\s+(?:really\s+|actually\s+)?(?:have|need)\s+to\s+(?:talk|speak|call|contact)\b{LEFT}|\b(?:should\s+i|i\s+will|i'll)\s+(?:talk|speak|call|contact)\b{LEFT}",
    r"\byou\s+(?:\w+\s+)?(?:should|need|must|have|ought|could)\s+(?:to\s+)?(?:talk|speak)\s+to\b[^.?!,;]*",
    r"\b(?:hours?|what\s+time|number|no\.?|e-?mail)\b[^.?!,;]{0,30}\b(?:customer|client|support)\b[^.?!,;]*|\bcustomer\s+(?:service|support|care|assistance)\s+(?:is\s+)?(?:available|hours|number|no\b|e-?mail|mail)",
)

# One of these stands in whatever a rule finds: most texts have none, and are not read further.
SPOKEN_OF = """
human humans being person persons people agent agents rep reps representative representatives operator operators advisor advisors adviser advisers
supervisor supervisors manager managers employee employees worker workers consultant consultants executive executives associate associates specialist
specialists colleague colleagues boss founder founders assistant assistants staff member members team service services support care assistance desk
helpdesk frontdesk center centre someone somebody anyone anybody nobody bot bots chatbot chatbots robot robots machine machines computer computers ai
automated virtual robotic reception restaurant kitchen concierge department office owner host cleaner cleaners billing sales crew escalate escalated
escalating handoff handover humana
"""
TALKING = "talk talking speak speaking chat chatting contact contacting"
SPOKEN = re.compile(
    r"\b(?:transfer|connect|pass|patch|forward|redirect|switch|put|assign|allot)\s+(?:me|us|an?|the|your)\b|\bget\s+me\s+through"
    r"|\b(?:call|phone|ring)\s+(?:me|us|back|from)\b|\ba\s+(?:phone\s+)?call\b"
    r"|\bhand\b|\bwho\s+can\s+i\b|\b(?:talk|speak|chat|deal)\w*\s+(?:to|with)\s+you\b|\b(?:any|some|no)\s(?:one|body)\b|\bone\s+of\s+you|\blive\s+(?:chat|help)|\brep\w*|\bto(?:someone|somebody|agent)",
    re.I,
)
