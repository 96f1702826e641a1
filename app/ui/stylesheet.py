"""The few rules the palette cannot say: corners, hairlines, the filled button, thin scroll bars."""

from __future__ import annotations

import re
from functools import partial
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
QPushButton:focus { border: 2px solid $accent; padding: 4px 13px; }
QPushButton:disabled { color: $muted; background: $bg; }
QPushButton[filled="true"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[filled="true"]:hover { background: $accent; color: $on_accent; border-color: $text; }
QPushButton[filled="true"]:focus { border: 3px double $on_accent; padding: 3px 12px; }
QPushButton[filled="true"]:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton[flat="true"] { border-color: transparent; background: transparent; color: $accent; padding: 4px 8px; }
QPushButton[flat="true"]:focus { border: 2px solid $accent; padding: 2px 6px; }
QPushButton[segment="true"]:focus { border: 2px solid $accent; padding: 4px 13px; }
QPushButton[narrow="true"] { padding: 5px 2px; }
QPushButton[segment="true"]:checked { background: $selection; color: $accent; border-color: $accent; }
QPushButton[chip="true"] { border-radius: 10px; padding: 2px 8px; font-size: 11px; }
QPushButton[chip="true"]:checked { border-color: $accent; color: $accent; background: $selection; }
QPushButton[chip="true"]:focus { border: 2px solid $accent; padding: 1px 7px; }
QPushButton[word="true"] { background: $selection; color: $text; border-color: $selection; }
QPushButton[word="true"]:hover { border-color: $red; color: $red; }
QPushButton[chip="true"]::menu-indicator { image: none; width: 0; }
QToolButton#filter { background: $surface; border: 1px solid $line; border-radius: 6px; padding: 5px; }
QToolButton#filter:hover { border-color: $accent; }
QToolButton#filter:focus { border: 3px double $accent; padding: 3px; }
QToolButton#filter:checked { background: $selection; border-color: $accent; }
QLineEdit {
    background: $sunk; color: $text; border: 1px solid $line; border-radius: 6px; padding: 6px 10px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus { border: 2px solid $accent; padding: 5px 9px; }
QPlainTextEdit {
    background: $sunk; color: $text; border: 1px solid $line; border-radius: 6px; padding: 4px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit:focus { border: 2px solid $accent; padding: 3px; }
QCheckBox, QRadioButton { spacing: 8px; border: 2px solid transparent; border-radius: 4px; padding: 0 2px; }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QToolButton { border: 2px solid transparent; border-radius: 4px; padding: 2px; }
QToolButton:hover { background: $selection; }
QToolButton:focus { border-color: $accent; }
QLineEdit QToolButton { border: 0; padding: 0; background: transparent; }
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
QAbstractSpinBox { min-height: 28px; }
QComboBox {
    background: $sunk; color: $text; border: 1px solid $line; border-radius: 6px; padding: 4px 8px; min-height: 22px;
}
QComboBox:hover { border-color: $accent; }
QComboBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QComboBox:disabled { color: $muted; background: $bg; }
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow { image: url($down); width: 14px; height: 14px; }
QComboBox QLineEdit { border: 0; padding: 0; background: transparent; }
QComboBox QAbstractItemView {
    background: $surface; color: $text; border: 1px solid $line; outline: 0;
    selection-background-color: $selection; selection-color: $text;
}
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
    background: $surface; color: $text; border: 1px solid $line; margin: 1px; border-radius: 6px; gridline-color: $grid;
    selection-background-color: $selection; selection-color: $text;
}
QTableView:focus { border: 2px solid $accent; margin: 0; outline: 0; }
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
QWidget#panel, QWidget#rail, QWidget#header, QWidget#side, QWidget#notice, QWidget#editor { background: $surface; }
QFrame#card { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame#rule { background: $grid; border: 0; }
QWidget#rail { border-right: 1px solid $line; }
QWidget#panel { border-right: 1px solid $line; }
QWidget#header { border-bottom: 1px solid $line; }
QWidget#editor { border-left: 1px solid $line; }
QWidget#notice { border-top: 1px solid $line; }
QListView#patients { background: $surface; border: 2px solid $surface; border-top-color: $line; outline: 0; }
QListView#patients:focus { border-color: $accent; }
QFrame#palette { background: $surface; border: 1px solid $accent; border-radius: 8px; }
QFrame#callout { background: $surface; border: 2px solid $accent; border-radius: 8px; }
QListView#palette_list { background: $surface; border: 0; outline: 0; }
QScrollArea#side, QScrollArea#forecast_panel {
    background: $surface; border: 2px solid $surface; border-left-color: $line;
}
QScrollArea#strip { border: 2px solid $bg; }
QScrollArea#strip:focus, QScrollArea#side:focus, QScrollArea#forecast_panel:focus { border-color: $accent; }
""")


_LENGTH = re.compile(r"(\d+)px")


def stylesheet(theme: Theme, size: float = 1.0) -> str:
    """Qt stylesheet of a theme, filled in from its tokens. size: every length is so much longer than it stands here."""
    tokens = {name: getattr(theme, name) for name in theme.__slots__}
    for name in ("check", "down"):
        tokens[name] = (RESOURCES / "icons" / f"{name}_{'dark' if theme.dark else 'light'}.svg").as_posix()
    return _LENGTH.sub(partial(_longer, size), _RULES.substitute(tokens))


def _longer(size: float, found: re.Match[str]) -> str:
    """What is not nothing stays visible."""
    length = int(found[1])
    return f"{max(round(length * size), 1) if length else 0}px"
