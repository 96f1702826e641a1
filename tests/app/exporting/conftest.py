from __future__ import annotations

from tests.app.store.conftest import plain, quick_keys

__all__ = ["plain", "quick_keys"]
