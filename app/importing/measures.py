"""Units where they stand among other things: in a row under the header, or behind the number in a cell (61.5kg)."""

from __future__ import annotations

import re
from functools import lru_cache

from app.importing import values
from app.importing.tables import Cell, as_text

# units of clinics and laboratories in the spelling of values.unit; a text that is none of these is no unit
_UNITS = """
% ‰ s ms min h d kg g mg ug ng pg m cm mm um l dl ml ul fl mol mmol umol nmol pmol °c mmhg kpa bpm /min /h /hp /lp /ul
kg/m2 kg/m^2 g/l g/dl mg/l mg/dl mg/ml ug/l ug/dl ug/ml ng/l ng/dl ng/ml pg/ml pg/l mmol/l umol/l nmol/l pmol/l u/l
iu/l u/ml iu/ml miu/l miu/ml uiu/ml mu/l ku/l mm/h ml/min g/24h mg/24h mg/g mmol/mol meq/l mosm/l hz mv db vas
10e9/l 10e12/l 109/l 1012/l 10^12/l ×109/l ×1012/l ×10^12/l *10^9/l *10^12/l 10*9/l 10*12/l
岁 年 天 日 周 月 次 次/日 次/天 次/周 剂 付 帖 服 钱 两 步 秒 支 片
"""
KNOWN = frozenset(_UNITS.split())
_WORDS = frozenset(("分", "个", "级", "次/分", "次/min", "次/分钟"))  # those that values.unit folds away
_LABELS = frozenset(("单位", "计量单位", "unit", "units", "(单位)"))
_NOTHING = frozenset(("", "-", "--", "—", "/", "\\", "无"))
_MEASURED = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([^\d\s.,+\-][^\s]{0,15})")


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    plain = bare(text)
    return plain.casefold() in _WORDS or values.unit(plain) in KNOWN


def bare(text: str) -> str:
    """A unit without the brackets around it."""
    return as_text(text).strip("()[]【】 ")


def split(cell: Cell) -> tuple[Cell, str]:
    """ "61.5kg" -> ("61.5", "kg"); the cell as it is and "" where it is no number with a known unit behind it."""
    if not isinstance(cell, str) or (cell[-1:].isdecimal() and "/" not in cell):  # a bare number, the common case
        return cell, ""
    found = _MEASURED.fullmatch(as_text(cell))
    return (found[1], found[2]) if found and is_unit(found[2]) else (cell, "")


def units_of(row: list[Cell], width: int) -> tuple[str, ...] | None:
    """Units by column where the row holds units and nothing else ("-", 单位 and blanks aside), else None."""
    found: list[str] = []
    for cell in row[:width]:
        text = as_text(cell)
        if cell is not None and not isinstance(cell, str):
            return None
        if text.casefold() in _NOTHING or text.casefold() in _LABELS:
            found.append("")
        elif is_unit(text):
            found.append(bare(text))
        else:
            return None
    found += [""] * (width - len(found))
    return tuple(found) if any(found) else None
