"""Who is let in: which roles may be given, and until when."""

from datetime import datetime

from api.rights import PASSING, RIGHTS, ROLES
from collector.toml_files import nearest
from collector.wire.problem import Problem


def admission_problems(
    where: str, role: str, until: datetime | None, now: datetime
) -> list[Problem]:
    """What stands against letting somebody in with a role until an instant."""
    if role not in RIGHTS:
        values = {"role": role, "near": nearest(role, ROLES), "roles": ", ".join(ROLES)}
        return [Problem("unknown-role", where, values=values)]
    if until is None and role in PASSING:
        return [Problem("role-without-end", where, values={"role": role})]
    if until is not None and until <= now:
        return [Problem("end-is-over", where, values={"until": f"{until:%Y-%m-%d %H:%M}Z"})]
    return []
