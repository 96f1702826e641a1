"""The clinic file: SQLAlchemy tables, Alembic migrations, services that write, queries that read. No Qt, no torch."""
