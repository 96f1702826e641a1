"""How a case presents its patient: name, sex, age, number and chief complaint, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.units import chinese_number
from app.importing.classical import find_signs

REACH = 400  # characters from the beginning of a case in which fields (姓名：) present the patient
HEADING = 60  # characters of its first line in which bare facts (王某，女，45岁) do
NEAR = 30  # characters behind a name or sex in which an age is that person's
MAX_CHIEF = 200

_CN = "[一二三四五六七八九十百]"
_NAME = r"[\u4e00-\u9fff某×○*]{1,4}"
_PER_YEAR = {"岁": 1.0, "周岁": 1.0, "月": 12.0, "个月": 12.0, "天": 365.25}
_SIDE_SEX = {"左": "M", "右": "F", "氏": "F", "男": "M", "女": "F"}

_CODE = re.compile(
    r"(?:病历号|病案号|门诊号|住院号|登记号|编号|ID)\s?[:：]\s?(?P<value>[A-Za-z0-9][A-Za-z0-9\-_/]{0,40})"
)
_SAID_NAME = re.compile(
    rf"(?:姓名\s?[:：]?|(?:患者|病人)\s?[:：])\s?(?!姓名|男|女)(?P<value>{_NAME})(?=[，,、\s；;。（(]|$)"
    rf"|(?:患者|病人)\s?(?P<led>{_NAME})(?=[，,、\s（(]{{1,2}}(?:男|女|\d{{1,3}}\s?岁))"
)
_LED_NAME = re.compile(
    rf"(?:^|(?<=[\s、.．)）:：]))(?P<value>(?!案|例|医案){_NAME}?)[，,、\s]{{0,3}}"
    rf"(?=(?:男|女)(?:性|孩|童)?(?:[，,、\s。]|$)|\d{{1,3}}\s?(?:岁|个?月(?=[，,\s。]|$))|{_CN}{{1,4}}\s?岁)"
)
_SIDE_NAME = re.compile(
    r"(?:^|(?<=[\s、.．)）:：]))(?P<value>[\u4e00-\u9fff]{1,2}?)?(?P<side>[左右氏幼童孩])(?=[\s，,。]|$)", re.MULTILINE
)
_SAID_SEX = re.compile(r"性别\s?[:：]?\s?(?P<value>男|女)")
_SEX = re.compile(r"(?:^|(?<=[，,、\s某氏]))(?P<value>男|女)(?=性|孩|童|[，,、\s。；;]|$)")
_SEX_AFTER = re.compile(r"[，,、\s（(]{0,3}(?P<value>男|女)(?=性|孩|童|[，,、\s。；;）)]|$)")
_AGE = re.compile(
    rf"(?:年龄\s?[:：]?\s?|(?<=[\s，,、。（(男女性孩童氏某]))(?P<value>\d{{1,3}}|{_CN}{{1,4}})\s?"
    r"(?P<unit>周?岁|(?:个?月|天)(?=[，,\s]|$))"
)
_BARE_AGE = re.compile(r"年龄\s?[:：]?\s?(?P<value>\d{1,3})(?!\d)")
_BARE_MARK = re.compile(
    r"[ \t\u3000#*【\[]*(?:第\s?)?(?:医案|病案|验案|病例|案例|案|例|[Cc]ase)?\s?[（(]?\s?"
    rf"(?:\d{{1,4}}|{_CN}{{1,4}})\s?[案例]?"
    r"[ \t\u3000】\])）:：.、．]*\n\s*"
)
_PERSON = re.compile(
    r"[^\n。；;]*?(?:[男女](?:性|孩|童)?(?=[，,、\s。]|$)|氏(?=[，,、\s]|$)|[左右]\s*$|\d岁(?=[，,、\s。]|$))",
    re.MULTILINE,
)
_CHIEF = re.compile(rf"(?:主诉|主症|主病)\s?[:：]\s?(?P<value>[^。\n；;]{{1,{MAX_CHIEF}}})")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case says of its patient. places: fact -> [start, end) in the document; end: where the facts end.

    age: years; sex: "F", "M" or ""
    """

    code: str
    name: str
    sex: str
    age: float | None
    chief: str
    places: dict[str, tuple[int, int]]
    end: int


def presented(text: str, start: int, end: int) -> Facts:
    """The facts told at the beginning of document[start:end]."""
    stop = min(end, start + REACH)
    mark = _BARE_MARK.match(text, start, stop)
    # under a line that only says "医案一", the next one may present the patient
    line = mark.end() if mark and _PERSON.match(text, mark.end(), min(stop, mark.end() + HEADING)) else start
    line_end = text.find("\n", line, stop)
    heading = min(stop if line_end < 0 else line_end, line + HEADING)
    places: dict[str, tuple[int, int]] = {}
    values = {"code": "", "name": "", "sex": "", "chief": ""}

    def learn(fact: str, found: re.Match[str] | None, value: str | None = None) -> None:
        if fact == "name" and found is not None and find_signs(found[0]):
            return  # 患者失眠多梦，男: a complaint, no name
        group = "value" if found is None or found["value"] or fact != "name" else "led"
        if found is not None and fact not in places and found[group]:
            values[fact] = (value or found[group]).strip()
            places[fact] = found.span(group)

    learn("code", _CODE.search(text, start, stop))
    learn("name", _SAID_NAME.search(text, start, stop))
    side = _SIDE_NAME.search(text, start, heading)
    if side is None or side.start() > start + len("案1000 "):
        learn("name", _LED_NAME.search(text, start, heading))
    if side is not None and "name" not in places:
        shown = (side["value"] or "") + ("氏" if side["side"] == "氏" else "")
        if shown:
            values["name"], places["name"] = shown, side.span()
        if side["side"] in _SIDE_SEX:
            values["sex"], places["sex"] = _SIDE_SEX[side["side"]], side.span("side")
    said = _SAID_SEX.search(text, start, stop) or _SEX.search(text, start, heading)
    if said is None and "name" in places:
        said = _SEX_AFTER.match(text, places["name"][1], stop)
    learn("sex", said, _SIDE_SEX[said["value"]] if said else None)
    if values["name"].endswith("氏"):
        values["sex"] = values["sex"] or "F"
    learn("chief", _CHIEF.search(text, start, stop))
    age = _age(text, start, heading, stop, places)
    return Facts(**values, age=age, places=places, end=_end_of_heading(text, start, heading, places, end))


def _age(text: str, start: int, heading: int, stop: int, places: dict[str, tuple[int, int]]) -> float | None:
    """Years, from 年龄：, behind name and sex or in the heading; 三天 and 二月 deeper in a text are no ages."""
    told = max((places[fact][1] for fact in ("name", "sex") if fact in places), default=None)
    near = None if told is None else _AGE.search(text, told, min(stop, told + NEAR))
    found = near or _AGE.search(text, start, heading)
    unit = found["unit"] if found else "岁"
    found = found or _BARE_AGE.search(text, start, stop)
    number = chinese_number(found["value"]) if found else None
    if found is None or number is None or not 0 <= number / _PER_YEAR[unit] <= 130:
        return None
    places["age"] = found.span()
    return number / _PER_YEAR[unit]


def _end_of_heading(text: str, start: int, heading: int, places: dict[str, tuple[int, int]], end: int) -> int:
    """Where the text of the case may begin: behind the facts of its first line, or behind that whole line."""
    begins = start
    for fact, (first, last) in sorted(places.items(), key=lambda place: place[1]):
        if fact != "chief" and last <= heading and (begins == start or first - begins <= NEAR):
            begins = last
    if begins == start:
        first = text[start:heading].strip()
        return min(end, heading + 1) if 0 < len(first) <= 20 and not re.search("[，。；]", first) else start
    rest = text[begins:heading].strip(" \t\u3000，,。、:：）)】]")
    if not rest:
        return min(end, heading + 1)
    while begins < heading and text[begins] in " \t\u3000，,。、:：）)】]性":
        begins += 1
    return begins
