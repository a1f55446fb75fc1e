"""Step 2: the brief, what a person must know, made from facts alone. Always succeeds."""

import logging
import re

from handoffs import feeling, waiting
from handoffs.learned.asking import asked
from handoffs.snapshots import Author, Brief, BriefAttempt, Detection, Fact, Line, Mood, Outcome, Proposal, Transcript, Tried

logger = logging.getLogger(__name__)

NO_GOAL = "Talk to a person"
GOAL_LENGTH = 110
ATTEMPTS_SHOWN = 12
GREETING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear \w+|yes|no|ok(?:ay)?|so|well|please|sorry|thanks?(?: you)?)\b"
    r"[\s,.!:;]*(?:there\b[\s,.!]*)?)+",
    re.I,
)
SMALL_TALK = re.compile(
    r"^\W*(?:thanks?(?: you)?|ok(?:ay)?|yes|no|sure|great|bye|goodbye|hello|hi|hey|please|fine|right|got it|cool"
    r"|my name is [\w .'-]+|i am [A-Z]\w+)\b[\s\w,.!]{0,25}$",
    re.I,
)
WISHING = re.compile(r"\b(?:i|you|me|want|need|would|like|to|can|could|please|just|now|get|let)\b", re.I)
NEED = re.compile(
    r"\b(want|need|would like|i'd like|can you|could you|help|how (?:do|can)|cancel|refund|change|book|find|fix|stop|return"
    r"|where is|why|trying to|lost|problem|issue)\b",
    re.I,
)
# Every repetition has an upper limit, and only READ characters of a turn are read: words come from strangers.
READ = 2000
ORDER = re.compile(
    r"(?i:\b(?:order|booking|invoice|ticket|case|reference)\b(?:\s{1,3}(?:number|no\.?|id|is)\b){0,3}\s{0,3}[:#]?\s{0,3})"
    r"((?=[\w-]{0,30}\d)[\w-]{2,40})"
)
AMOUNT = re.compile(r"[$€£]\s?\d[\d,]{0,15}(?:\.\d{1,4})?|(?<![\d,.])\d[\d,]{0,15}(?:\.\d{1,4})?\s?(?:dollars|euros?|pounds|usd|eur|gbp)\b", re.I)
FACTS = (
    ("e-mail", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("order number", ORDER),
    ("order number", re.compile(r"\b([A-Z]{1,3}-\d{3,20})\b")),
    ("amount", AMOUNT),
)
WISH = re.compile(r"\b(?:i|we)(?:'d| would)?(?: just| really)? (?:want|need|like|wish|prefer)(?: to)?\s{0,5}$", re.I)
QUOTED = re.compile(r"\s?(?:\b(?:for|about|of|to)\s)?“[^”]{0,500}”?")
LOOKED_UP = re.compile(r"\s*(?:search|look|find|found|read|quer|answer|repl)", re.I)
BY_TRIGGER = {
    "humans_only": ("Say what is safe now, then take it over yourself; the assistant gave no advice.", "The topic is on the list for people."),
    "out_of_scope": ("Say what is safe now, then take it over yourself; the assistant gave no advice.", "No assistant covers this topic."),
    "compliance": ("Answer only what you are qualified for, or name who is; the assistant gave no advice.", "Rules keep this topic from assistants."),
    "high_stakes": ("Check what they are entitled to, repeat what you will do and the sum, then do it.", "It is dear or cannot be undone."),
    "ungrounded": ("Check the assistant's answer against the source, then give your own.", "Parts of it do not stand in what it read."),
    "low_confidence": ("Check the assistant's answer against the source, then give your own.", "The assistant was not sure of it."),
    "repeated_failure": ("Answer the repeated question first, in one sentence.", "It was asked again and again."),
    "sentiment_drop": ("Name what went wrong so far, then do the next thing at once.", "Their mood fell while the assistant answered."),
    "assistant_failed": ("Pick up where the assistant stopped: its answer never came.", "The customer is owed an answer."),
}
RESULT = {Outcome.DONE: "it worked", Outcome.FAILED: "it failed", Outcome.REFUSED: "it was refused", Outcome.UNKNOWN: "the result is not known"}


def pack(transcript: Transcript, detections: tuple[Detection, ...], *, name: str = "", facts: dict[str, object] | None = None,
         note: str = "") -> Brief:
    """The brief of a conversation about to be handed over; on any error the plainest brief that is true."""
    reason = detections[0].reason if detections else "Handed over"
    try:
        return _pack(transcript, reason, detections, name or "The customer", facts or {}, note)
    except Exception:
        logger.exception("packaging failed, the brief falls back to facts")
        last = transcript.said[-1].text[:GOAL_LENGTH] if transcript.said else ""
        return Brief(goal=last, summary=reason, reason=reason, next_step="Read the conversation, then answer.")


def _pack(transcript: Transcript, reason: str, detections: tuple[Detection, ...], name: str, facts: dict[str, object],
          note: str) -> Brief:
    felt = feeling.over(transcript.said)
    proposal = transcript.proposal or Proposal()
    tried = merge((*transcript.tried, *proposal.attempts))
    goal = goal_of(transcript.said)
    step, why = _next_step(detections, tried, goal, note)
    return Brief(
        feeling=felt,
        goal=goal,
        summary=summary_of(transcript, tried, name, goal, reason, note),
        attempts=tried[-ATTEMPTS_SHOWN:],
        facts=facts_of(transcript.said, facts),
        sources=tuple(proposal.named_sources),
        reason=reason,
        next_step=step,
        next_step_why=why,
        draft=_draft(name, felt.mood),
    )


def goal_of(said: tuple[Line, ...]) -> str:
    """What the customer needs, in one line: the clearest need they voiced, not their first words nor "get me a person"."""
    texts = [line.text[:READ] for line in said]
    ranked = [(_weight(text), index, text) for index, text in enumerate(texts)]
    useful = [entry for entry in ranked if entry[0] > 0]
    if not useful:
        return NO_GOAL
    best = max(useful, key=lambda entry: (entry[0], -entry[1]))
    return _one_line(_clearest_sentence(best[2]))


def _weight(text: str) -> float:
    """How much of a need a text voices: nothing in greetings, small talk and the bare wish for a person."""
    plain = GREETING.sub("", text).replace("’", "'")
    wish = asked(plain)
    words = len(re.findall(r"\w+", WISHING.sub(" ", plain.replace(wish, " ")) if wish else plain))
    if words < (2 if wish else 3) or SMALL_TALK.match(text):
        return 0
    return min(words, 20) / 20 + (0.8 if NEED.search(plain) else 0) + (0.3 if re.search(r"\d", plain) else 0)


def _clearest_sentence(text: str) -> str:
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part.strip()]
    return max(sentences, key=_weight) if sentences else text


def _one_line(text: str) -> str:
    plain = re.sub(r"\s+", " ", GREETING.sub("", text)).strip(" ,;:-")
    plain = plain or text.strip()
    if len(plain) > GOAL_LENGTH:
        plain = plain[: GOAL_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return plain[:1].upper() + plain[1:]


def summary_of(transcript: Transcript, tried: tuple[BriefAttempt, ...], name: str, goal: str, reason: str, note: str) -> str:
    """Two to three sentences, at most about 60 words: what they need, what stands in the way, why it is here."""
    first = f"{name} wrote: “{_cut(goal, 18)}”" if transcript.said else f"{name} has not written yet"
    failed = [attempt for attempt in tried if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)]
    if failed:
        last = failed[-1]
        second = f"The assistant tried “{_named(last.step)}” and {RESULT[last.outcome]}" + (f": {_cut(last.detail, 10)}" if last.detail else "")
    elif tried:
        second = f"The assistant did {len(tried)} step{'s' if len(tried) > 1 else ''}, last “{_named(tried[-1].step)}”"
    else:
        answers = sum(line.author is Author.ASSISTANT for line in transcript.lines)
        times = f"{answers} time{'s' if answers != 1 else ''}"
        second = f"The assistant answered {times}, without a step of its own" if answers else "The assistant has not answered"
    third = f"Handed over because: {_cut(note, 16) if note else reason[:1].lower() + reason[1:]}"
    return " ".join(_stop(sentence) for sentence in (first, second, third))


def _stop(sentence: str) -> str:
    return sentence if sentence.rstrip("”").endswith((".", "!", "?", "…")) else f"{sentence}."


def _cut(text: str, words: int) -> str:
    parts = text.split()
    return " ".join(parts[:words]).rstrip(",;:") if len(parts) <= words else " ".join(parts[:words]).rstrip(",;:.") + "…"


def _named(step: str) -> str:
    """A step in a few words, without what it quotes: quotes within quotes cannot be read."""
    return _cut(QUOTED.sub("", step[:READ]).strip() or step, 8)


def merge(tried: tuple[Tried, ...]) -> tuple[BriefAttempt, ...]:
    """Attempts in order, repeats of the same step and outcome merged into the latest."""
    rows: dict[tuple[str, Outcome], BriefAttempt] = {}
    for attempt in tried:
        key = (attempt.step.casefold(), attempt.outcome)
        rows.pop(key, None)
        rows[key] = BriefAttempt(step=attempt.step, detail=attempt.detail, outcome=attempt.outcome, shown=attempt.shown)
    return tuple(rows.values())


def facts_of(said: tuple[Line, ...], given: dict[str, object]) -> tuple[Fact, ...]:
    """Facts the assistant sent and those read from the customer's words with their turn; the latest value wins."""
    found = {name: Fact(name=name, value=str(value)[:200]) for name, value in given.items()}
    for line in said:
        for name, pattern in FACTS:
            for match in pattern.finditer(line.text[:READ]):
                found[name] = Fact(name=name, value=(match.group(1) if pattern.groups else match.group(0)).strip(), turn=line.number or None)
    return tuple(found.values())


def _next_step(detections: tuple[Detection, ...], tried: tuple[BriefAttempt, ...], goal: str, note: str) -> tuple[str, str]:
    trigger = detections[0].trigger if detections else ""
    failed = [attempt for attempt in tried if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED)]
    if failed:
        step = _named(failed[-1].step)
        if LOOKED_UP.match(step):
            return "Answer this yourself: what the assistant tried did not help.", "It had no answer that fits."
        return f"Do by hand what the assistant could not: {step[:1].lower()}{step[1:].rstrip('.…')}.", "Its last failed step stands in the way."
    if trigger in BY_TRIGGER:
        return BY_TRIGGER[trigger]
    if goal == NO_GOAL:
        return "Ask what they need; they have not said it yet.", "There is no request in the conversation so far."
    return "Confirm that you know what they need, then do it.", "They asked for a person and have explained it once."


def _draft(name: str, mood: Mood) -> str:
    """How the agent may begin; the page puts their name in the place of {agent}."""
    first = name.split()[0] if name and name != "The customer" else ""
    return waiting.words("draft", name=first, mood=mood)
