"""What a visit shows of the hidden state: ordinal symptom scores, tongue, six-position pulse, the named syndrome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.simulator.world import SYNDROMES, Floats, element, vector

MAIN_SCALE = (0, 2, 4, 6)
SECONDARY_SCALE = (0, 1, 2, 3)
CUTS = np.array([0.6, 1.35, 2.1])  # latent severity at which the next grade begins
POSITIONS = ("左寸", "左关", "左尺", "右寸", "右关", "右尺")


@dataclass(frozen=True, slots=True)
class Symptom:
    name: str
    main: bool
    weights: Floats  # (elements,)

    @property
    def scale(self) -> tuple[int, ...]:
        return MAIN_SCALE if self.main else SECONDARY_SCALE


# main or secondary as the vocabulary ranks them
SYMPTOMS: tuple[Symptom, ...] = (
    Symptom("失眠", True, vector(心神=1.0, 火热=0.25, 血虚=0.2)),
    Symptom("心悸", True, vector(心神=0.5, 血虚=0.5, 气虚=0.2, 血瘀=0.2)),
    Symptom("胁痛", True, vector(气滞=0.75, 血瘀=0.5)),
    Symptom("头晕", True, vector(血虚=0.5, 阴虚=0.3, 痰=0.4)),
    Symptom("乏力", True, vector(气虚=0.8, 血虚=0.3)),
    Symptom("腹胀", True, vector(气滞=0.5, 湿=0.5, 气虚=0.15)),
    Symptom("烦躁", False, vector(火热=0.7, 气滞=0.45)),
    Symptom("口苦", False, vector(火热=0.75, 湿=0.25)),
    Symptom("身重", False, vector(湿=0.8, 气虚=0.3)),
    Symptom("五心烦热", False, vector(阴虚=0.9, 火热=0.2)),
)
_WEIGHTS = np.stack([s.weights for s in SYMPTOMS])  # (symptoms, elements)
BIAS_SD = 0.30  # how differently patients speak of the same load, constant over the course
NOISE_SD = 0.28  # the day's noise


def severity(state: Floats) -> Floats:
    """Latent severity of every symptom: (..., elements) -> (..., symptoms)."""
    return np.maximum(state, 0.0) @ _WEIGHTS.T


def scores(state: Floats, bias: Floats, rng: np.random.Generator) -> tuple[int, ...]:
    """Ordinal scores of one visit on each symptom's own scale. state (elements,), bias (symptoms,)."""
    seen = severity(state) + bias + NOISE_SD * rng.standard_normal(len(SYMPTOMS))
    grades = np.searchsorted(CUTS, seen)
    return tuple(s.scale[g] for s, g in zip(SYMPTOMS, grades, strict=True))


def _noisy(state: Floats, rng: np.random.Generator, sd: float = 0.25) -> dict[str, float]:
    seen = state + sd * rng.standard_normal(len(state))
    names = ("心神", "气滞", "火热", "湿", "痰", "气虚", "血瘀", "血虚", "阴虚")
    return {n: float(seen[element(n)]) for n in names}


def tongue(state: Floats, rng: np.random.Generator) -> tuple[str, str]:
    """舌质 and 舌苔 as a physician writes them."""
    s = _noisy(state, rng)
    colour = 0.7 * s["火热"] + 0.5 * s["阴虚"] - 0.5 * s["气虚"] - 0.5 * s["血虚"]
    body = [("淡", "淡红", "红", "绛")[int(np.searchsorted([-0.45, 0.45, 2.0], colour))]]
    if s["血瘀"] > 1.0:
        body = ["紫暗"]
    if s["血瘀"] > 0.7:
        body.append("瘀点")
    if s["气虚"] + 0.5 * s["湿"] > 1.3:
        body += ["胖大", "齿痕"]
    elif s["气虚"] > 0.8:
        body.append("齿痕")
    if s["阴虚"] > 1.3:
        body.append("裂纹")
    coat_colour = "黄" if s["火热"] > 0.55 else "白"
    greasy = s["湿"] + s["痰"]
    if greasy > 1.2:
        coat = coat_colour + "腻"
    elif s["阴虚"] > 1.1:
        coat = "少苔"
    else:
        coat = "薄" + coat_colour
    return "、".join(body), coat


# which loads speak at which place: 左 心 肝 肾; 右 肺 脾 肾
_PLACES: dict[str, tuple[tuple[str, str, float], ...]] = {
    "左寸": (("细", "血虚", 0.7), ("细", "阴虚", 0.9), ("涩", "血瘀", 1.2)),
    "左关": (("弦", "气滞", 0.3), ("细", "血虚", 0.8), ("涩", "血瘀", 1.0)),
    "左尺": (("沉", "阴虚", 0.8), ("细", "阴虚", 0.5), ("涩", "血瘀", 1.5)),
    "右寸": (("弱", "气虚", 0.9), ("滑", "痰", 1.0), ("弦", "气滞", 1.4)),
    "右关": (("滑", "痰", 0.5), ("濡", "湿", 0.7), ("弱", "气虚", 0.7), ("弦", "气滞", 1.0)),
    "右尺": (("沉", "气虚", 0.7), ("弱", "气虚", 1.1), ("细", "阴虚", 1.0)),
}
_ORDER = "沉弦滑涩濡弱细缓数"
_AGAINST = {"涩": "滑", "濡": "弦", "弱": "弦滑濡"}  # a term is left out where one of these was felt already


def pulse(state: Floats, rng: np.random.Generator) -> dict[str, str]:
    """Compound pulse names of the six positions; the rate is one for all of them."""
    s = _noisy(state, rng, 0.2)
    rapid = s["火热"] + 0.3 * s["阴虚"] > 1.2
    out: dict[str, str] = {}
    for place in POSITIONS:
        felt: list[str] = []
        for term, name, threshold in _PLACES[place]:
            strong = s[name] + 0.15 * rng.standard_normal() > threshold
            if strong and term not in felt and not any(f in _AGAINST.get(term, "") for f in felt):
                felt.append(term)
        felt = felt[:2]
        if rapid:
            felt.append("数")
        out[place] = "".join(sorted(felt, key=_ORDER.index)) or "缓"
    return out


def syndrome(seen: Floats) -> str:
    """Name of the pattern that lies closest in direction to the state as the clinician sees it."""
    load = np.maximum(seen, 0.0)
    return max(SYNDROMES, key=lambda name: float(load @ SYNDROMES[name] / np.linalg.norm(SYNDROMES[name])))
