"""The customer's mood falls turn after turn, before they ask for a person."""

from itertools import pairwise

from handoffs import feeling
from handoffs.policy import Policy
from handoffs.snapshots import Author, Detection, Line, Question, Transcript

TENSE, AT_LAST = 0.55, 0.6  # each turn of the fall, and the newest one; a plain question has about 0.3, one about money up to 0.53
FALL = 0.15  # more tension than before the fall
WOBBLE = 0.05  # a turn may ease by so much and the fall goes on
CALM = 0.3  # what to compare with when nothing was said before
LOOK_BACK = 3  # turns before the fall

WHERE = Line(Author.CUSTOMER, "Where is my parcel?", 1)
SOON = Line(Author.ASSISTANT, "Parcels take three days.", 2)
LATE = Line(Author.CUSTOMER, "It has been two weeks and it still has not arrived.", 3)
SORRY = Line(Author.ASSISTANT, "I am sorry, I could not find it.", 4)
ENOUGH = Line(Author.CUSTOMER, "You keep giving me the same useless answer!!", 5)
FINE = Line(Author.CUSTOMER, "Ok, thank you, then I will wait.", 5)


class SentimentDrop:
    """The customer grew tenser over several messages in a row and is now frustrated or worse, though they have not asked for a person.
    One cross message, or a little up and down, is no reason."""

    code = "sentiment_drop"
    label = "Mood is falling"
    question = Question.CAN
    examples = (
        (Transcript(lines=(WHERE, SOON, LATE, SORRY, ENOUGH)), True),
        (Transcript(lines=(WHERE, SOON, LATE)), False),
        (Transcript(lines=(WHERE, SOON, LATE, SORRY, FINE)), False),
        (Transcript(lines=(LATE, SORRY, WHERE)), False),
        (Transcript(lines=(WHERE, SOON, ENOUGH)), False),
        (Transcript(lines=(Line(Author.CUSTOMER, "I want to cancel"), SOON, Line(Author.CUSTOMER, "There is no button"), SOON, WHERE)), False),
    )

    def detect(self, transcript: Transcript, policy: Policy) -> Detection | None:
        if transcript.newest is None:
            return None
        count = policy.mood_falls
        said = [(at, line) for at, line in enumerate(transcript.lines) if line.author is Author.CUSTOMER][-count - LOOK_BACK :]
        # The newest first: it is calm as a rule, and then nobody has to look at the others.
        if len(said) < count or _tension(transcript, *said[-1]) < AT_LAST:
            return None
        tension = [_tension(transcript, at, line) for at, line in said]
        if not _falls(tension[:-count], tension[-count:]):
            return None
        turns, words = [line.number for _, line in said[-count:]], transcript.newest.text[:120]
        evidence = {"tension": tension[-count - 1 :], "turns": turns, "words": words}
        return Detection(self.code, f"Mood fell over {count} messages", evidence)


def _tension(transcript: Transcript, at: int, line: Line) -> float:
    return feeling.judged_as(line, transcript.lines[:at])[1]


def _falls(before: list[float], run: list[float]) -> bool:
    """Whether the run of turns is tense throughout, does not ease, ends high, and is worse than what was before."""
    usual = sum(before) / len(before) if before else CALM
    eases = any(later < earlier - WOBBLE for earlier, later in pairwise(run))
    return min(run) >= TENSE and run[-1] >= AT_LAST and run[-1] - usual >= FALL and not eases
