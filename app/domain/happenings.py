"""What befalls a patient on a certain day, as sources record it in columns of their own: a relapse, an operation."""

from __future__ import annotations

from enum import StrEnum

from app.domain.records import Case, Observation, is_denied


class Happening(StrEnum):
    RELAPSE = "relapse"
    OPERATION = "operation"
    ADMISSION = "admission"
    ADVERSE = "adverse"
    DEATH = "death"
    DISCHARGE = "discharge"


FEARED = (Happening.RELAPSE, Happening.OPERATION, Happening.ADMISSION, Happening.ADVERSE, Happening.DEATH)
# what sources call such columns; words in running text never count, for nobody knows of whom or when they tell
_MARKS = {
    Happening.RELAPSE: ("relaps", "recur", "复发", "复作"),
    Happening.OPERATION: ("operation", "surgery", "surgical", "transplant", "手术", "移植"),
    Happening.ADMISSION: ("admission", "hospitali", "住院", "入院"),
    Happening.ADVERSE: ("adverse", "不良反应"),
    Happening.DEATH: ("death", "死亡"),
    Happening.DISCHARGE: ("discharge", "出院"),
}
# 手术史 was long before, at no visit; 住院号 and 手术方式 say how, not that
_ABOUT = (
    "history",
    "previous",
    "prior",
    "date",
    "days",
    "number",
    "史",
    "既往",
    "号",
    "日期",
    "时间",
    "天数",
    "费",
    "方式",
)
_NO = ("no", "none", "not", "n", "-", "/", "无", "否", "未", "没有", "未见", "不详", "unknown")


def happening(name: str) -> Happening | None:
    """What the name of a column, or of a visit, says came about; None where it names nothing of the kind."""
    word = name.casefold()
    if any(mark in word for mark in _ABOUT):
        return None
    return next((kind for kind, marks in _MARKS.items() if any(mark in word for mark in marks)), None)


def recorded(observation: Observation) -> Happening | None:
    """None where it is no such column, or the visit says that it did not come about."""
    if not observation.concept.startswith("x.") or observation.number == 0 or is_denied(observation):
        return None
    return None if observation.text.strip().casefold() in _NO else happening(observation.concept)


def first_days(case: Case) -> dict[Happening, float]:
    """Of what is to be feared: the first day on which a visit records it, by kind."""
    found: dict[Happening, float] = {}
    for visit in case.visits:
        for one in visit.observations:
            kind = recorded(one)
            if kind is not None and kind in FEARED and visit.day < found.get(kind, float("inf")):
                found[kind] = visit.day
    return found
