"""Names of variables in the user's language, wherever they are shown: terminal, window, report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app import i18n
from app.domain.formulas import formulas
from app.domain.herbs import herbs
from app.domain.vocabulary import active
from models.course import Variable

# the axes of 位数形势 by their two ends, the negative one first
PULSE_AXES = {
    "depth": ("脉 浮沉", "Pulse: depth"),
    "rate": ("脉 迟数", "Pulse: rate"),
    "rhythm": ("脉 律", "Pulse: rhythm"),
    "width": ("脉 细大", "Pulse: width"),
    "length": ("脉 短长", "Pulse: length"),
    "strength": ("脉 虚实", "Pulse: strength"),
    "fluency": ("脉 涩滑", "Pulse: fluency"),
    "tension": ("脉 缓弦", "Pulse: tension"),
}

# what a model knows of a patient beside the visits (``app.analysis.series``)
STATICS = {"age": ("年龄", "age"), "female": ("女性", "female sex")}

# what a model waits for (``app.domain.happenings``)
EVENTS = {
    "relapse": ("复发", "relapse"),
    "operation": ("手术", "operation"),
    "admission": ("住院", "hospital admission"),
    "adverse": ("不良反应", "adverse reaction"),
    "death": ("死亡", "death"),
}

# the simple forecasts of a model's score
SIMPLE_FORECASTS = {
    "last_value": ("沿用末次值", "repeating the last value"),
    "patient_mean": ("患者均值", "patient's mean"),
    "mixed_model": ("混合模型", "mixed model"),
    "ridge": ("岭回归", "ridge regression"),
    "trees": ("树模型", "trees"),
}


# the cells a forecaster can have (``models.backbone.CELLS``); the field's names, the same in every language
CELLS = {
    "ltc": "LTC",
    "cfc": "CfC",
    "ctrnn": "CT-RNN",
    "ode_rnn": "ODE-RNN",
    "gru_d": "GRU-D",
    "gru": "GRU",
    "lstm": "LSTM",
}

# beside which a model is put: its own line, simple forecasters, networks alone
MODELS = {
    "liquid": ("本模型", "this model"),
    "last_value": SIMPLE_FORECASTS["last_value"],
    "patient_mean": SIMPLE_FORECASTS["patient_mean"],
    "linear_trend": ("线性趋势", "linear trend"),
    "mixed_effects": ("混合效应模型", "mixed-effects model"),
    "boosted_trees": ("提升树", "boosted trees"),
    "logistic": ("逻辑回归", "logistic regression"),
    "cox": ("Cox 回归", "Cox regression"),
    **{cell: (CELLS[cell], CELLS[cell]) for cell in ("gru_d", "ode_rnn", "lstm")},
}


def model_name(code: str, language: str | None = None) -> str:
    """A line of ``models.comparing``, or its code where there are no words for it."""
    return MODELS.get(code, (code, code))[(language or i18n.language()) == "en"]


def event_label(name: str, language: str | None = None) -> str:
    """What a model waits for, or its own name where there are no words for it."""
    return EVENTS.get(name, (name, name))[(language or i18n.language()) == "en"]


class BestSimple(NamedTuple):
    """The best of the simple forecasts a model was compared with. beaten: whether the model's error is smaller."""

    label: str
    error: float
    beaten: bool


def best_simple(score: Mapping[str, Any], language: str | None = None) -> BestSimple | None:
    """score: of a model's card; None where nobody was held out."""
    name, model = score.get("best_simple") or "mixed_model", score.get("model")
    error = score.get(name)
    if model is None or error is None:
        return None
    label = SIMPLE_FORECASTS.get(name, (name, name))[(language or i18n.language()) == "en"]
    return BestSimple(label, float(error), bool(model < error))


def concept_label(code: str, language: str | None = None) -> str:
    """A concept, herb or formula, a pulse axis, or the source's own name where the tables have none."""
    language = language or i18n.language()
    axis = PULSE_AXES.get(code.removeprefix("pulse.")) if code.startswith("pulse.") else None
    if axis:
        return axis[language == "en"]
    if code in active().concepts:
        return active().label(code, language)
    if code in STATICS:
        return STATICS[code][language == "en"]
    remedy = herbs().get(code) or formulas().get(code)
    if remedy is not None:
        return remedy.en or remedy.zh if language == "en" else remedy.zh
    return _short(code)


def variable_label(variable: Variable, language: str | None = None) -> str:
    known = concept_label(variable.name, language)
    return known if known != _short(variable.name) else variable.label or known


def _short(code: str) -> str:
    """Of a concept the tables do not have: the source's own name, a laboratory value's short one."""
    return code.removeprefix("x.").removeprefix("lab.")


def interval_text(low: str, high: str) -> str:
    """ "0.3–1.8", but "−0.4~0.1": a dash between signed figures would read as one more minus."""
    return f"{low}~{high}" if "−" in low + high else f"{low}–{high}"


def chance_text(share: float) -> str:
    """A chance in per cent; no model here has earned a 0 % or a 100 %."""
    return "<2%" if share < 0.02 else ">98%" if share > 0.98 else f"{share:.0%}"
