"""What a fitted forecaster rests on: contributions, time constants, lesions, the wiring, patients like this one."""

from models.explain.alike import Alike, Neighbour, Past, alike, remember
from models.explain.attribution import Attribution, attribute
from models.explain.constants import TimeConstants, time_constants
from models.explain.integrated import Gradients
from models.explain.lesion import Lesions, lesions
from models.explain.removal import Effects
from models.explain.step_inputs import Input
from models.explain.wiring_weights import Node, WiredSynapse, WiringWeights, wiring_weights

__all__ = [
    "Alike",
    "Attribution",
    "Effects",
    "Gradients",
    "Input",
    "Lesions",
    "Neighbour",
    "Node",
    "Past",
    "TimeConstants",
    "WiredSynapse",
    "WiringWeights",
    "alike",
    "attribute",
    "lesions",
    "remember",
    "time_constants",
    "wiring_weights",
]
