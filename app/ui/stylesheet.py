"""The few rules the palette cannot say: corners, hairlines, the filled button, thin scroll bars."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from app.paths import RESOURCES

if TYPE_CHECKING:
    from app.ui.theme import Theme

_RULES = Template("""
QPushButton {
    background: $surface; color: $text; border: 1px solid $line; border-radius: 6px; padding: 5px 14px;
}
QPushButton:hover { border-color: $accent; color: $accent; }
QPushButton:pressed { background: $selection; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; background: $bg; }
QPushButton[filled="true"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[filled="true"]:hover { background: $accent; color: $on_accent; border-color: $text; }
QPushButton[filled="true"]:focus { border: 2px solid $text; padding: 4px 13px; }
QPushButton[filled="true"]:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton[flat="true"] { border-color: transparent; background: transparent; color: $accent; padding: 4px 8px; }
QLineEdit {
    background: $sunk; color: $text; border: 1px solid $line; border-radius: 6px; padding: 6px 10px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus { border-color: $accent; }
QPlainTextEdit {
    background: $sunk; color: $text; border: 1px solid $line; border-radius: 6px; padding: 4px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $muted; background: $sunk;
}
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; background: $on_accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus, QCheckBox::indicator:hover, QRadioButton::indicator:hover {
    border-color: $accent;
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $line; }
QSpinBox, QComboBox { min-height: 26px; }
QMenuBar { background: $surface; color: $text; border-bottom: 1px solid $line; }
QMenuBar::item { background: transparent; padding: 5px 10px; }
QMenuBar::item:selected { background: $selection; color: $accent; }
QMenu { background: $surface; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $grid; margin: 4px 8px; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 4px 6px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTableView {
    background: $surface; color: $text; border: 1px solid $line; border-radius: 6px; gridline-color: $grid;
    selection-background-color: $selection; selection-color: $text;
}
QTableView::item { padding: 0 6px; }
QHeaderView { background: $surface; border: 0; }
QHeaderView::section {
    background: $surface; color: $muted; border: 0; border-bottom: 1px solid $line; padding: 5px 8px;
}
QTableCornerButton::section { background: $surface; border: 0; }
QProgressBar {
    background: $sunk; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QSplitter::handle { background: transparent; }
QWidget#panel, QWidget#rail, QWidget#header, QWidget#side, QWidget#notice { background: $surface; }
QFrame#card { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame#rule { background: $grid; border: 0; }
QWidget#rail { border-right: 1px solid $line; }
QWidget#panel { border-right: 1px solid $line; }
QWidget#header { border-bottom: 1px solid $line; }
QWidget#notice { border-top: 1px solid $line; }
QListView#patients { background: $surface; border: 0; border-top: 1px solid $line; outline: 0; }
QFrame#palette { background: $surface; border: 1px solid $accent; border-radius: 8px; }
QListView#palette_list { background: $surface; border: 0; outline: 0; }
QScrollArea#side { background: $surface; border: 0; border-left: 1px solid $line; }
""")


def stylesheet(theme: Theme) -> str:
    """Qt stylesheet of a theme, filled in from its tokens."""
    tokens = {name: getattr(theme, name) for name in theme.__slots__}
    return _RULES.substitute(tokens, check=(RESOURCES / "icons" / f"check_{theme.name}.svg").as_posix())
