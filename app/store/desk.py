"""What every service works with: the database, who is at work, and whom to tell of a change."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engine import Database
from app.store.observer import Changed
from app.store.roles import Actor


@dataclass(slots=True)
class Desk:
    """actor: changes when another person logs in."""

    database: Database
    actor: Actor
    changed: Changed


class Service:
    """Base of the services and queries: their public methods say by ``needs`` who may call them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def actor(self) -> Actor:
        return self._desk.actor
