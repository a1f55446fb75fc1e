"""Words that ask for nothing: thanks and goodbyes, in the languages customers' pages speak. Pure."""

import re
from unicodedata import category

LONGEST = 15  # words
# At least one of these, and nothing else but what goes with them.
THANKS = frozenset(
    re.findall(
        r"\S+",
        """
        thank thanks thankyou thnaks thanx thx ty tysm cheers bye byee byebye goodbye cya appreciated appreciate
        danke dankeschön dank merci tschüss tschüß ciao wiedersehen
        revoir gracias adiós adios chao obrigado obrigada tchau adeus
        شكرا وداعا السلامة اللقاء
        """,
    )
)
WITH_THEM = THANKS | frozenset(
    re.findall(
        r"\S+",
        """
        a again all all's alright amazing and assist assistance assisting awesome best brilliant care confirmation confirming cool day dear effort enjoy
        evening everything excellent fantastic fine for good great had have help helped helpful helping hi i i'll i've info information is it it's its just
        kind kindly later lot lots lovely luck ma'am madam many me morning mr mrs ms much my nice night now of oh ok okay okey one out patience
        perfect pleasure quick really reply response s see service set sir so soon sounds super support take that that's thats the then time today too u
        valuable very was weekend well will with wonderful worked works ya yeah yep yes you you're you've your yours
        abend alles auch auf besten bis bald das dann der die du einen ebenso euch für genau gleichfalls gut guten herzlichen hilfe ich ihnen ihre ihrer ist ja
        klar lieben morgen noch perfekt prima schnelle schön schöne schönen schönes sehr sie später tag toll und viel vielen wochenende wunderbar wünsche
        à aide au beaucoup bien bientôt bon bonne ça c'est d'accord encore et fin grand infiniment je journée l'aide la le mille nuit oui parfait pour semaine
        soirée tout très un une votre vous week end
        amable ayuda buen buena buenas bueno buenos claro con de día días el es eso genial gran hasta las linda lindo luego mañana mil muchas muchísimas muy
        noche noches perfecto por pronto que saludos semana si sí su tarde tardes todo tenga usted vale y
        agradeço ainda ajuda até bem boa bom breve certo com dia dias e está fim logo mais muito na noite o ótima ótimo pela pelo perfeito sim sua tudo um uma
        جزيلا لك لكم على المساعدة مع إلى الى يومك سعيد حسنا تمام كثيرا جدا
        """,
    )
)
# Taken as said for what an agent has told them, unless that was a question.
TAKEN = frozenset(
    re.findall(
        r"\S+",
        """
        alright amazing awesome brilliant cool excellent fine good got great it k lovely nice ok okay okey perfect right super sure understood wonderful yeah
        alles genau gut klar prima toll bien compris d'accord parfait bueno entendido perfecto vale bom certo entendi ótimo perfeito تمام حسنا
        """,
    )
)
NO_MORE = re.compile(r"\b(?:no|nope|nothing else|nothing more|nein|non|não|nao|لا)\b\W*(?=thank|thx|that|bye|have|danke|merci|gracias|obrigad|شكر|$)", re.I)
# What an agent asks who is done: thanks are an answer to that, to another question they may be a yes.
WHAT_ELSE = re.compile(r"\belse\b|\bsonst\b|\bnoch (?:etwas|was)\b|\bautre chose\b|\balgo más\b|\bmais (?:alguma|algo)\b|آخر", re.I)
A_GOOD_DAY = re.compile(r"\bhave an? |\benjoy (?:your|the) ", re.I)
ASKS = re.compile(r"[?؟\d]")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def asks_nothing(text: str, *, to: str = "", after: str = "") -> bool:
    """Whether somebody only thanks the person of that name, says goodbye, or takes what that person said `after` which this comes."""
    if ASKS.search(text):
        return False
    if "?" not in after and TAKEN.issuperset(_words(text)) and any(sign.isalpha() or category(sign) == "So" for sign in text):
        return True
    said, refused = _words(NO_MORE.sub("", text)), bool(NO_MORE.search(text))
    if "?" in after and not refused and not WHAT_ELSE.search(after):
        return False
    is_kind = not THANKS.isdisjoint(said) or bool(A_GOOD_DAY.search(text))
    return is_kind and len(said) <= LONGEST and WITH_THEM.issuperset({*said} - {*_words(to)})


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in WORD.findall(text.lower())]
