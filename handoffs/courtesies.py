"""Words that ask for nothing: thanks and goodbyes, in the languages customers' pages speak. Pure."""

import re

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
        a again all all's alright amazing and assist assistance assisting awesome best brilliant care confirmation confirming cool day dear effort else enjoy
        evening everything excellent fantastic fine for good great had have help helped helpful helping hi i i'll i've info information is it it's its just
        kind kindly later lot lots lovely luck ma'am madam many me morning mr mrs ms much my nice night no nothing now of oh ok okay okey one out patience
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
A_GOOD_DAY = re.compile(r"\bhave an? |\benjoy (?:your|the) ", re.I)
ASKS = re.compile(r"[?؟\d]")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def asks_nothing(text: str, to: str = "") -> bool:
    """Whether somebody only thanks, or says goodbye, to the person of that name."""
    names = {*WORD.findall(to.lower())}
    said = [word.replace("’", "'") for word in WORD.findall(text.lower())]
    is_kind = not THANKS.isdisjoint(said) or bool(A_GOOD_DAY.search(text))
    return is_kind and not ASKS.search(text) and len(said) <= LONGEST and WITH_THEM.issuperset({*said} - names)
