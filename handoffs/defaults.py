"""The topics a policy lists until somebody changes them."""

from handoffs.topics import Topic


def phrases(text: str) -> tuple[str, ...]:
    """Phrases with commas between them."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())


RELATIVES = "husband|wife|mother|father|mum|mom|dad|son|daughter|brother|sister|partner|grandmother|grandfather|uncle|aunt|parents"
HUMANS_ONLY = (
    Topic(
        code="safety", label="someone may be in danger", intents=("emergency", "self_harm"), mention=True,
        phrases=phrases("""
            kill|hurt|harm|killing|hurting|harming myself, end my life, suicide|suicidal, someone is going to die, my life is in danger,
            don't|not want to live|be alive, going|gonna to kill, threatened|threatening to kill|hurt me
        """),
    ),
    Topic(
        code="bereavement", label="a death in the family", intents=("bereavement",),
        phrases=phrases(f"passed away, my late {RELATIVES}, {RELATIVES} * died, deceased, bereavement"),
    ),
)

DEED = (
    "made|make|making|place|placed|order|ordered|authorise|authorize|authorised|authorized|do|did|done|approve|approved"
    "|recognise|recognize|recognised|recognized"
)
PAYMENT = "payment|payments|charge|charges|transaction|transactions|withdrawal|withdrawals|purchase|purchases|debit|debits|order|orders|transfer"
POSSESSION = "account|card|cards|identity|phone|password|details|pin|wallet|purse|bag"
TAKEN = "hacked|stolen|compromised|cloned|breached|robbed|mugged|taken|exposed"
STRANGE = "unrecognised|unrecognized|unauthorised|unauthorized|unknown|suspicious|shady|strange|weird|random|unfamiliar|fraudulent"
OUT_OF_SCOPE = (
    Topic(
        code="fraud_report", label="fraud report", team="fraud",
        intents=("fraud", "fraud_report", "bank_fraud_report", "report_fraud", "unauthorised_payment", "compromised_card"),
        phrases=phrases(f"""
            fraud, fraudulent, fraudulently, fradulent, fraudelent, identity theft, phishing, unauthorised, unauthorized, {STRANGE} * {PAYMENT}|activity,
            did|have|haven't|didn't|hadn't|don't|never|not {DEED} * {PAYMENT},
            didn't|haven't|don't|never|not recognise|recognize|authorise|authorize|authorised|authorized * it|this|that,
            never ordered|authorised|authorized, {PAYMENT} * didn't|never|don't|not|haven't * {DEED}|create|perform|set,
            that|which i * didn't|never|not {DEED}|create|perform|set, not done|made|authorised|authorized by me, not my {PAYMENT},
            wasn't|isn't|not me|mine, wasn't|isn't my {PAYMENT}, someone|somebody|hacker|stranger is|got|has|was in|into|inside my account,
            someone|somebody|hackers|they|thief * hacked|accessed|used|using|stole|stealing|charged|charging * my,
            someone|somebody * withdrew|withdrawn|transferred|transfered|took|taken|stole * from, used|charged by someone|somebody,
            someone|somebody else * using|used|accessing|charged my, {POSSESSION} * {TAKEN}, {TAKEN} {POSSESSION}, stole my {POSSESSION}|money,
            stealing * money|card, been|got|was|getting scammed|robbed|mugged|hacked,
            access|accessed|using|used * without my permission|knowledge|consent
        """),
    ),
    Topic(
        code="legal_threat", label="legal threat", intents=("legal", "legal_threat", "complaint_legal"),
        phrases=phrases("""
            hear|hearing from my|our|a lawyer|lawyers|attorney|solicitor|solicitors, my|our lawyer|lawyers|attorney|solicitor|solicitors,
            contact|contacting|call|calling|get|getting|consult|hire|hiring|see * lawyer|attorney|solicitor,
            talk|speak|talking|speaking to|with * lawyer|attorney|solicitor, legal action|proceedings|steps,
            take|taking|see|sue you|your|them|this * court, small claims, sue|suing you|your|the|this|them, going|gonna|have to sue, i'll|will|gonna sue,
            class action, lawsuit, press charges, cease and desist, breach of contract
        """),
    ),
    Topic(
        code="regulator", label="complaint to a regulator", intents=("regulator", "formal_complaint"),
        phrases=phrases("""
            ombudsman, trading standards, consumer protection, better business bureau, financial conduct authority, federal trade commission,
            attorney general,
            report|reporting|complain|complaining|complaint * regulator|regulators|authorities|ofcom|ofgem|fca|ftc|cfpb|bbb|bafin|ico|police,
            data protection authority|officer|regulator, gdpr request|complaint|violation|breach, formal|regulatory complaint
        """),
    ),
    Topic(
        code="accessibility", label="accessibility need", intents=("accessibility",), urgent=False,
        phrases=phrases("""
            screen reader, i'm|am|is blind|deaf|dyslexic|disabled, visually|partially|hearing impaired|sighted, hard of hearing, wheelchair,
            sign language, braille, my|a disability, accessibility needs|need|issue|problem|request, large print,
            can't|cannot see|hear|read * screen|captcha, reasonable adjustment|adjustments|accommodation,
            disabled|accessible access|parking|entrance|room|bathroom|toilet|format|version, assistance|guide|service dog|animal
        """),
    ),
)

COMPLIANCE = (
    Topic(
        code="medical", label="medical question", intents=("medical", "medical_advice", "health"), urgent=False,
        phrases=phrases("""
            chest|stomach|severe|abdominal pain|pains, side effect|effects, dosage|overdose, what dose, my|a prescription,
            medication|medications|antibiotics|insulin, symptom|symptoms, diagnosis|diagnosed|diagnose, allergic reaction,
            i'm|am|while|if|when|and pregnant, breastfeeding, safe to take|eat|use * with|while|during, medical advice|condition|emergency|question|help,
            difficulty|trouble breathing, heart attack, blood pressure, diabetic|diabetes|epilepsy|asthma, take|taking|my|the medicine|medicines|pills,
            mental health
        """),
    ),
    Topic(
        code="financial_advice", label="financial advice", intents=("financial_advice", "investment_advice", "tax_advice"), urgent=False,
        phrases=phrases("""
            financial|investment|investing|tax|pension|mortgage|debt advice|adviser|advisor,
            should|shall i buy|sell * stocks|stock|shares|bonds|crypto|bitcoin|funds|gold, should|shall i invest|refinance|remortgage,
            how|where|what should|do|can|to * invest, good|safe|best|better investment|investments, which|what stocks|stock|shares|funds|crypto|bonds,
            invest my|in * savings|stocks|shares|funds|crypto|bitcoin|bonds|pension|money, tax deductible|liability|evasion, can i deduct,
            claim * on my taxes, should i take|get * loan|mortgage, i'm|am|file|filing|declare|declaring * bankruptcy|bankrupt|insolvent
        """),
    ),
    Topic(
        code="legal_advice", label="legal question", intents=("legal_advice",), urgent=False,
        phrases=phrases("""
            legal advice|rights|question|obligation|obligations|opinion, legally|contractually allowed|entitled|required|binding|obliged|responsible,
            my|our rights as|under, is it|this|that legal|illegal|lawful, against the law, am i liable, who is liable, can|could i sue,
            what does|is the law
        """),
    ),
)

MY = "my|our|the|this|that|a|an|one|these"
THINGS = (
    "order|orders|booking|reservation|subscription|membership|plan|contract|policy|purchase|service|appointment|ticket|insurance|flight|trip|ride"
    "|transfer|payment|transaction"
)
CANCEL = "cancel|terminate|discontinue|cancelling|canceling|terminating"
WISH = "want|like|wish|need|going|gonna|trying|decided|prefer|have"
HIGH_STAKES = (
    Topic(
        code="cancellation", label="cancellation", urgent=False, unless=("newsletter", "newsletters", "mailing", "alarm", "reminder", "song"),
        intents=("cancel", "cancel_order", "cancel_subscription", "cancel_plan", "cancel_reservation", "cancellation", "cancel_transfer"),
        phrases=phrases(f"""
            {CANCEL}|stop|undo|end|ending|revert {MY} * {THINGS}, {CANCEL} {THINGS}|it|this|now|today|immediately|my, please {CANCEL}, just cancel,
            {WISH} to cancel|terminate|unsubscribe|quit, {WISH} {MY} * {THINGS} cancelled|canceled|terminated|stopped|reversed,
            {WISH} it|that|this cancelled|canceled|stopped, help|assistance * cancelling|canceling|cancel|cancellation, stop renewing, don't renew my,
            unsubscribe me, want out of, get rid of {MY} * {THINGS}, request * cancellation, make|file|submit a cancellation
        """),
    ),
    Topic(
        code="account_closure", label="account closure", urgent=False, asked=True,
        intents=("close_account", "delete_account", "terminate_account", "account_closure"),
        phrases=phrases(f"""
            close|closing|delete|deleting|remove|removing|deactivate|erase|{CANCEL} {MY} * account|accounts|accunt|acount|profile,
            close|delete|remove|deactivate|{CANCEL} * account, account * closed|deleted|removed|closure|deletion,
            closure|removal|deletion|termination of * account, delete|erase all|my|of * data|information
        """),
    ),
    Topic(
        code="dispute", label="money in dispute", urgent=False, asked=True, intents=("dispute", "chargeback", "payment_dispute", "dispute_charge"),
        phrases=phrases(f"""
            dispute|disputing|contest|contesting|challenge {MY}|some|two * charge|charges|payment|payments|transaction|bill|invoice|debit|fee|amount|it,
            dispute charge|payment|transaction|bill|invoice|it|this|that, raise|open|file|start a dispute, chargeback, charge back,
            reverse|reversing {MY} * charge|payment|transaction|transfer, won't|refuse|refusing|not pay|paying for|this|that|your,
            refuse|refusing to pay, you|they owe me, my money is|has|was gone|missing|disappeared|vanished, where is|did|has my money,
            money * missing|disappeared|stolen|gone, demand * money|compensation|refund, want|demand|claim|deserve|need|owe * compensation|compensated
        """),
    ),
    Topic(
        code="refund", label="refund", urgent=False, above_amount=True, unless=("waiting", "awaiting", "track", "status"),
        intents=("refund", "get_refund", "request_refund"),
        phrases=phrases("""
            refund|refunded|refunds|reimburse|reimbursed|reimbursement, money back,
            charged|billed|debited|paid * twice|double|again|wrong|wrongly|incorrectly|too|much|times, overcharged|overcharge,
            double|duplicate|wrong|incorrect|extra charge|charges|charged|payment|payments|amount
        """),
    ),
)
