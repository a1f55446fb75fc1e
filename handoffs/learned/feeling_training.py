"""Trains the shipped model of feelings: Reddit comments by emotion, our own customer sentences, plain service talk as background, and
dialogues in which a customer became annoyed for what repeats and refusals weigh."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from handoffs.evaluation.files import Row, read
from handoffs.learned import cues
from handoffs.learned.blend import Blend
from handoffs.learned.feelings import BAD, FeelingModel, situation
from handoffs.learned.linear import Floats, Recipe
from handoffs.snapshots import Author, Line, Mood

RECIPE = Recipe(least=3, keep=30_000, cost=0.3)
OWN = Path(__file__).parent / "phrases" / "feeling.tsv"
FILLED, JOINED = 6, 4  # times each sentence of ours, with other words in its gaps; and beside a calm one
HEAVIEST = 2.5  # log odds: the labels are a whole dialogue's, so a weight may come out too large
OURS_WORTH, PLAIN_WORTH, PLAIN = 2.0, 0.5, 6000
# Which of the 27 emotions is which mood; surprise and the like say nothing of it. Sadness and disgust: something went wrong for them.
MOODS = {
    emotion: mood
    for mood, emotions in {
        Mood.ANGRY: "anger",
        Mood.FRUSTRATED: "annoyance disappointment disapproval disgust sadness grief",
        Mood.WORRIED: "fear nervousness",
        Mood.CONTENT: "admiration amusement approval excitement gratitude joy love optimism pride relief",
        Mood.NEUTRAL: "neutral confusion curiosity realization surprise desire caring remorse embarrassment",
    }.items()
    for emotion in emotions.split()
}
GAPS = {
    "thing": ("order", "parcel", "subscription", "refund", "booking", "account", "card", "flight", "phone", "ticket", "delivery", "router", "invoice",
              "Pro plan"),
    "time": ("two hours", "3 days", "a week", "40 minutes", "three weeks", "an hour", "10 days", "a month"),
    "third": ("second", "third", "fourth", "3rd", "5th"),
    "bot": ("bot", "chatbot", "assistant", "system"),
}


def train(data: Path, seed: int = 0) -> bytes:
    """The model's bytes, from the folders goemotions, multidogo and star in `data`; the same files and seed give the same bytes."""
    rows = [*_emotions(data), *_ours(seed), *_plain(data, seed)]
    texts, moods, worth = zip(*rows, strict=True)
    model = Blend.fit(texts, [cues.numbers(text) for text in texts], moods, seed=seed, recipe=RECIPE, worth=worth)
    return FeelingModel(model, _dialogue(model, data)).to_bytes()


def _dialogue(words: Blend, data: Path) -> Floats:
    """What a repeat and a refusal weigh, in the words' log odds of a bad mood: both fitted to whether the customer became annoyed."""
    turns = [turn for row in read([data / "star" / "dialogues.jsonl.gz"]) if row["user_annoyed"] is not None for turn in _turns(row)]
    texts, situations, annoyed = zip(*turns, strict=True)
    shares = words.shares(texts, [cues.numbers(text) for text in texts])
    bad = shares[:, [words.classes.index(mood) for mood in BAD]].sum(axis=1).clip(1e-4, 1 - 1e-4)
    learner = LogisticRegression(C=1.0, class_weight="balanced")
    learner.fit(np.column_stack([np.log(bad / (1 - bad)), np.array(situations)]), np.array(annoyed))
    own, *others = learner.coef_[0]
    return np.asarray(np.clip(np.array(others) / own, 0, HEAVIEST), np.float32)


def _turns(row: Row) -> Iterator[tuple[str, list[float], bool]]:
    """Each of the customer's turns, what it follows, and whether this customer became annoyed."""
    before: list[Line] = []
    for event in row["events"]:
        if event["who"] == "guide" or not event.get("text"):
            continue
        if event["who"] == "user":
            yield event["text"], situation(event["text"], before), row["user_annoyed"]
        before.append(Line(Author.CUSTOMER if event["who"] == "user" else Author.ASSISTANT, event["text"]))


def mood_of(row: Row) -> Mood | None:
    """The mood of a comment's emotions; None when they disagree. Anger among annoyance is anger."""
    moods = {MOODS[emotion] for emotion in row["emotions"]}
    if len(moods) > 1:
        moods.discard(Mood.NEUTRAL)
    if moods == {Mood.ANGRY, Mood.FRUSTRATED}:
        return Mood.ANGRY
    return moods.pop() if len(moods) == 1 else None


def _emotions(data: Path) -> list[tuple[str, str, float]]:
    rows = read([data / "goemotions" / f"{part}.jsonl.gz" for part in ("train", "dev")])
    return [(row["text"], mood, 1.0) for row in rows if (mood := mood_of(row))]


def _ours(seed: int) -> list[tuple[str, str, float]]:
    chance = random.Random(seed)
    lines = [line.split("\t") for line in OWN.read_text(encoding="utf-8").splitlines()]
    alone = [(_filled(text, chance), mood, OURS_WORTH) for mood, text in lines for _ in range(FILLED)]
    calm = [text for mood, text in lines if mood == Mood.NEUTRAL]
    heavy = [(mood, text) for mood, text in lines if mood not in (Mood.NEUTRAL, Mood.CONTENT) for _ in range(JOINED)]
    return alone + [(_filled(_joined(text, chance.choice(calm), chance), chance), mood, 1.0) for mood, text in heavy]


def _joined(text: str, calm: str, chance: random.Random) -> str:
    """Trouble told beside something plain, before or after it, is still trouble."""
    one, other = (text, calm) if chance.random() < 0.5 else (calm, text)
    return f"{one.strip()} {other.strip()}" if one.strip()[-1] in ".!?" else f"{one.strip()}, {other.strip()}"


def _filled(text: str, chance: random.Random) -> str:
    for gap, words in GAPS.items():
        word = chance.choice(words)
        text = text.replace(f"{{{gap}}}", word).replace(f"{{{gap.upper()}}}", word.upper())
    return text


def _plain(data: Path, seed: int) -> list[tuple[str, str, float]]:
    """Service talk without any sign of trouble or thanks: neutral, as nearly all of it is."""
    rows = read([data / "multidogo" / "train.jsonl.gz"])
    calm = sorted({row["text"] for row in rows if not any(cues.SIGNS[sign].search(row["text"]) for sign in ("worry", "anger", "stuck", "glad"))})
    return [(text, Mood.NEUTRAL, PLAIN_WORTH) for text in random.Random(seed).sample(calm, min(PLAIN, len(calm)))]
