"""How the customer feels: a mood and a tension per turn, and the trend over the conversation."""

import re
from functools import cache
from typing import Protocol

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from handoffs.snapshots import Feeling, Line, Mood, Trend

LOOK_BACK = 5
TREND_STEP = 0.1

WORRY = re.compile(
    r"\b(worried|worry|scared|afraid|anxious|nervous|panic\w*|stolen|hacked|fraud\w*|unsafe|in danger|emergency"
    r"|someone (?:is|has|else)|did ?n[o']?t place|never ordered|lost my (?:card|phone|wallet)|terrified)\b",
    re.I,
)
ANGER = re.compile(
    r"\b(furious|outrag\w+|disgust\w+|ridiculous|unacceptable|scam\w*|idiot\w*|stupid|useless|worst|terrible|hate|angry"
    r"|pathetic|rip[- ]?off|liar\w*|damn|wtf|bullshit|crap)\b",
    re.I,
)
STUCK = re.compile(
    r"\b(again|already|still (?:not|no|does|did|is|have|waiting)|(?:second|third|fourth|\d+(?:nd|rd|th)) time|keeps?|over and over"
    r"|(?:is|does|did|has|can)n[o']?t work\w*|not working|(?:three|several|many) times|nothing (?:works|helps)|frustrat\w+"
    r"|annoy\w+|waste\w*|useless|how many times|no one|nobody|fed up|not help\w*)\b",
    re.I,
)
GLAD = re.compile(r"\b(thanks?|thank you|great|perfect|wonderful|awesome|excellent|lovely|brilliant)\b", re.I)

HOW_TO_OPEN = {
    Mood.ANGRY: "Open with an apology, name the problem, and say what you will do first.",
    Mood.FRUSTRATED: "Open with an apology and skip the basics.",
    Mood.WORRIED: "Say what is already safe first.",
    Mood.NEUTRAL: "Say that you have read everything, then go to the point.",
    Mood.CONTENT: "Keep it short and warm.",
}


class Scorer(Protocol):
    """Scores the tone of one text: -1 (worst) to 1 (best)."""

    def score(self, text: str) -> float: ...


class Vader:
    """vaderSentiment's compound score (Hutto and Gilbert 2014), for English."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()

    def score(self, text: str) -> float:
        return float(self._analyzer.polarity_scores(text[:2000])["compound"])


@cache
def scorer() -> Scorer:
    return Vader()


def judge(text: str) -> tuple[Mood, float]:
    """The mood of one customer turn and its tension in 0..1."""
    text = text.replace("’", "'")
    tone = scorer().score(text)
    angry, worried, stuck = len(ANGER.findall(text)), len(WORRY.findall(text)), len(STUCK.findall(text))
    shouting = _shouting(text)
    tension = 0.4 - 0.3 * tone + 0.12 * min(stuck, 2) + 0.15 * min(angry, 2) + 0.1 * min(worried, 2) + 0.15 * shouting
    tension = round(min(1.0, max(0.0, tension)), 2)
    return _mood(tone, tension, angry + shouting, worried, stuck, bool(GLAD.search(text))), tension


def _shouting(text: str) -> int:
    words = [word for word in re.findall(r"[^\W\d_]{3,}", text)]
    capitals = sum(word.isupper() for word in words)
    return int(len(words) >= 2 and capitals * 2 >= len(words)) + int("!!" in text or "??" in text)


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


def over(lines: tuple[Line, ...]) -> Feeling:
    """The feeling now: the strongest recent mood, and where the tension is going.

    The newest turn counts most, yet a flat "yes, A-20991" after an outburst does not make the customer calm.
    """
    judged = [(line.mood, line.tension) if line.mood else judge(line.text) for line in lines[-LOOK_BACK:]]
    if not judged:
        return Feeling(how_to_open=HOW_TO_OPEN[Mood.NEUTRAL])
    moods, tension = tuple(mood for mood, _ in judged), tuple(value for _, value in judged)
    mood = _standing(moods, tension)
    return Feeling(mood=mood, trend=_trend(tension), tension=tension, moods=moods, how_to_open=HOW_TO_OPEN[mood])


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
