"""Shapes of the register of meters, and of what people decide about them."""

from api.shapes import At, Day, Exact, Shape, Value, says


class MeterFacts(Shape):
    """What a snapshot of the plant says of a meter."""

    valid_from: At = says("From when that holds")
    serial: str = says("Its serial number; empty where nobody says")
    accuracy_class: str = says("Its accuracy class", alias="class")
    ct: str | None = says("Its current transformers")
    pt: str | None = says("Its voltage transformers")
    certificate: str = says("Its certificate of calibration")
    certificate_expires: Day | None = says("Until when that holds")
    certificate_expired: bool = says("Whether that is over")
    rated_kw: Exact | None = says("The load behind it, by its plates [kW]")
    limit: Exact | None = says("Most that it counts in an hour [its unit]")
    behind: str | None = says("The meter that it stands behind")


class Latest(Shape):
    """A meter's last reading."""

    at: At = says("When")
    value: Value = says("What its register showed [its unit]")


class Meter(Shape):
    """A meter of the plant."""

    meter: str = says("device.point")
    carrier: str | None = says("What it counts; null where the newest plant has it no more")
    latest: Latest | None = says("Its last reading")
    silent: bool = says("Whether that is too long ago")
    facts: list[MeterFacts] = says("What the plant says of it, the newest last")


class Meters(Shape):
    """The register of meters."""

    meters: list[Meter] = says("By name")


class Decided(Shape):
    """What a person decided about a meter."""

    id: int = says("In the order in which they were entered")
    meter: str = says("device.point")
    at: At = says("About which instant")
    by: str = says("Who says so")
    why: str = says("The reason")
    evidence: str = says("What proves it")
    entered_at: At = says("When it was entered")


class Swap(Decided):
    """That a meter was changed or reset."""

    old_last: Exact = says("What the old one showed last [its unit]")
    new_first: Exact = says("What the new one showed first [its unit]")


class Counted(Decided):
    """What a meter counted where its register broke."""

    amount: Exact = says("How much [its unit]")


class Swaps(Shape):
    """When a meter was changed or reset."""

    swaps: list[Swap] = says("In the order in which they were entered")


class Counts(Shape):
    """What a meter counted where its register broke."""

    counted: list[Counted] = says("In the order in which they were entered")
