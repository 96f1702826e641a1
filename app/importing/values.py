"""One cell to one value: numbers, dates, days, sex, scores. Each parser either succeeds or says why not.

Nothing is guessed where guessing could be wrong silently: bounds ("<0.1") and scores off their scale are refused with a
reason. Dates have a room of their own.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata

from app.domain.scores import SCALES
from app.i18n import t
from app.importing.dates import DateStyle, date
from app.importing.parsed import Parsed
from app.importing.tables import Cell, as_text

__all__ = [
    "MISSING", "RANGES", "SCALES", "TIME_UNITS", "DateStyle", "Parsed", "age", "convert", "date", "is_missing",
    "number", "score", "sex", "unit",
]  # fmt: skip

MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "-", "--", "—", "——", "/", "\\", ".", "?", "未查", "缺", "不详", "未记录"}
)
MAX_NUMBER = 1e15  # beyond any measurement; squares of such numbers still fit where a model reckons with them
TIME_UNITS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
RANGES: dict[str, tuple[float, float]] = {"vas10": (0, 10), "vas100": (0, 100)}

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_PLAIN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")  # numbers of which there is nothing to tell but the value
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_AGE = re.compile(
    r"(\d{1,3}(?:\.\d+)?)\s*(岁|歳|y|yr|yrs|years?|个?月|m|months?|天|日|d|days?)?(?:\s*(\d{1,2})\s*个?月)?", re.I
)
_SEX = {
    "男": "M", "男性": "M", "m": "M", "male": "M", "man": "M", "boy": "M",
    "女": "F", "女性": "F", "f": "F", "female": "F", "woman": "F", "girl": "F",
}  # fmt: skip
_GRADES = {
    "无": 0, "没有": 0, "否": 0, "消失": 0, "none": 0, "absent": 0,
    "轻": 1, "轻度": 1, "+": 1, "mild": 1,
    "中": 2, "中度": 2, "++": 2, "moderate": 2,
    "重": 3, "重度": 3, "+++": 3, "severe": 3,
}  # fmt: skip

# (from, to): factor. Only conversions that hold for every substance, by definition.
_UNIT_FACTORS = {
    ("g/dl", "g/l"): 10.0, ("mg/l", "mg/dl"): 0.1, ("mg/dl", "mg/l"): 10.0, ("g/l", "g/dl"): 0.1,
    ("umol/l", "mmol/l"): 1e-3, ("mmol/l", "umol/l"): 1e3, ("nmol/l", "umol/l"): 1e-3, ("umol/l", "nmol/l"): 1e3,
    ("mg", "g"): 1e-3, ("g", "mg"): 1e3, ("kg", "g"): 1e3, ("g", "kg"): 1e-3, ("ug", "mg"): 1e-3, ("mg", "ug"): 1e3,
    ("m", "cm"): 100.0, ("cm", "m"): 0.01, ("min", "h"): 1 / 60, ("h", "min"): 60.0,
    ("kpa", "mmhg"): 7.500616827, ("mmhg", "kpa"): 1 / 7.500616827,
}  # fmt: skip
_UNIT_WORDS = {
    "克": "g", "毫克": "mg", "千克": "kg", "公斤": "kg", "厘米": "cm", "米": "m", "毫米汞柱": "mmhg", "次/分": "/min",
    "bpm": "/min", "次/min": "/min", "分": "", "个": "", "级": "", "μmol/l": "umol/l", "µmol/l": "umol/l",
    "%": "%", "百分比": "%", "小时": "h", "分钟": "min", "摄氏度": "°c", "℃": "°c",
    "10^9/l": "10e9/l", "×10^9/l": "10e9/l",
}  # fmt: skip


def is_missing(cell: Cell) -> bool:
    """Empty, or a word that says nothing was recorded (NA, -, 不详)."""
    if cell is None:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    # no word of them begins with a digit, which most cells do
    return isinstance(cell, str) and not cell[:1].isdigit() and as_text(cell).casefold() in MISSING


def plain_number(cell: Cell) -> float | None:
    """The number that is the whole of a text cell, in digits that leave nothing to tell; None for anything else."""
    return float(cell) if cell.__class__ is str and _PLAIN.fullmatch(cell) else None


def number(cell: Cell) -> Parsed:
    """A finite number. Parsed.value: float."""
    if isinstance(cell, str) and _PLAIN.fullmatch(cell):
        return Parsed(float(cell))
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        return Parsed(reason=t("a date, a time or a truth value where a number is expected"))
    if isinstance(cell, int | float):
        try:
            value = float(cell)
        except OverflowError:
            return Parsed(reason=t("the number is too large"))
        if not math.isfinite(value):
            return Parsed(reason=t("not a finite number"))
        return Parsed(value) if abs(value) <= MAX_NUMBER else Parsed(reason=t("the number is too large"))
    text = as_text(cell)
    if _is_raised(cell):
        return Parsed(reason=t("not a number"))
    plain, rule = text, ""
    if _THOUSANDS.fullmatch(text):
        plain, rule = text.replace(",", ""), t("thousands separators")
    if not _NUMBER.fullmatch(plain):
        if text[:1] in "<>≤≥＜＞" or text[-1:] in "↑↓":
            return Parsed(reason=t("a bound, not a value: write the number itself or leave the cell empty"))
        return Parsed(reason=t("not a number"))
    value = float(plain)
    if not abs(value) <= MAX_NUMBER:
        return Parsed(reason=t("the number is too large"))
    if not rule and str(cell).strip() != text:
        rule = t("full-width characters")
    return Parsed(value, rule=rule)


def _is_raised(cell: Cell) -> bool:
    """Does the text hold a superscript, subscript or circled digit? Folding its width would make 10² a 102."""
    return (
        isinstance(cell, str)
        and not cell.isascii()
        and any(unicodedata.decomposition(c).startswith(("<super>", "<sub>", "<circle>")) for c in cell)
    )


def sex(cell: Cell) -> Parsed:
    """ "F" or "M"."""
    text = as_text(cell).casefold()
    if text not in _SEX:
        return Parsed(reason=t("expected 男 or 女 (M or F)"))
    code = _SEX[text]
    return Parsed(code, rule="" if as_text(cell) == code else t("sex"))


def age(cell: Cell) -> Parsed:
    """Years, 0 to 130. 岁 and 月 are understood."""
    found = _AGE.fullmatch(as_text(cell))
    if isinstance(cell, bool | dt.date) or not found:
        return Parsed(reason=t("expected an age in years"))
    unit = (found[2] or "").casefold()
    per_year = (
        12.0 if "月" in unit or unit.startswith("m") else 365.25 if unit in ("天", "日", "d", "day", "days") else 1.0
    )
    years = float(found[1]) / per_year + float(found[3] or 0) / 12
    if years > 130:
        return Parsed(reason=t("expected an age in years"))
    return Parsed(years, rule=t("age in years") if unit else "")


def score(cell: Cell, scale: str) -> Parsed:
    """A score on ``scale`` ("main" 0/2/4/6, "secondary" 0-3, "vas10", "vas100"); words such as 轻 中 重 are graded."""
    word = as_text(cell).casefold()
    if scale in SCALES and word in _GRADES:
        return Parsed(SCALES[scale][_GRADES[word]], rule=t("a grade in words as a score"))
    parsed = number(cell)
    if not isinstance(parsed.value, float):
        return parsed
    if scale in SCALES and parsed.value not in SCALES[scale]:
        allowed = "/".join(f"{step:g}" for step in SCALES[scale])
        return Parsed(reason=t("not a step of the scale {scale}", scale=allowed))
    if scale in RANGES and not RANGES[scale][0] <= parsed.value <= RANGES[scale][1]:
        low, high = RANGES[scale]
        return Parsed(reason=t("outside {low} to {high}", low=f"{low:g}", high=f"{high:g}"))
    return parsed


def unit(text: str) -> str:
    """A unit in the spelling used for comparing."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold().replace("μ", "u").replace("µ", "u")
    return _UNIT_WORDS.get(plain, plain)


def convert(value: float, from_unit: str, to_unit: str) -> float | None:
    """The value in ``to_unit``; None where no exact, substance-free conversion is known."""
    source, target = unit(from_unit), unit(to_unit)
    if source == target:
        return value
    factor = _UNIT_FACTORS.get((source, target))
    return None if factor is None else value * factor
