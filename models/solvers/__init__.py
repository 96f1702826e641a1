"""How a cell crosses an elapsed time: rules by name.

The cell's equation is ``cm dv/dt = current(v) - conductance(v) v``; with the gates frozen over a sub-step of length h
it relaxes towards ``v_inf = current / conductance`` with the time constant ``tau_sys = cm / conductance``. Zero elapsed
time is exactly the identity for every rule; what a large one does is said at each. Orders are tested against exact
solutions.

    fused, exponential                          first order, stable at any dt
    exponential_midpoint, exponential_tangent   second order, stable at any dt
    rk4                                         explicit: dt / unfolds below 2.785 tau_sys
    dopri5                                      adaptive, to a tolerance; gradient also by the adjoint equation
"""

from __future__ import annotations

from dataclasses import fields

from models.errors import ModelError
from models.solvers.base import EPSILON, Gates, Solver, SubstepSolver, TangentGates
from models.solvers.dopri5 import Dopri5
from models.solvers.relaxing import Exponential, ExponentialMidpoint, ExponentialTangent, Fused
from models.solvers.rk4 import RK4, STABLE

__all__ = [
    "EPSILON",
    "RK4",
    "SOLVERS",
    "STABLE",
    "Dopri5",
    "Exponential",
    "ExponentialMidpoint",
    "ExponentialTangent",
    "Fused",
    "Gates",
    "Solver",
    "SubstepSolver",
    "TangentGates",
    "get",
]

SOLVERS: dict[str, type[Solver]] = {
    s.name: s for s in (Fused, Exponential, ExponentialMidpoint, ExponentialTangent, RK4, Dopri5)
}


def get(solver: str | Solver, **options: float) -> Solver:
    """The solver of that name with those options; a solver is handed back as it is.

    Raises ModelError, listing the valid ones, for any other name or option.
    """
    if isinstance(solver, Solver):
        return solver
    if solver not in tuple(SOLVERS):
        raise ModelError(f"unknown solver {solver!r}; there are {', '.join(SOLVERS)}")
    kind = SOLVERS[solver]
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ModelError(f"solver {solver!r} has no option {', '.join(unknown)}; it takes {', '.join(known) or 'none'}")
    return kind(**options)
