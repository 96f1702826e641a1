"""Who a job tells how far it is, and asks whether to stop."""

from __future__ import annotations

from typing import Any, Protocol


class Listener(Protocol):
    """Hears progress and says whether to stop."""

    def progress(self, done: int, total: int, text: str = "", **data: Any) -> None: ...

    def cancelled(self) -> bool: ...
