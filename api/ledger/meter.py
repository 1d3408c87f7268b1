"""A meter as the plant's register knows it: dated facts, never edited (rule 24)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Meter:
    """What is known of a counter beside its readings, from a snapshot's day on.

    Attributes:
        ref: ``device.point``.
        serial: Serial number.
        accuracy: Limit of its error by its class; None where no class is declared. [share]
        accuracy_class: The class as declared: ``B``, ``1``, ``0.5S``.
        ct: Current transformer, as written.
        pt: Voltage transformer, as written.
        certificate: Of its last calibration.
        certificate_expires: Last day of that; None where not said.
        rated_kw: What it can at most pass; None where not said. [kW]
        limit: Most that it can count in an hour; None where not said. [stored unit/h]
        behind: Meter that it stands behind; empty for none.
    """

    ref: str
    serial: str = ""
    accuracy: Decimal | None = None
    accuracy_class: str = ""
    ct: str = ""
    pt: str = ""
    certificate: str = ""
    certificate_expires: date | None = None
    rated_kw: Decimal | None = None
    limit: Decimal | None = None
    behind: str = ""
