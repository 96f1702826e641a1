"""A PostgreSQL server of the tests' own, in a folder of its own, reached by a socket in it alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def binaries() -> Path | None:
    """Folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    found = shutil.which("pg_ctl")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Address of the server, without a database's name. Skips where PostgreSQL is not installed."""
    place = binaries()
    if place is None:
        pytest.skip("PostgreSQL is not installed (Debian: sh .ci/system-packages test)")
    folder = Path(tempfile.mkdtemp(prefix="mailiu-pg-"))  # short: a socket's path has about 100 characters
    try:
        as_user = _unprivileged(folder)

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(place / program), *arguments]
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

        data = str(folder / "data")
        run("initdb", "-D", data, "-U", "mailiu", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        run("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql://mailiu@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as the user its package made, else as nobody."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    os.chown(folder, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
    folder.chmod(0o755)
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]
