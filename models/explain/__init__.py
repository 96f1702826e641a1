"""What a fitted forecaster rests on: contributions, time constants, lesions, the wiring, patients like this one."""

from models.explain.alike import Alike, Neighbour, Past, alike, remember, together
from models.explain.attribution import Attribution, attribute
from models.explain.constants import TimeConstants, time_constants
from models.explain.drivers import Driver, Drivers, drivers
from models.explain.influences import Influences, Source, influences, influences_in_steps
from models.explain.integrated import Gradients
from models.explain.lesion import Lesions, lesions
from models.explain.plane import Plane, plane
from models.explain.removal import Effects
from models.explain.step_inputs import Input
from models.explain.wiring_weights import Node, WiredSynapse, WiringWeights, wiring_weights

__all__ = [
    "Alike",
    "Attribution",
    "Driver",
    "Drivers",
    "Effects",
    "Gradients",
    "Influences",
    "Input",
    "Lesions",
    "Neighbour",
    "Node",
    "Past",
    "Plane",
    "Source",
    "TimeConstants",
    "WiredSynapse",
    "WiringWeights",
    "alike",
    "attribute",
    "drivers",
    "influences",
    "influences_in_steps",
    "lesions",
    "plane",
    "remember",
    "time_constants",
    "together",
    "wiring_weights",
]
