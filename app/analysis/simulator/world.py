"""The invented world's fixed facts: elements, herbs, formulas, patterns. The same for every seed.

Effects follow the textbook indications of the herbs (中药学, 方剂学) in direction; their sizes are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# code, Chinese, time constant in days, stationary sd of the process noise: fast, middle, slow
_ELEMENTS: tuple[tuple[str, str, float, float], ...] = (
    ("spirit", "心神", 4.0, 0.34),
    ("qi_stagnation", "气滞", 5.0, 0.32),
    ("heat", "火热", 7.0, 0.30),
    ("dampness", "湿", 16.0, 0.26),
    ("phlegm", "痰", 24.0, 0.24),
    ("qi_deficiency", "气虚", 42.0, 0.20),
    ("blood_stasis", "血瘀", 55.0, 0.18),
    ("blood_deficiency", "血虚", 65.0, 0.18),
    ("yin_deficiency", "阴虚", 90.0, 0.16),
)
ELEMENTS = tuple(e[0] for e in _ELEMENTS)
ELEMENT_NAMES = tuple(e[1] for e in _ELEMENTS)
TAU: Floats = np.array([e[2] for e in _ELEMENTS])  # days
SIGMA: Floats = np.array([e[3] for e in _ELEMENTS])
_AT = {name: i for i, name in enumerate(ELEMENT_NAMES)}


def element(name: str) -> int:
    """Index of an element by its Chinese name."""
    return _AT[name]


def vector(**loads: float) -> Floats:
    """Element vector from Chinese names, zero elsewhere: (elements,)."""
    out = np.zeros(len(ELEMENTS))
    for name, value in loads.items():
        out[_AT[name]] = value
    return out


# linear couplings C[to, from]: 气虚生湿, 湿聚成痰, 阴虚生热, 气滞化热, 气滞致瘀, 血虚 and 火热 disturb 心神
COUPLING: Floats = np.zeros((len(ELEMENTS), len(ELEMENTS)))
for _to, _from, _size in (
    ("湿", "气虚", 0.20),
    ("痰", "湿", 0.25),
    ("火热", "阴虚", 0.25),
    ("火热", "气滞", 0.15),
    ("血瘀", "气滞", 0.12),
    ("心神", "血虚", 0.20),
    ("心神", "火热", 0.20),
    ("血虚", "气虚", 0.12),
):
    COUPLING[_AT[_to], _AT[_from]] = _size

# interactions (to, a, b, size): 痰火扰心, 湿郁化热, 血虚气滞成瘀
INTERACTIONS: tuple[tuple[int, int, int, float], ...] = (
    (_AT["心神"], _AT["痰"], _AT["火热"], 0.35),
    (_AT["火热"], _AT["湿"], _AT["气滞"], 0.25),
    (_AT["血瘀"], _AT["血虚"], _AT["气滞"], 0.20),
)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A herb of the simulated pharmacy.

    grams: reference daily dose; onset, offset: time constants in days of its effect rising and fading;
    effects: steady shift of each element at the reference dose, negative is relief, before ``POTENCY``
    """

    name: str
    grams: float
    onset: float
    offset: float
    effects: dict[str, float]
    note: str = ""


REMEDIES: tuple[Remedy, ...] = (
    Remedy("酸枣仁", 15, 1.5, 3, {"心神": -0.70, "血虚": -0.20}),
    Remedy("川芎", 6, 2, 4, {"血瘀": -0.35, "气滞": -0.25}),
    Remedy("知母", 9, 1.5, 3, {"火热": -0.45, "阴虚": -0.20}),
    Remedy("茯苓", 12, 2.5, 5, {"湿": -0.40, "心神": -0.20}),
    Remedy("炙甘草", 6, 3, 6, {"气虚": -0.20}),
    Remedy("柴胡", 9, 1, 2.5, {"气滞": -0.65}),
    Remedy("当归", 10, 5, 12, {"血虚": -0.40, "血瘀": -0.20}),
    Remedy("白芍", 12, 4, 9, {"血虚": -0.30, "气滞": -0.25}),
    Remedy("白术", 10, 4, 9, {"气虚": -0.40, "湿": -0.30}),
    Remedy("薄荷", 5, 0.5, 1.5, {"气滞": -0.25}, note="后下"),
    Remedy("牡丹皮", 10, 1.5, 4, {"火热": -0.40, "血瘀": -0.20}),
    Remedy("栀子", 9, 1, 2.5, {"火热": -0.60, "气虚": 0.20}),
    Remedy("黄芪", 18, 6, 14, {"气虚": -0.50}),
    Remedy("党参", 12, 5, 12, {"气虚": -0.45}),
    Remedy("远志", 6, 2, 4, {"心神": -0.35, "痰": -0.30}),
    Remedy("龙眼肉", 10, 6, 12, {"血虚": -0.35, "心神": -0.20}),
    Remedy("木香", 5, 1, 2, {"气滞": -0.35}),
    Remedy("生地黄", 15, 5, 10, {"阴虚": -0.45, "火热": -0.30}),
    Remedy("玄参", 10, 4, 8, {"阴虚": -0.30, "火热": -0.25}),
    Remedy("麦冬", 10, 5, 10, {"阴虚": -0.40}),
    Remedy("天冬", 10, 5, 10, {"阴虚": -0.35}),
    Remedy("五味子", 5, 2, 5, {"心神": -0.35}),
    Remedy("柏子仁", 12, 2, 5, {"心神": -0.40}),
    Remedy("丹参", 12, 4, 10, {"血瘀": -0.45, "心神": -0.20}),
    Remedy("桔梗", 6, 2, 4, {"痰": -0.25}),
    Remedy("法半夏", 9, 2, 5, {"痰": -0.60}),
    Remedy("竹茹", 9, 1.5, 4, {"痰": -0.30, "火热": -0.20}),
    Remedy("枳实", 9, 1.5, 3, {"气滞": -0.30, "痰": -0.20}),
    Remedy("陈皮", 9, 2, 4, {"痰": -0.25, "湿": -0.20}),
    Remedy("黄连", 5, 1, 2.5, {"火热": -0.75, "气虚": 0.20}),
    Remedy("熟地黄", 15, 7, 16, {"阴虚": -0.45, "血虚": -0.35, "湿": 0.20}),
    Remedy("山茱萸", 10, 6, 14, {"阴虚": -0.40}),
    Remedy("山药", 15, 5, 12, {"气虚": -0.30, "阴虚": -0.20}),
    Remedy("泽泻", 9, 2, 5, {"湿": -0.35}),
    Remedy("桃仁", 9, 3, 8, {"血瘀": -0.50}),
    Remedy("红花", 6, 3, 8, {"血瘀": -0.40}),
    Remedy("赤芍", 9, 3, 7, {"血瘀": -0.35, "火热": -0.20}),
    Remedy("牛膝", 9, 4, 9, {"血瘀": -0.25}),
    Remedy("枳壳", 6, 1.5, 3, {"气滞": -0.30}),
    Remedy("薏苡仁", 24, 3, 7, {"湿": -0.45}),
    Remedy("砂仁", 5, 1.5, 3, {"湿": -0.30, "气滞": -0.20}, note="后下"),
    Remedy("白扁豆", 10, 3, 7, {"湿": -0.25}),
    Remedy("莲子", 12, 4, 9, {"气虚": -0.25, "心神": -0.20}),
    Remedy("龙骨", 20, 1, 2.5, {"心神": -0.40}, note="先煎"),
    Remedy("牡蛎", 20, 1, 2.5, {"心神": -0.35}, note="先煎"),
    Remedy("合欢皮", 12, 2, 5, {"气滞": -0.30, "心神": -0.25}),
    Remedy("首乌藤", 15, 2, 5, {"心神": -0.35}),
    Remedy("香附", 9, 1.5, 3, {"气滞": -0.40}),
    Remedy("郁金", 9, 2, 5, {"气滞": -0.30, "血瘀": -0.20}),
    Remedy("黄芩", 9, 1, 3, {"火热": -0.50}),
)
HERBS = tuple(r.name for r in REMEDIES)
GRAMS: Floats = np.array([r.grams for r in REMEDIES])
ONSET: Floats = np.array([r.onset for r in REMEDIES])
OFFSET: Floats = np.array([r.offset for r in REMEDIES])
POTENCY = 0.75  # one number sets how quickly this clinic's patients get well
EFFECTS: Floats = POTENCY * np.stack([vector(**r.effects) for r in REMEDIES])  # (herbs, elements)

# 方名 -> its herbs at their reference doses
FORMULAS: dict[str, tuple[str, ...]] = {
    "酸枣仁汤": ("酸枣仁", "茯苓", "知母", "川芎", "炙甘草"),
    "丹栀逍遥散": ("牡丹皮", "栀子", "柴胡", "当归", "白芍", "白术", "茯苓", "薄荷", "炙甘草"),
    "归脾汤": ("白术", "茯苓", "黄芪", "龙眼肉", "酸枣仁", "党参", "木香", "当归", "远志", "炙甘草"),
    "天王补心丹": (
        "生地黄", "党参", "玄参", "丹参", "茯苓", "远志", "桔梗", "五味子", "当归", "天冬", "麦冬", "柏子仁", "酸枣仁",
    ),
    "温胆汤": ("法半夏", "竹茹", "枳实", "陈皮", "茯苓", "炙甘草"),
    "六味地黄丸": ("熟地黄", "山茱萸", "山药", "泽泻", "牡丹皮", "茯苓"),
    "血府逐瘀汤": ("桃仁", "红花", "当归", "生地黄", "川芎", "赤芍", "牛膝", "桔梗", "柴胡", "枳壳", "炙甘草"),
    "参苓白术散": ("党参", "茯苓", "白术", "白扁豆", "山药", "薏苡仁", "砂仁", "莲子", "桔梗", "炙甘草"),
}  # fmt: skip
MEMBERS: NDArray[np.bool_] = np.array([[h in members for h in HERBS] for members in FORMULAS.values()])

# 证型: where a patient of that pattern starts, and how the clinic names it
SYNDROMES: dict[str, Floats] = {
    "阴虚火旺证": vector(心神=1.6, 火热=1.4, 阴虚=2.2, 血虚=0.6),
    "肝火上炎证": vector(心神=1.2, 气滞=2.2, 火热=1.8, 血瘀=0.4),
    "心脾两虚证": vector(心神=1.5, 气虚=2.0, 血虚=1.8, 湿=0.4),
    "痰火扰神证": vector(心神=1.4, 火热=1.4, 痰=2.1, 湿=1.1, 气滞=0.4),
    "气滞血瘀证": vector(气滞=1.9, 血瘀=2.1, 心神=0.7, 血虚=0.4),
    "肝肾阴虚证": vector(阴虚=2.2, 血虚=1.2, 火热=0.7, 心神=0.8),
    "脾虚湿盛证": vector(气虚=2.1, 湿=2.0, 痰=0.8, 气滞=0.6),
    "肝郁脾虚证": vector(气滞=2.0, 气虚=1.6, 湿=0.9, 心神=0.6),
}
