"""Tongue, syndrome, pulse and text of the visits as bands and glyphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from app.domain import pulse as pulse_rules
from app.domain.records import Case, Observation, Position, PulseReading, Side, ValueKind, Visit, is_denied
from app.ui.plots.reading.words import Words
from app.ui.plots.sheet import Band, Pulse

_COATING_MARKS = ("coat", "fur", "moss")
_SEPARATOR = " · "
_HOLDS = 0.15  # share of a long absence over which a state is still drawn, fading


def tail(case: Case, today: float | None) -> float:
    """Days to draw for a state whose end nobody knows: up to today, at least a visible stump."""
    visits = case.visits
    last = visits[-1].day
    stump = max((last - visits[0].day) * 0.05, 3.0 if last == visits[0].day else 1.0)
    return max(today if today is not None else last, last + stump) - last


def bands(
    case: Case, text_of: Callable[[Visit], str], ending: float, absences: Sequence[tuple[float, float]] = ()
) -> tuple[Band, ...]:
    """Runs of equal text: each holds to the next visit; it fades where that visit says nothing of the matter, and soon
    where nobody came for long (``absences``): what was in between nobody knows."""
    out: list[Band] = []
    visits = case.visits
    left = dict(absences)
    for index, visit in enumerate(visits):
        text = text_of(visit)
        if not text:
            continue
        following = visits[index + 1] if index + 1 < len(visits) else None
        end = following.day if following is not None else visit.day + ending
        fades = following is None or not text_of(following)
        if visit.day in left and end == left[visit.day]:
            end, fades = visit.day + (end - visit.day) * _HOLDS, True
        if out and out[-1].text == text and not out[-1].fades:
            out[-1] = Band(out[-1].start, end, text, fades)
        else:
            out.append(Band(visit.day, end, text, fades))
    return tuple(out)


def tongue(words: Words) -> Callable[[Visit], str]:
    """Text of the tongue at a visit: body, then coating (舌质 · 舌苔)."""

    def text(visit: Visit) -> str:
        body: list[str] = []
        coating: list[str] = []
        for observation in visit.observations:
            if observation.concept.startswith("ton.") and not is_denied(observation):
                is_coating = any(mark in observation.concept for mark in _COATING_MARKS)
                word = _tongue_word(observation, words)
                if word and word not in (coating if is_coating else body):
                    (coating if is_coating else body).append(word)
        join = "" if words.language == "zh" else ", "
        return _SEPARATOR.join(part for part in (join.join(body), join.join(coating)) if part)

    return text


def _tongue_word(observation: Observation, words: Words) -> str:
    if observation.kind is ValueKind.TEXT:
        return observation.text
    if observation.kind is ValueKind.SCORE and not observation.number:
        return ""
    word = words(observation.code if observation.code.startswith("ton.") else observation.concept)
    if words.language != "zh":
        return word.removesuffix(" tongue").removesuffix(" coating").lower()
    if len(word) > 2 and word[-1] == "舌":
        return word[:-1]
    return word[1:] if len(word) > 1 and word[0] in "舌苔" else word


def syndrome(words: Words) -> Callable[[Visit], str]:
    """Syndromes of a visit in the order recorded: in Chinese as written, else the vocabulary's name where coded."""

    def told(visit: Visit) -> str:
        named = [d for d in visit.diagnoses if d.kind == "syndrome" and d.text]
        texts = (d.text if words.language == "zh" or not d.code else words(d.code) for d in named)
        return _SEPARATOR.join(dict.fromkeys(texts))

    return told


def elements(visit: Visit) -> tuple[str, ...]:
    return tuple(d.text for d in visit.diagnoses if d.kind == "element" and d.text)


def pulses(case: Case, words: Words) -> tuple[Pulse, ...]:
    out = []
    for index, visit in enumerate(case.visits):
        readings = [r for r in visit.pulses if r.terms or r.raw]
        if readings:
            out.append(_pulse(index, visit.day, readings, words))
    return tuple(out)


def _pulse(index: int, day: float, readings: Sequence[PulseReading], words: Words) -> Pulse:
    axes: dict[tuple[str, str], dict[str, float]] = {}
    names: dict[tuple[str, str], str] = {}
    for reading in readings:
        for place in _places(reading):
            axes[place] = pulse_rules.axes(reading.terms)
            names[place] = _name(reading.terms, words) or reading.raw
    whole = [r for r in readings if r.position is Position.WHOLE and r.side is Side.BOTH]
    terms = whole[0].terms if whole else _common(readings)
    axes[("", "")] = pulse_rules.axes(terms)
    name = _name(terms, words) or readings[0].raw
    return Pulse(index, day, name if whole else _by_hand(names, words) or name, axes, names)


def _by_hand(names: dict[tuple[str, str], str], words: Words) -> str:
    """ "左弦 右滑" where each hand has one pulse and they differ, else ""."""
    hands = [{name for (side, _), name in names.items() if side == wanted} for wanted in (Side.LEFT, Side.RIGHT)]
    if any(len(found) != 1 for found in hands) or hands[0] == hands[1]:
        return ""
    left, right = (found.pop() for found in hands)
    return f"左{left} 右{right}" if words.language == "zh" else f"L {left}, R {right}"


def _places(reading: PulseReading) -> list[tuple[str, str]]:
    """The single positions a reading speaks of: one, or the three of a hand; none for the pulse as a whole."""
    sides = [Side.LEFT, Side.RIGHT] if reading.side is Side.BOTH else [reading.side]
    if reading.position is not Position.WHOLE:
        return [(str(side), str(reading.position)) for side in sides]
    if reading.side is Side.BOTH:
        return []
    return [(str(reading.side), str(p)) for p in (Position.CUN, Position.GUAN, Position.CHI)]


def _common(readings: Sequence[PulseReading]) -> tuple[str, ...]:
    """Components felt at most positions, else those of the commonest reading."""
    counts = Counter(term for r in readings for term in r.terms)
    shared = tuple(t for t, n in counts.items() if n * 2 > len(readings))
    return shared or Counter(r.terms for r in readings).most_common(1)[0][0]


def _name(terms: tuple[str, ...], words: Words) -> str:
    if words.language == "zh":
        return pulse_rules.name(terms) if terms else ""
    return " ".join(words(t).lower() for t in terms)


def note(visit: Visit) -> str:
    """The visit's own words on one line; its outcome stands among the events."""
    return " ".join(visit.text.split())
