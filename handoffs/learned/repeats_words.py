"""What things are called when agents ask for them in English: a lexicon of askings for the fields of a brief, as data."""

import re

# What a field is called, beside its code. Alternatives of a regular expression, spaces stand for any white space or hyphen.
NOUNS: dict[str, str] = {
    "name": r"(?:full |first |last |family |sur |legal )?names?|surname|who (?:am i|i'?m|i am|we are|are we) (?:speaking|talking|chatting|dealing) (?:to|with)",
    "e-mail": r"e ?mail(?: address(?:es)?| id)?(?! (?:you|it|them|us|me)\b)|mail address",
    "phone": r"(?:tele)?phone (?:number|no)|(?:mobile|cell|contact|callback|call back|daytime|land ?line)(?: ?phone)?(?: (?:number|no))|your (?:mobile"
    r"|cell|landline)",
    "username": r"user ?names?|user ?id|log ?in(?: name| id)?|handle|screen name",
    "order number": r"order (?:numbers?|no|ids?|code|ref(?:erence)?|#)|(?:number|id|reference) of (?:your|the) (?:order|purchase)|purchase (?:number|id|order)",
    "booking number": r"(?:booking|reservation) (?:numbers?|no|ids?|code|ref(?:erence)?(?: number)?|#)|confirmation (?:number|code)|pnr|record locator"
    r"|(?:number|reference) of (?:your|the) (?:booking|reservation)",
    "invoice number": r"invoice (?:numbers?|no|ids?|ref(?:erence)?|#)|bill(?:ing)? (?:number|id)|number (?:of|on) (?:your|the) (?:invoice|bill)",
    "tracking number": r"(?:tracking|shipment|shipping|parcel|consignment|waybill) (?:numbers?|no|ids?|code|ref(?:erence)?|#)",
    "account number": r"account (?:numbers?|no|ids?|#)|customer (?:number|id|no)|member(?:ship)? (?:number|id|no)|iban|policy number",
    "serial number": r"serial(?: (?:numbers?|no|code|#))?|s/n|imei",
    "reference": r"(?:case |ticket |claim |complaint |support )?ref(?:erence)?(?: (?:number|no|code|id))?|(?:case|ticket|claim|complaint"
    r"|incident) (?:number|no|id|#)",
    "amount": r"amounts?|sum|total|price|cost|charge|figure|budget|how much (?:money|was|were|did|is|have)",
    "date": r"(?:delivery |order |travel |departure |arrival |purchase |start |end |due )?dates?|(?:what|which) day|day of",
    "time": r"(?:what|which) time|time (?:of|slot|did|does|was)|times?",
    "quantity": r"quantity|how many|number of \w+",
    "address": r"(?:(?:home|postal|street|shipping|delivery|billing|mailing|current) )?address(?:es)?(?! (?:you|it|this|that)\b)",
    "postcode": r"post ?codes?|postal codes?|zip(?: ?code)?",
    "city": r"city|town",
    "product": r"products?|items?|articles?|goods",
    "plan": r"plans?|subscriptions?|tariffs?|package|tier|contract type",
    "device": r"devices?|phone model|make and model|model|hardware|machine|handset|browser|operating system",
    "version": r"versions?|release|build(?: number)?|firmware",
    "error message": r"errors?(?: (?:messages?|codes?|text|number))?|messages? (?:on (?:the|your) screen|you (?:see|get|got))",
    "reason": r"reasons?|motive|purpose",
    "what was tried": r"(?:steps?|things?|fixes) (?:you(?:'ve| have)?|did you|have you) (?:already )?(?:tried|taken)|what (?:have )?you(?:'ve"
    r"| have)? (?:already )?tr(?:y|ied)",
    "birth date": r"(?:date of birth|birth ?da(?:te|y)|dob|d\.o\.b|year of birth)",
    "card number": r"(?:credit |debit |bank )?card(?: (?:number|no|details))|cvv|cvc|(?:last|final) (?:four|4) digits(?: of (?:your|the) card)?",
    "password": r"pass ?words?|passphrase",
    "PIN": r"pin(?: (?:code|number))?",
    "security answer": r"(?:security|secret) (?:question|answer|word)|mother'?s maiden name|maiden name|(?:first |childhood )?pet'?s? name"
    r"|name of (?:your|the) (?:first |childhood )?pet"
    r"|pet you had",
}
# How a field is asked for without its name.
WAYS: dict[str, str] = {
    "name": r"who (?:am i|i'?m|i am|do i|are we) (?:\w+ ){0,2}(?:speaking|talking|chatting|dealing|pleasure|writing)|who is this|(?:what|how) (?:should"
    r"|may|can|do) (?:i|we) (?:call|address) you"
    r"|what (?:are you|do you go) (?:called|by)|who(?: am| are)? i speaking|whom? (?:do|am) i",
    "e-mail": r"(?:where|which address|what address) (?:can|should|shall|do) (?:i|we) (?:e ?mail|write)|which inbox|what do you sign in with",
    "phone": r"(?:what|which|where|how|best|on what|on which) .{0,20}(?:can|should|may) (?:i|we) (?:call|ring|phone|reach)|number (?:can|should|may"
    r"|to) (?:i|we|call|reach|ring)"
    r"|(?:reach|call|ring|phone) you (?:on|at|by phone)|best number",
    "username": r"(?:what|how) do you (?:log|sign) ?in (?:with|as)|name do you (?:log|sign) in",
    "order number": r"which (?:order|purchase)\b|what order (?:is|was|are|do)|what(?: is|'s) the number (?:of|on) (?:your|the) (?:order|receipt)",
    "booking number": r"which (?:booking|reservation)\b",
    "invoice number": r"which (?:invoice|bill)\b",
    "tracking number": r"which (?:parcel|package|shipment)\b|tracking (?:code|link)",
    "account number": r"which account\b",
    "amount": r"how much|what (?:was|were) (?:you|the) (?:charged|sum|total)|how expensive|what did (?:it|they) (?:cost|charge)",
    "date": r"\bwhen\b(?!ever)|what day|which day|on what day|since when|how long ago|what date|which date",
    "time": r"\bwhen\b(?!ever)|(?:at |for )?(?:what|which) time|how late|how early|what hour",
    "quantity": r"how many",
    "address": r"where (?:was|were|did|is) (?:the |your )?(?:\w+ )?(?:sent|delivered|shipped)|where (?:do you|are you) (?:live|liv|based|located)"
    r"|where (?:should|can|shall|do|did) (?:i|we|they|it) (?:be )?(?:send|ship|deliver|post|sent|shipped|delivered)"
    r"|where (?:was|is) it (?:sent|shipped|delivered|going)|which (?:house|street|building)",
    "city": r"(?:what|which) (?:city|town)|where (?:do you|are you) (?:live|based|located)",
    "product": r"(?:what|which) (?:did you (?:order|buy|purchase)|have you (?:ordered|bought)|(?:item|product|article|thing)s?|one did you)"
    r"|what is it (?:that )?you (?:ordered|bought)"
    r"|what were you (?:buying|trying to buy)",
    "plan": r"(?:what|which) (?:plan|subscription|tariff|package|contract)|what are you (?:paying for|subscribed to)",
    "device": r"(?:what|which) (?:(?:kind|sort|type|make|model) of )?(?:phone|computer|laptop|tablet|device|machine|camera|router|browser|printer|tv"
    r"|model)|what are you (?:using|running)"
    r"|(?:is it|are you on) (?:an? )?(?:iphone|android|windows|mac|ios)",
    "version": r"(?:what|which) (?:version|release|build)",
    "error message": r"what (?:exactly )?(?:does|did|do) (?:it|the (?:error|screen|message|app|page|display)) (?:exactly )?(?:say|show|read|display)"
    r"|error text|what (?:do|did|can) you see|what happens when"
    r"|what (?:comes|came|pops|popped) up|which error|what error",
    "reason": r"\bwhy\b|what (?:made|makes|led) you|how come|what(?: is|'s) (?:this|it) (?:about|regarding)|what happened",
    "what was tried": r"what (?:have|did|had) you (?:already |so far )?(?:try|tried|done|do)|have you (?:already |yet )?tried|did you (?:already )?try"
    r"|what (?:else )?was (?:already )?(?:tried|done)"
    r"|(?:what|which) (?:steps|things|fixes|troubleshooting)|(?:what|which \w+) (?:you have|you've|have you) (?:already |so far )?(?:tried|done|taken)",
    "birth date": r"when were you born|how old are you",
    "PIN": r"\bpin\b",
}
# Words an asking may use for a word of a name, whatever the field: families of meaning. "-" before a word: never for it.
FAMILIES: tuple[str, ...] = (
    "departure depart departing leave leaving pickup origin from start starting",
    "destination arrival arrive arriving going go heading headed travel travelling get",
    "location place where area part town neighbourhood near located spot",
    "venue place where hall location",
    "start begin beginning starting commence kick from opening",
    "end finish ending over until wrap close stop till leaving",
    "time when hour o'clock clock late early long",
    "date day when month weekday today tomorrow",
    "day date when weekday",
    "arrival check-in checking",
    "number many count",
    "guests people persons guest attendees invite bringing party head visitors adults",
    "size people many persons large big party how",
    "bedrooms rooms bedroom room",
    "price budget cost much expensive spend afford pay cheap rate",
    "food cuisine eat dish meal menu cook",
    "drinks drink beverage beverages served",
    "type kind sort style cuisine category",
    "dietary diet restrictions allergies vegetarian vegan",
    "rating stars star rated ratingwise reviews",
    "mode drive walk transit way car bike transport bus",
    "doctor physician dr see",
    "symptoms feel feeling hurt pain wrong symptom ill",
    "request ask want need wish requests",
    "details happened describe report tell detail detailed",
    "colour color coloured",
    "id number identifier code reference",
    "code number enter password",
    "host hosting throwing organiser",
    "guest whom who with person meet",
    "person who whom someone somebody",
    "message note text say write add",
    "parking park car",
    "fee paid payment pay",
    "change modify update edit adjust alter",
    "reason why purpose because",
    "question start number",
    "pois near surroundings nearby landmarks",
    "floor level storey",
    "hotel stay staying accommodation",
    "restaurant eat dine place",
    "apartment flat unit place",
    "company firm employer business organisation organization",
    "job occupation work profession",
    "country nation nationality state",
    "colour shade",
    "delivery deliver delivered ship shipped shipping arrive",
    "flight plane fly flying",
    "car vehicle model make",
    "payment pay card paid method",
    "refund money back reimburse",
    "language speak",
    "address live street house where",
    "duration long hours nights days stay",
    "passengers travellers people many",
    "preference prefer like favourite",
    "issue problem wrong trouble happening fault",
    "age old",
    "weight heavy weigh", "height tall", "genre kind music film", "title called book film song",
)
# Who asks for the one does not ask for the other.
OPPOSITES: tuple[tuple[str, str], ...] = (
    ("start starting begin beginning kick opening from", "end ending finish finishing until over wrap close closing stop"),
    ("first top upper one", "second bottom lower last third other two"),
    ("departure depart departing leave leaving origin from pickup outbound",
     "arrival arrive arriving destination to drop-off dropoff return returning heading"),
    ("from arrival arrive arriving check-in checkin in", "to leave leaving check-out checkout out again until"),
    ("old previous former before", "new future"),
    ("outbound out", "return returning back again"),
)


def spaced(pattern: str) -> re.Pattern[str]:
    """A pattern of NOUNS or WAYS, in which one space stands for white space, a hyphen or an underscore."""
    return re.compile(r"\b(?:" + pattern.replace(" ?", r"[\s_-]?").replace(" ", r"[\s_-]{1,3}") + r")(?!\w)", re.I)
