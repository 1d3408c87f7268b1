"""Instants as a caller gives them: with their zone, and in a century that can be reckoned with."""

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, Field

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Instant: TypeAlias = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
