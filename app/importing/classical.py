"""Symptoms and tongue signs from classical and modern case text, by vocabulary and rules.

The text is freed of its herb lists, cut into clauses, and in each clause the longest term wins: a term of the
vocabulary (失眠, 不寐), or a body part with its complaint (少腹 + 胀痛), which are put together by rule. So 不寐,
无汗 and 大便不通, being terms, are findings, while 不渴 and 无头痛、发热 are denials. A finding counts as denied
(number 0, ``negated``) also where the text says it has gone (咳止, 诸痛悉除). Where it has merely lessened (咳减,
热渐退) it is still there and stays a positive finding; ``raw`` keeps the words either way. What is only feared, made
conditional, remembered, quoted or named as the aim of treatment is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from app.domain.records import ABSENT, PRESENT, Observation, ValueKind
from app.domain.vocabulary import active, for_each_vocabulary
from app.importing import classical_readings as readings
from app.importing import classical_words as words
from app.importing.classical_pulse import code_pulse_terms
from app.importing.classical_text import clauses_of, narrative
from app.importing.classical_tongue import SPEAKS_OF_TONGUE, TongueSign, tongue_signs

__all__ = ["Sign", "code_pulse_terms", "code_text", "find_signs", "observations_of", "strip_herbs"]

PAIN = "sym.pain"
GONE = "-"  # before the code of a term that says the complaint is not there (寐安, 大便畅行)


@dataclass(frozen=True, slots=True)
class Sign:
    """A symptom or tongue sign named in a text: text[start:end] is what was coded; clause: the words around it."""

    start: int
    end: int
    code: str
    denied: bool
    clause: str


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    codes: tuple[str, ...]
    denied: bool = False  # the denial stands inside the phrase (腹不痛)


def strip_herbs(text: str) -> str:
    """The narrative without dosed and undosed herb lists, broken lines joined."""
    return narrative(text).text


@for_each_vocabulary
def _terms() -> dict[str, dict[str, str]]:
    """First character -> term -> code ("" for words that must not be taken for a finding)."""
    terms: dict[str, dict[str, str]] = {}
    for concept in active().by_kind("symptom"):
        for term in (concept.zh, *concept.synonyms):
            terms.setdefault(term[0], {})[term] = concept.code
        for term in concept.extra["absent"].split("|"):
            if term:
                terms.setdefault(term[0], {})[term] = GONE + concept.code
    for code, some in readings.READINGS.items():
        for term in some:
            plain = term.removeprefix(GONE)
            terms.setdefault(plain[0], {}).setdefault(plain, (GONE if plain != term else "") + code)
    for aside in words.ASIDES:
        terms.setdefault(aside[0], {}).setdefault(aside, "")
    return {first: dict(sorted(some.items(), key=lambda kv: -len(kv[0]))) for first, some in terms.items()}


@cache
def _single_rule(char: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    if char in words.FREE_SINGLES:
        return None
    before, after = words.SINGLE_CONTEXT.get(char, words.DEFAULT_CONTEXT)
    return re.compile(f"(?:{before})$"), re.compile(f"(?:{after})")


@cache
def _phrase() -> re.Pattern[str]:
    heads = "|".join(sorted({w for some in words.PARTS.values() for w in some}, key=len, reverse=True))
    tails, lone = (
        "|".join(
            sorted(
                {w for feel, some in words.FEELS.items() if (feel in words.UNSTRUNG) == apart for w in some},
                key=len,
                reverse=True,
            )
        )
        for apart in (False, True)
    )
    return re.compile(
        f"(?P<heads>(?:{heads})(?:[、及与]?{words.FILLER}{{0,2}}?(?:{heads}))*)"
        f"(?:[已又]?[二两三四五六七八九十数多几]+余?[日天旬候])?"  # 大便六日不行
        f"{words.FILLER}{{0,4}}(?P<no>[不无未](?!时))?{words.FILLER}{{0,2}}"
        f"(?P<tails>{lone}|(?:{tails})(?:[而作且]?(?:{tails}))*)"
    )


@cache
def _meanings(parts: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    """(pattern, word -> what it stands for) of the body parts, or of the complaints."""
    meaning = {word: name for name, some in (words.PARTS if parts else words.FEELS).items() for word in some}
    return re.compile("|".join(sorted(meaning, key=len, reverse=True))), meaning


@for_each_vocabulary
def _places() -> dict[tuple[str, str], str]:
    """(body part, complaint) -> code of the symptom that is just that."""
    return {
        (concept.extra["body_part"], concept.extra["feel"]): concept.code
        for concept in active().by_kind("symptom")
        if concept.extra["feel"]
    }


def _code_of(part: str, feel: str) -> str | None:
    """The symptom that is this complaint of this part, else the nearest the vocabulary has."""
    alone = words.FEEL_ALONE.get(feel)
    while True:
        for place in (part, words.PART_INSTEAD.get(part, part)):
            code = _places().get((place, feel)) or words.ALSO.get((place, feel))
            if code is not None:
                return code
        if feel not in words.FEEL_INSTEAD:
            return alone
        feel = words.FEEL_INSTEAD[feel]


@for_each_vocabulary
def _phrase_codes(heads: str, tails: str) -> tuple[tuple[str, ...], int]:
    """(codes, how much of the complaints they take up): 头 + 胀发热 is 头胀, and 发热 is left for itself."""
    part_pattern, parts = _meanings(True)
    feel_pattern, feels = _meanings(False)
    codes: list[str] = []
    used = 0
    for tail in feel_pattern.finditer(tails):
        some = [_code_of(parts[head], feels[tail[0]]) for head in part_pattern.findall(heads)]
        if not any(some):
            if codes:
                break
            continue  # 咽中热痛: the heat has no code there, the pain has
        codes += [code for code in some if code]
        used = tail.end()
    return tuple(dict.fromkeys(codes)), used


def _term_at(clause: str, at: int) -> tuple[str, str] | None:
    """(term, code) of the longest term that starts here and may stand here."""
    for term, code in _terms().get(clause[at], {}).items():
        if not clause.startswith(term, at):
            continue
        if len(term) == 1 and code:
            rule = _single_rule(term)
            if rule and not (rule[0].search(clause[:at]) and rule[1].match(clause[at + 1 :])):
                continue
        if term.endswith("大") and clause[at + len(term) : at + len(term) + 1] in readings.LESSENS:
            continue  # 胀大减: the distension has much lessened
        return term, next((c for t, beside, c in readings.ELSEWHERE if t == term and beside.search(clause)), code)
    return None


def _matches(clause: str) -> list[_Match]:
    """Findings of a clause from left to right, none inside another."""
    found: list[_Match] = []
    at = 0
    while at < len(clause):
        term = _term_at(clause, at)
        phrase = _phrase().match(clause, at)
        length = len(term[0]) if term else 0
        if phrase and phrase.end() - at > length and not (term and term[1] == "" and length > 1):
            tails = phrase["tails"]
            if tails.endswith("大") and clause[phrase.end() : phrase.end() + 1] in readings.LESSENS:
                tails = tails[:-1]
            codes, used = _phrase_codes(phrase["heads"], tails)
            end = phrase.start("tails") + used
            if codes and end - at >= length:
                found.append(_Match(at, end, codes, phrase["no"] is not None))
                at = end
                continue
        if term is None:
            at += 1
            continue
        if term[1]:
            found.append(_Match(at, at + length, (term[1].removeprefix(GONE),), term[1].startswith(GONE)))
        at += length
    return found


def _skipped(clause: str, match: _Match, before: _Match | None) -> bool:
    """Whether this is feared, conditional, past, wished for or the target of treatment rather than found."""
    ahead, behind = clause[: match.start], clause[match.end :]
    if words.FEAR.search(ahead) or words.FEAR_AFTER.match(behind) or words.HISTORY.search(ahead):
        return True
    if words.PAST_EVENT.match(behind) or words.AIM.search(ahead):
        return True
    therapy = words.THERAPY.search(ahead)
    # in 热退咳减 the 退 belongs to 热, it does not treat the cough
    return bool(therapy) and not (before is not None and before.end >= therapy.start() - 1)


def _resolved(clause: str, match: _Match, following: _Match | None) -> tuple[bool, bool]:
    """(has gone, and so has everything named before it in the clause)."""
    rest = clause[match.end : following.start if following else len(clause)]
    word = words.RESOLVED.match(rest)
    if word is None or words.RELAPSED.match(clause[match.end + word.end() :]):
        return False, False
    return True, bool(words.ALL_OF_THEM.match(rest))


def _denied_before(clause: str, match: _Match, before: tuple[_Match, str] | None) -> str:
    """The denying word that governs this match, "" where there is none."""
    ahead = clause[: match.start]
    word = words.NEGATED_BEFORE.search(ahead)
    either = word and word["word"] == "非" and clause[match.end : match.end + 1] in ("则", "即")  # 非嗳则哕
    if word and not either and not words.DOUBLE_NEGATION.search(ahead):
        return word["word"]
    if before and before[1].endswith(words.SPREADING) and words.LIST_GAP.match(clause[before[0].end : match.start]):
        return before[1]
    return ""


def _absent(clause: str, match: _Match, denial: str, gone: bool) -> bool:
    if match.denied:  # 寐安 denies sleeplessness; 未能安寐 and 得寐而未熟 do not
        failing = words.FAILING.search(clause[: match.start]) or words.UNDONE.match(clause[match.end :])
        return not denial and not failing
    return bool(denial) or gone


def _clause_signs(clause: str) -> list[Sign]:
    """Symptoms of one clause, places counted from its beginning."""
    matches = _matches(clause)
    rows: list[tuple[_Match, bool]] = []
    before: tuple[_Match, str] | None = None
    for i, match in enumerate(matches):
        following = matches[i + 1] if i + 1 < len(matches) else None
        denial = _denied_before(clause, match, before)
        last = before[0] if before else None
        before = (match, denial)
        if _skipped(clause, match, last):
            continue
        if match.codes == (PAIN,) and last is not None and last.end == match.start:
            continue  # 口糜作痛: the pain is the sore's
        gone, all_gone = _resolved(clause, match, following)
        if all_gone:
            rows = [(earlier, True) for earlier, _ in rows]
        elif gone and rows and rows[-1][0].end == match.start:  # 咽痒呛咳已止
            rows[-1] = (rows[-1][0], True)
        rows.append((match, _absent(clause, match, denial, gone)))
    return [Sign(match.start, match.end, code, denied, clause) for match, denied in rows for code in match.codes]


def _narrated(text: str) -> Iterator[tuple[str, int]]:
    """Clauses that tell what was found, and where; without theory, quotations, conditions and directions."""
    skipped_sentence = -1
    for clause, sentence, start in clauses_of(text):
        if sentence == skipped_sentence and not words.BACK_TO_PATIENT.match(clause):
            continue
        quotation = words.QUOTATION.search(clause)
        if quotation or words.GENERAL.match(clause):
            skipped_sentence = sentence
            if quotation and quotation.start():
                yield clause[: quotation.start()], start
            continue
        if words.CONDITION.match(clause) or words.INSTRUCTION.search(clause):
            continue
        yield clause, start
        if words.FEAR.search(clause):
            skipped_sentence = sentence


def find_signs(text: str) -> list[Sign]:
    """Every mention of a symptom or tongue sign, ordered by place; one place may carry several codes (胸胁痛)."""
    told = narrative(text)
    found: list[Sign] = []
    tongue: list[TongueSign] = []
    for clause, start in _narrated(told.text):
        of_tongue = bool(tongue)
        tongue = tongue_signs(clause, continues=of_tongue)
        # 舌暗，有瘀斑: the spots are the tongue's, not the skin's
        symptoms = [] if tongue and of_tongue and not SPEAKS_OF_TONGUE.search(clause) else _clause_signs(clause)
        # 苔糜腐 is the tongue's, no ulcer besides
        apart = [one for one in symptoms if not any(one.start < s.end and s.start < one.end for s in tongue)]
        signs = [*apart, *(Sign(s.start, s.end, s.code, s.denied, clause) for s in tongue)]
        for sign in signs:
            first, last = told.span(start + sign.start, start + sign.end)
            found.append(replace(sign, start=first, end=last))
    if _names_a_pain(found):
        found = [sign for sign in found if sign.code != PAIN]  # 腹痛……痛减: the second is the first
    return sorted(found, key=lambda sign: (sign.start, sign.end))


def code_text(text: str) -> list[Observation]:
    """Observations of symptoms and tongue, one a concept, in the order of first mention.

    kind CODE with code "present" and number 1.0, or code "absent", number 0.0 and ``negated``. ``raw`` is the clause.
    A concept both found and denied in one text counts as found.
    """
    return observations_of(find_signs(text))


def observations_of(signs: Iterable[Sign]) -> list[Observation]:
    """One observation a concept, as ``code_text`` has it."""
    kept: dict[str, Sign] = {}
    for sign in signs:
        known = kept.get(sign.code)
        if known is None or (known.denied and not sign.denied):
            kept[sign.code] = sign
    return [
        Observation(
            concept=code,
            kind=ValueKind.CODE,
            number=0.0 if sign.denied else 1.0,
            code=ABSENT if sign.denied else PRESENT,
            negated=sign.denied,
            raw=sign.clause,
        )
        for code, sign in kept.items()
    ]


def _names_a_pain(signs: Iterable[Sign]) -> bool:
    concepts = active().concepts
    return any(sign.code != PAIN and concepts[sign.code].extra.get("feel") == "pain" for sign in signs)
