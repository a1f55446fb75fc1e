"""Greetings, thanks and goodbyes: answered kindly, and never twice in a row with the same words."""

import re

from handoffs.snapshots import Author, Transcript

LONGEST_READ = 200
SMALL_TALK = (
    (r"(hi|hello|hey|hiya|good (morning|afternoon|evening|day))( there| juniper| all| everyone)*( how are you( doing)?( today)?)?",
     ("Hello. What can I look up for you?", "Hi again. Which topic is it: your plan, an order or a camera?")),
    (r"(how are you|how s it going|how are you doing)( today)?", ("Well, thank you. What can I look up for you?", "Fine, thanks. Which topic is it?")),
    (r"((ok|okay|great|perfect|super|no|cool|nice|alright|wonderful|brilliant) )*(thanks|thank you|thx|cheers|many thanks|ty)"
     r"( (so|very) much| a lot| again| juniper| for (your|the) help| that (helps|helped|worked|is all|s all|was all)( .{0,30})?)*",
     ("You’re welcome. Is there anything else?", "Glad that helped. Write here whenever something comes up.")),
    (r"((ok|okay|no|nope|thanks) )*(bye|goodbye|bye bye|see you|have a (nice|good|great) (day|evening|one|weekend)|that s all|that is all|nothing else)"
     r"( thanks| thank you| for now)*",
     ("Goodbye, and take care. This chat stays here if you need it again.", "Have a good day. You can come back to this page at any time.")),
    (r"(ok|okay|great|perfect|got it|i see|understood|cool|alright|that (helps|helped|worked)|it works( now)?)",
     ("Good. Is there anything else?", "Fine. I’m here if another question comes up.")),
    (r"(who are you|what are you|are you (a |an )?(bot|robot|ai|machine|computer)|what s your name|what is your name|what can you do)",
     ("I’m Juniper, an AI. I look things up in our help articles; for everything else a person is one button away.",
      "Juniper, an AI: I know the articles about plans, orders and cameras, and colleagues know the rest.")),
)


def answer(text: str, transcript: Transcript) -> str:
    """What to say to small talk; nothing when the text is about something."""
    plain = " ".join(re.findall(r"[a-z]+", text.lower().replace("’", "'")[:LONGEST_READ]))
    said = [line.text for line in transcript.lines if line.author is Author.ASSISTANT][-1:]
    for pattern, answers in SMALL_TALK:
        if re.fullmatch(pattern, plain):
            return next(words for words in answers if words not in said)
    return ""
