"""How the customer feels: a mood and a tension per turn, and the trend over the conversation."""

from collections.abc import Sequence

from handoffs.learned import cues, feelings, languages
from handoffs.snapshots import Feeling, Line, Mood, Trend

LOOK_BACK = 5
TREND_STEP = 0.1
READ = "en"  # the language that the models read

HOW_TO_OPEN = {
    Mood.ANGRY: "Open with an apology, then what you will do first.",
    Mood.FRUSTRATED: "Open with an apology and skip the basics.",
    Mood.WORRIED: "Say what is already safe first.",
    Mood.NEUTRAL: "Go straight to the point.",
    Mood.CONTENT: "Keep it short and warm.",
}
UNREAD = "Feelings are not read in the language of the newest message: only its emoji, capitals and marks were looked at."


def judge(text: str, before: Sequence[Line] = ()) -> tuple[Mood, float]:
    """The mood of one customer turn and its tension in 0..1; `before` is what was said earlier, by anybody, oldest first.

    English is judged by the trained model, and by rules when its file cannot be used. Of other languages only the signs are read.
    """
    if not reads(text, before):
        return _by_signs(text)
    model = feelings.shipped()
    if model is None:
        return _by_rules(text)
    moods = model.moods(text, before)
    return max(moods, key=lambda mood: moods[mood]), feelings.tension_of(moods)


def reads(text: str, before: Sequence[Line] = (), heard: str = "") -> bool:
    """Whether the words are in the language of the models: as they were `heard` or show themselves, as the conversation did, or as the model knows them."""
    language = heard or languages.detect(text) or next((line.language for line in reversed(before) if line.language), "")
    return language == READ if language else feelings.knows(text)


def over(lines: tuple[Line, ...]) -> Feeling:
    """The feeling now: the strongest recent mood, and where the tension is going.

    The newest turn counts most, yet a flat "yes, A-20991" after an outburst does not make the customer calm.
    """
    recent = lines[-LOOK_BACK:]
    judged = [judged_as(line, recent[:at]) for at, line in enumerate(recent)]
    if not judged:
        return Feeling(how_to_open=HOW_TO_OPEN[Mood.NEUTRAL])
    moods, tension = tuple(mood for mood, _ in judged), tuple(value for _, value in judged)
    mood, read = _standing(moods, tension), reads(recent[-1].text, recent, recent[-1].language)
    how_to_open = HOW_TO_OPEN[mood] if read else UNREAD
    return Feeling(mood=mood, trend=_trend(tension), tension=tension, moods=moods, read=read, how_to_open=how_to_open)


def judged_as(line: Line, before: Sequence[Line]) -> tuple[Mood, float]:
    """A line's mood and tension: as stored, else judged now."""
    return (line.mood, line.tension) if line.mood else judge(line.text, before)


def _by_signs(text: str) -> tuple[Mood, float]:
    """What emoji, capitals and marks say in any language; it takes two of them for the worst."""
    seen = {name: len(cues.SIGNS[name].findall(text)) for name in ("scowl", "tears", "smile")}
    loud = cues.shouting(text)
    if seen["scowl"] or loud:
        angry = seen["scowl"] + loud > 1
        return (Mood.ANGRY, 0.85) if angry else (Mood.FRUSTRATED, 0.65)
    if seen["tears"]:
        return Mood.WORRIED, 0.6
    return (Mood.CONTENT, 0.1) if seen["smile"] else (Mood.NEUTRAL, 0.3)


def _by_rules(text: str) -> tuple[Mood, float]:
    """English without the model: the words' tone by a lexicon, and the signs of anger, worry and being stuck."""
    text = text[: cues.LONGEST].replace("’", "'")
    tone, shouting = cues.tone(text), cues.shouting(text)
    angry, worried, stuck = (len(cues.SIGNS[name].findall(text)) for name in ("anger", "worry", "stuck"))
    tension = 0.4 - 0.3 * tone + 0.12 * min(stuck, 2) + 0.15 * min(angry, 2) + 0.1 * min(worried, 2) + 0.15 * shouting
    tension = round(min(1.0, max(0.0, tension)), 2)
    return _mood(tone, tension, angry + shouting, worried, stuck, bool(cues.SIGNS["glad"].search(text))), tension


def _mood(tone: float, tension: float, angry: int, worried: int, stuck: int, glad: bool) -> Mood:
    if worried and worried >= angry:
        return Mood.WORRIED
    if angry and tension >= 0.6:
        return Mood.ANGRY
    if (stuck and not (glad and tone > 0.3)) or tension >= 0.55:
        return Mood.FRUSTRATED
    if tone >= 0.5 and (glad or tension <= 0.25):
        return Mood.CONTENT
    return Mood.NEUTRAL


def _standing(moods: tuple[Mood, ...], tension: tuple[float, ...]) -> Mood:
    if moods[-1] is not Mood.NEUTRAL:
        return moods[-1]
    recent = list(zip(moods, tension, strict=True))[-3:]
    mood, strength = max(recent, key=lambda pair: pair[1])
    return mood if strength >= 0.5 else Mood.NEUTRAL


def _trend(tension: tuple[float, ...]) -> Trend:
    if len(tension) < 2:
        return Trend.STEADY
    before = sum(tension[:-1]) / len(tension[:-1])
    change = tension[-1] - before
    if change >= TREND_STEP:
        return Trend.RISING
    return Trend.EASING if change <= -TREND_STEP else Trend.STEADY
