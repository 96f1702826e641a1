"""Names of what acts on a forecast or a neuron, and sizes with their signs, in the user's words."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.insight import Effect, Node
from app.ui.translation import QT_TRANSLATE_NOOP, number_text, translate
from app.wording import concept_label, variable_label
from models.course import Variable

CONTEXT = "insight"
DOSE = QT_TRANSLATE_NOOP("insight", "{name} dose")
SINCE = QT_TRANSLATE_NOOP("insight", "{name}: days since")
TIMES = {
    "day": QT_TRANSLATE_NOOP("insight", "day of the course"),
    "gap": QT_TRANSLATE_NOOP("insight", "days since the last visit"),
}


def source_word(name: str, variables: Mapping[str, Variable]) -> str:
    """A variable, or a level of one ("tongue=red"), a herb, a fact."""
    name, _, level = name.partition("=")
    label = variable_label(variables[name]) if name in variables else concept_label(name)
    return f"{label} {level}".rstrip()


def effect_word(effect: Effect, variables: Mapping[str, Variable]) -> str:
    word = source_word(effect.name, variables)
    return translate(CONTEXT, DOSE).format(name=word) if effect.kind == "treatment" else word


def node_word(node: Node, variables: Mapping[str, Variable]) -> str:
    """Of an input its own name, with what of it is heard; of a neuron the network's."""
    if node.what == "neuron":
        return node.name
    if node.what == "time" and node.name in TIMES:
        return translate(CONTEXT, TIMES[node.name])
    word = source_word(node.name, variables)
    return translate(CONTEXT, SINCE).format(name=word) if node.what == "since" else word


def signed(size: float, *, chance: bool = False) -> str:
    """ "+0.4", "−0.3"; of a chance in per cent."""
    text = f"{number_text(100 * size, 0)}%" if chance else number_text(size, 2)
    return text if size < 0 else f"+{text}"
