"""How many grams a qian (钱) is taken for."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.domain.units import UnitConvention
from app.ui.translation import Speaking

CONVENTIONS = (UnitConvention.MODERN, UnitConvention.KUPING)


class ConventionBox(Speaking, QComboBox):
    """``currentData`` is the value of the UnitConvention."""

    def __init__(self) -> None:
        super().__init__()
        for convention in CONVENTIONS:
            self.addItem("", convention.value)
        self.retranslate()

    def retranslate(self) -> None:
        for index, text in enumerate((self.tr("3 g (modern)"), self.tr("3.73 g (kuping)"))):
            self.setItemText(index, text)
