"""A document cut into cases, and cases into visits, by headings, labels (初诊, 三诊, 又) and dates.

The kinds of heading a document may use are tried from the surest to the loosest, and the first that occurs is taken
for the whole document: what looks like a looser heading inside a case is then a line of its text. A document without
any heading is cut where a patient is presented or a 初诊 begins, failing that at its empty lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from app.importing.free_text.dates import WrittenDate, date_at
from app.importing.free_text.presented import Facts, presented

Span = tuple[int, int]

_CN = "[一二三四五六七八九十百]"
_SEX = r"(?:男|女)(?:性|孩|童)?"
_AGE = rf"(?:\d{{1,3}}|{_CN}{{1,4}})\s?(?:周?岁|个?月|天)"
_NAME = r"[\u4e00-\u9fff某×○*]{1,4}"
_NO_NAME = "[脉手寸关尺肩腰足腿膝目耳臂半偏在于自从以向之其且而或并复于因即再今昨前后上下]"
# the kinds of heading, surest first; each matches from the beginning of a line
_HEADINGS = tuple(
    re.compile(rf"[ \t\u3000#*【\[]*{kind}")
    for kind in (
        rf"(?:(?:医案|病案|验案|病例|案例|案|例|[Cc]ase)\s?[（(]?\s?(?:\d{{1,4}}|{_CN}{{1,4}})[）)】\]]?(?=[\s:：、.．，,]|$)"
        rf"|第\s?(?:\d{{1,4}}|{_CN}{{1,4}})\s?[案例](?=[\s:：、.．，,】]|$))",
        r"(?:患者|病人)?(?:姓名|病历号|病案号|门诊号)\s?[:：]",
        rf"(?:\d{{1,4}}|{_CN}{{1,3}})\s?[、.．)）]\s?(?=[^\n]{{0,30}}(?:{_SEX}[，,、\s。]|{_AGE}|患者|[左右](?:\s|$)))",
        rf"(?:患者|病人)[:：]?\s?{_NAME}[，,、\s]+(?:{_SEX}|{_AGE})",
        rf"{_NAME}[，,、\s]{{0,3}}(?:{_SEX}[，,、\s]{{1,3}}{_AGE}|{_AGE}[，,、\s]{{1,3}}{_SEX}|[，,、\s]{_SEX}(?=[，,\s。]|$)|{_AGE}(?=[，,\s。]|$))",
        rf"(?!{_NO_NAME})(?:[\u4e00-\u9fff]{{0,2}}[左右幼童孩男女](?=\s|$)|[\u4e00-\u9fff]{{1,2}}氏(?=[\s，,]|$)|某(?=\s|$))",
    )
)
_FIRST = "初诊|首诊"
_LABEL = re.compile(
    rf"[【\[（(]?(?P<label>{_FIRST}|复诊\s?(?:\d{{1,2}}|{_CN}{{1,3}})?|再诊|又诊|末诊|就诊(?=日期|时间)|第?\s?(?:\d{{1,3}}|{_CN}{{1,3}})\s?诊)"
    r"(?:日期|时间)?(?![断治疗脉察所费室方时后前见未已])"
    rf"(?:[】\]）)]|(?=[\s:：，,。（(【\[]|\d|$|[（(]?{_CN}{{1,3}}[月日]|[甲乙丙丁戊己庚辛壬癸]))"
)
_AGAIN = re.compile(r"(?P<label>又|转方)(?=[ \u3000:：]|$)", re.MULTILINE)
_FRAME = re.compile(r"[ \t\u3000#*>•·\-—【\[（(]*")
_AFTER = re.compile(r"[ \t\u3000:：，,）)】\].。、]*")
_BETWEEN = re.compile(r"[ \t\u3000:：，,（(【\[]*")
_SENTENCE_END = re.compile(r"[。！？!?；;）)】\]]\s*$")
_DATE_ENDS = re.compile(r"[ \t\u3000:：，,）)】\]。]|$|\n|[初复再]诊")
_LINE = re.compile(r"[^\n]*(?:\n|$)")
_BLANK = re.compile(r"\n[ \t\u3000]*\n\s*")
_PRESENTS = re.compile(r"主诉|现病史|病史|患者|病人|姓名|既往|性别")
LONGEST_TITLE = 8  # characters
HEADING_REACH = 60  # characters of a heading line in which a label or date still opens the first visit


@dataclass(frozen=True, slots=True)
class VisitSpan:
    """document[start:end] is the visit with its label, document[text_start:end] its text."""

    start: int
    end: int
    text_start: int
    label: Span | None = None
    date: WrittenDate | None = None


@dataclass(frozen=True, slots=True)
class CaseSpan:
    """document[start:end]; heading: what stands before its first visit; at least one visit, in order, to the end."""

    start: int
    end: int
    heading: Span
    facts: Facts
    visits: tuple[VisitSpan, ...]


@dataclass(frozen=True, slots=True)
class _Opening:
    start: int
    text_start: int
    label: Span | None
    date: WrittenDate | None


def split(text: str) -> list[CaseSpan]:
    """The cases of a document in order; what stands before the first heading (a title) belongs to none."""
    openings = list(_openings(text))
    starts = case_starts(text, openings)
    return [
        case_at(text, start, end)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=False)
        if text[start:end].strip()
    ]


def case_starts(text: str, openings: list[_Opening]) -> list[int]:
    for heading in _HEADINGS:
        found = [start for start, _, complete in _lines(text) if complete and heading.match(text, start)]
        if found:
            return _apart(text, found)
    firsts = [o.start for o in openings if o.label and re.match(_FIRST, text[slice(*o.label)])]
    if firsts:
        blocks = [0, *(found.end() for found in _BLANK.finditer(text))]
        return sorted({_block_start(text, at, blocks[bisect_right(blocks, at) - 1]) for at in firsts})
    blocks = [0, *(found.end() for found in _BLANK.finditer(text))]
    if openings:  # one case told in visits; blocks before the first label are its heading
        return [0]
    return [at for at in blocks if text[at:].strip()]


def case_at(text: str, start: int, end: int) -> CaseSpan:
    """The case of document[start:end] with its visits."""
    openings = list(_openings(text, start, end))
    if openings and openings[0].start > start:
        facts = presented(text, start, openings[0].start)
        between = text[facts.end : openings[0].start].strip()
        if len(between) > _presenting(text, openings[0], between):
            openings.insert(0, _Opening(facts.end, facts.end, None, None))
    if not openings:
        facts = presented(text, start, end)
        openings = [_Opening(facts.end, facts.end, None, None)]
    ends = [one.start for one in openings[1:]] + [end]
    visits = tuple(
        VisitSpan(one.start, stop, one.text_start, one.label, one.date)
        for one, stop in zip(openings, ends, strict=True)
    )
    return CaseSpan(start, end, (start, openings[0].start), presented(text, start, end), visits)


def _presenting(text: str, opening: _Opening, between: str) -> int:
    """How many characters before a case's first label present the patient; more are a first visit of their own.

    Before 初诊 all do, before a mere date those that begin as a presentation does, else no more than a name.
    """
    if opening.label is not None and re.match(_FIRST + "|就诊", text[slice(*opening.label)]):
        return len(text)
    return 4 * HEADING_REACH if opening.label is None and _PRESENTS.match(between) else LONGEST_TITLE


def visit_at(text: str, start: int, end: int) -> VisitSpan:
    """The visit of document[start:end], with the label or date it begins with, if any."""
    opening = _opening_at(text, _after_frame(text, start), start, end, in_line=False)
    if opening is None:
        return VisitSpan(start, end, start)
    return VisitSpan(start, end, opening.text_start, opening.label, opening.date)


def _lines(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether the line before it is complete): a wrapped line may begin with words like a label's."""
    complete = True
    for line in _LINE.finditer(text, start, len(text) if end is None else end):
        if line.start() == line.end():
            continue
        yield line.start(), line.end(), complete
        words = line[0].strip()
        complete = not words or _SENTENCE_END.search(words) is not None or len(words) < 30 or " " in words[-12:]


def _openings(text: str, start: int = 0, end: int | None = None) -> Iterator[_Opening]:
    """Where visits begin: labels and dates at the beginning of a line, in a heading line, or behind a full stop."""
    stop = len(text) if end is None else end
    for line_start, line_end, complete in _lines(text, start, stop):
        at = line_start
        if complete and (opening := _opening_at(text, _after_frame(text, at), at, line_end, in_line=False)):
            yield opening
            at = opening.text_start
        elif any(heading.match(text, line_start) for heading in _HEADINGS):
            for found in _LABEL.finditer(text, line_start, min(line_end, line_start + HEADING_REACH)):
                since = _date_before(text, line_start, found.start())
                opening = _opening_at(text, since, since, line_end, in_line=True)
                if opening:
                    yield opening
                    at = opening.text_start
                    break
        for found in _LABEL.finditer(text, at, line_end):
            if found.start() >= at and _SENTENCE_END.search(text, max(at, found.start() - 4), found.start()):
                opening = _opening_at(text, found.start(), found.start(), line_end, in_line=True)
                if opening:
                    yield opening
                    at = opening.text_start


def _after_frame(text: str, at: int) -> int:
    frame = _FRAME.match(text, at)
    return frame.end() if frame else at


def _date_before(text: str, since: int, label: int) -> int:
    """Where a date begins that stands directly before a label (2024-03-05 初诊); the label's place without one."""
    for at in range(max(since, label - 14), label):
        date = date_at(text, at)
        if date is not None and not text[date.end : label].strip(" \t\u3000:：，,（("):
            return at
    return label


def _opening_at(text: str, at: int, start: int, end: int, *, in_line: bool) -> _Opening | None:
    """The visit opened by a label, a date or both, in either order, at this place."""
    label: Span | None = None
    date: WrittenDate | None = None
    here = at
    for _ in range(2):
        found = _LABEL.match(text, here, end) or (None if in_line else _AGAIN.match(text, here, end))
        if label is None and found is not None:
            label, here = found.span("label"), found.end()
        elif date is None and (written := date_at(text, here)) is not None and written.end <= end:
            if label is None and not _DATE_ENDS.match(text, written.end):
                return None
            date, here = written, written.end
        between = _BETWEEN.match(text, here, end)
        here = between.end() if between else here
    if label is None and (date is None or in_line):
        return None
    after = _AFTER.match(text, here, end)
    return _Opening(start, after.end() if after else here, label, date)


def _apart(text: str, starts: list[int]) -> list[int]:
    """Headings of one line each with only blanks between them are one."""
    kept: list[int] = []
    for at in starts:
        line_end = text.find("\n", kept[-1], at) if kept else -1
        alone = (
            kept and 0 <= line_end - kept[-1] <= HEADING_REACH and not re.search("[。；]", text[kept[-1] : line_end])
        )
        if not alone or text[line_end:at].strip():
            kept.append(at)
    return kept


def _block_start(text: str, at: int, block: int) -> int:
    """Where the case of a first visit begins: with its block, where that only presents the patient before it."""
    line = text.rfind("\n", 0, at) + 1
    return block if line - block <= 4 * HEADING_REACH else line
