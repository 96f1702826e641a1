"""Taking out of free text what names a person: best effort, by rules that are stated, never by guessing.

Taken out: the names given (also with spaces, dots or full-width letters between), the patient's given name alone, a
surname with a title (王先生, 张某某), a doctor after 医师, 大夫, 签名 ... or before it, telephone, identity card, bank
card and record numbers, mail addresses, WeChat names, addresses down to road or village, ages above 89. Full dates are
shifted with the patient's visits; a date without a year, or a year and month, is taken out.

Not promised: names nobody entered (a relative, a neighbour) without a title, nicknames, a place of work, an event the
newspapers wrote about, names misspelt or in pinyin.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

NAME, DATE, NUMBER, ADDRESS, DOCTOR = "[姓名]", "[日期]", "[号码]", "[地址]", "[医师]"
OLDEST = 90  # years; everyone of 90 and more is told as 90
MIN_NAME = 2  # characters; one alone is a word of the language
MIN_CODE = 4  # characters of a record number made of digits alone

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦"
    "申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁"
)
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒|南宫|独孤|端木|百里|轩辕|闻人|宇文|长孙"
_SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_TITLES = (
    "先生|女士|小姐|太太|夫人|师傅|老师|同志|大爷|大妈|大娘|阿姨|奶奶|爷爷|叔叔|伯伯|老人|"
    "女儿|儿子|之妻|之夫|之子|之女|妻|氏"
)
_SIGNED = "主治医师|主任医师|副主任医师|经治医师|医师|医生|大夫|签名|签字|签章|记录者|记录人|审核|主任|护士"
_DOCTORS = "主任医师|主治医师|副主任医师|医师|医生|大夫|主任|教授|护士"
_IS = r"\s*[:：是为在]?\s*"
_ROADS = "路|街|大道|巷|弄|胡同|村|镇|乡|小区|社区"
_DOORS = "号楼|单元|号|栋|幢|座|弄|组|楼|层|室|队"
_AREA = rf"{_HAN}{{2,8}}(?:省|自治区|市|州|县|区|旗)"
_RECORDS = "身份证|证件|医保|社保|病历|病案|住院|门诊|就诊卡|床|卡"
_HOMES = "住址|地址|家住|现住|户籍|籍贯|居住地|工作单位|单位"
_NARROW = {
    ord(wide): ord(wide) - 0xFEE0 for wide in map(chr, range(0xFF01, 0xFF5F)) if wide.isalnum() or wide in "＠＋－．"
}

Replacement = str | Callable[[re.Match[str]], str]

# what is looked for, in this order, and what takes its place
_RULES: tuple[tuple[str, Replacement], ...] = (
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", NUMBER),
    (rf"(?:微信号?|wechat|weixin|qq号?){_IS}[A-Za-z0-9_\-]{{5,}}", NUMBER),
    (r"(?<![0-9A-Za-z])\d{6}[\s-]?(?:19|20)\d{2}[\s-]?\d{4}[\s-]?\d{3}[\dXx](?![0-9A-Za-z])", NUMBER),
    (rf"(?:{_RECORDS})号?(?:码)?{_IS}[A-Za-z]{{0,4}}\d[\dA-Za-z-]{{2,}}", NUMBER),
    (r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)", NUMBER),
    (r"(?<!\d)\(?0\d{2,3}\)?[\s-]?\d{7,8}(?:[\s-]\d{1,5})?(?!\d)", NUMBER),
    (rf"(?:电话|手机|联系方式|tel){_IS}\+?[\d\s()-]{{6,}}\d", NUMBER),
    (r"(?<![\d.])\d(?:[\s-]?\d){14,19}(?![\d.])", NUMBER),
    (rf"(?:{_HOMES}){_IS}[^\s,，。;；、()（）]{{2,40}}", ADDRESS),
    (rf"{_AREA}(?:{_HAN}|\d|-){{0,30}}?(?:{_ROADS})(?:(?:{_HAN}|[\dA-Za-z-]){{0,10}}?(?:{_DOORS}))*", ADDRESS),
    (rf"{_HAN}{{1,8}}(?:{_ROADS})\s*\d+[-\d]*(?:{_DOORS})(?:[\d\-]*(?:{_DOORS}))*", ADDRESS),
    (
        rf"(?P<said>{_SIGNED})\s*[:：/]\s*(?:{_HAN}{{1,4}}|[A-Za-z][A-Za-z .]{{1,30}})",
        lambda found: f"{found['said']}：{DOCTOR}",
    ),
    (rf"(?P<said>{_SIGNED})\s*{_SURNAME}{_HAN}{{1,2}}(?!{_HAN})", lambda found: f"{found['said']}{DOCTOR}"),
    (rf"{_SURNAME}{_HAN}{{0,2}}(?P<said>{_DOCTORS})", lambda found: f"{DOCTOR}{found['said']}"),
    (rf"(?<!{_HAN})[小老阿]{_SURNAME}(?=[来说诉问称的]|(?!{_HAN}))", NAME),
    (rf"{_SURNAME}(?:某{{1,3}}|[×xX*＊○]{{1,3}}|{_HAN}{{0,2}}(?={_TITLES}))", NAME),
)
_ORDINARY = tuple((re.compile(pattern, re.IGNORECASE), by) for pattern, by in _RULES)
_AGE = re.compile(r"(?<![\d.])(?P<years>9\d|1[0-4]\d)(?:\.\d+)?\s*(?:周?岁|years? old)")
_DATES = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y>(?:18|19|20)\d{2})\s*(?P<a>[年./-])\s*(?P<m>1[0-2]|0?[1-9])\s*(?P<b>[月./-])\s*"
    r"(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?P<c>\s*[日号])?|"
    r"(?P<solid>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)|"
    r"(?:18|19|20)\d{2}\s*年(?:\s*\d{1,2}\s*月)?|\d{1,2}\s*月\s*\d{1,2}\s*[日号])|"
    r"[〇零一二三四五六七八九]{4}年(?:[一二三四五六七八九十]{1,2}月)?(?:[一二三四五六七八九十廿]{1,3}[日号])?"
)


_CODE = re.compile(r"(?:sym|ton|pul|syn|ele|lab|herb|med)\.[a-z_][a-z0-9_.]*")  # of the vocabulary
_CENTURY = re.compile("18|19|20")  # a full date begins with one of these


class Scrubber:
    """For the texts of one clinic. names: of its patients; codes: their record numbers."""

    def __init__(self, names: Iterable[str] = (), codes: Iterable[str] = ()) -> None:
        self._names = {key for name in names if len(key := _letters(name)) >= MIN_NAME}
        self._names |= {key for code in codes if _telling(key := _letters(code))}
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._first = {name[:MIN_NAME] for name in self._names}
        self._cached = lru_cache(maxsize=20_000)(self._scrub)

    def scrub(self, text: str, shift: int = 0, own: tuple[str, ...] = ()) -> str:
        """The text without them. shift: days to add to full dates; own: names that count for this patient alone."""
        if not text or _CODE.fullmatch(text):
            return text
        # most texts hold neither the patient's name nor a full date: what is left of them is the same for everyone
        letters = unicodedata.normalize("NFKC", text).casefold()
        if not any(_letters(name)[:1] in letters for name in own if name):
            own = ()
        return self._cached(text, shift if _CENTURY.search(letters) else 0, own)

    def _scrub(self, text: str, shift: int, own: tuple[str, ...]) -> str:
        text = self._without_names(text.translate(_NARROW), own)
        text = _DATES.sub(lambda found: _shifted(found, shift), text)
        for pattern, by in _ORDINARY:
            text = pattern.sub(by, text)
        return _AGE.sub(f"{OLDEST}岁以上", text)

    def _without_names(self, text: str, own: tuple[str, ...]) -> str:
        """Names are looked for letter by letter, whatever stands between the letters."""
        names, lengths, first = self._names, self._lengths, self._first
        extra = {key for name in own if len(key := _letters(name)) >= MIN_NAME}
        if extra - names:
            names = names | extra
            lengths = sorted({len(name) for name in names}, reverse=True)
            first = first | {name[:MIN_NAME] for name in extra}
        places = [place for place, character in enumerate(text) if _counts(character)]
        letters = "".join(_folded(text[place]) for place in places)
        out, at, done = [], 0, 0
        while at < len(letters):
            length = 0
            if letters[at : at + MIN_NAME] in first:
                length = next((n for n in lengths if _is_name(letters, places, text, at, n, names)), 0)
            if length:
                out += [text[done : places[at]], NAME]
                done = places[at + length - 1] + 1
            at += length or 1
        return "".join([*out, text[done:]]) if out else text


def given_name(name: str) -> str:
    """What stands behind the surname of a Chinese name, where that has two characters or more; else ""."""
    letters = _letters(name)
    found = re.fullmatch(rf"{_SURNAME}(?P<given>{_HAN}{{2,3}})", letters)
    return found["given"] if found else ""


def _letters(text: str) -> str:
    return "".join(_folded(c) for c in text if _counts(c))


def _folded(character: str) -> str:
    """One letter for one letter, whatever its width and case."""
    return unicodedata.normalize("NFKC", character).casefold()[:1] or character


def _counts(character: str) -> bool:
    return character.isalnum()


def _telling(code: str) -> bool:
    """A short figure is met everywhere in a record and names nobody."""
    return len(code) >= MIN_CODE and not (code.isdigit() and len(code) < MIN_CODE + 2)


def _is_name(letters: str, places: list[int], text: str, at: int, length: int, names: set[str]) -> bool:
    word = letters[at : at + length]
    if len(word) < length or word not in names:
        return False
    if not word.isascii():
        # a gap inside a Chinese name is a space or a dot, not the end of a sentence
        return all(places[n + 1] - places[n] <= 3 for n in range(at, at + length - 1))
    start, end = places[at], places[at + length - 1] + 1
    before, after = text[start - 1 : start], text[end : end + 1]  # Latin names and numbers are whole words
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())


def _shifted(found: re.Match[str], shift: int) -> str:
    """A full date in the form it had; any other is told to be one, no more."""
    solid = found["solid"]
    year, month, day = (solid[:4], solid[4:6], solid[6:]) if solid else (found["y"], found["m"], found["d"])
    try:
        date = dt.date(int(year), int(month), int(day)) + dt.timedelta(days=shift)
    except (TypeError, ValueError, OverflowError):
        return DATE
    if solid:
        return date.strftime("%Y%m%d")
    return f"{date.year}{found['a']}{date.month}{found['b']}{date.day}{found['c'] or ''}"
