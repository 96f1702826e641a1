"""Every command once: menus, shortcuts, the help page and the tests all read this table."""

from app.ui.commands import dress, everywhere, patients, records, timeline, viewing, visits
from app.ui.commands.command import CONTEXT, MENUS, SUBMENUS, Command, plain

COMMANDS: tuple[Command, ...] = (
    records.COMMANDS
    + patients.COMMANDS
    + visits.COMMANDS
    + viewing.COMMANDS
    + timeline.COMMANDS
    + dress.COMMANDS
    + everywhere.COMMANDS
)

__all__ = ["COMMANDS", "CONTEXT", "MENUS", "SUBMENUS", "Command", "plain"]
