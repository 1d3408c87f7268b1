"""Shapes of what was billed, weighed and read by hand, beside what meters and batches say."""

from typing import Literal

from api.shapes import At, Day, Exact, Shape, says


class BillEntry(Shape):
    """A bill as it was entered."""

    supply: str = says("Which supply")
    first_day: Day = says("From this day on")
    last_day: Day = says("To the end of this one")
    amount: Exact = says("How much [unit]")
    unit: str = says("kWh, MWh, kg, t, m3, m3_0c or m3_20c")
    money: Exact | None = says("What it cost; absent where nobody said [currency]", default=None)
    currency: str | None = says("Of the money; absent where nobody said", default=None)
    number: str | None = says("The bill's own; absent where nobody said", default=None)


class DifferenceNote(Shape):
    """Why two things differ."""

    why: str = says("What somebody said")
    by: str = says("Who")
    at: At = says("When")
    stands: bool = says("Whether the difference is still the one that it is about")


class Bill(BillEntry):
    """A bill beside the supply's meters."""

    bill: str = says("Its name; notes go there")
    carrier: str = says("Of what")
    metered_unit: str = says("The stored unit of billed, metered and difference")
    billed: Exact = says("The billed amount [metered_unit]")
    metered: Exact | None = says("What the meters counted; null where unknown [metered_unit]")
    difference: Exact | None = says("Metered less billed [metered_unit]")
    percent: Exact | None = says("That of the billed amount [%]")
    state: Literal["agrees", "differs", "explained", "not-metered"] = says("How it stands")
    note: DifferenceNote | None = says("Who explained a difference")
    by_hand: bool = says("Whether some of it follows from readings taken by hand")
    by: str = says("Who entered it")
    entered_at: At = says("When")


class Bills(Shape):
    """Bills of a month beside the supplies' meters."""

    month: str = says("Which month, such as 2026-03")
    bills: list[Bill] = says("Those whose last day lies in it, by supply and day")
    unbilled: list[str] = says("Supplies that are bought and have none")


class BillNote(Shape):
    """What somebody said of a bill's difference."""

    bill: str = says("Which bill")
    why: str = says("What they said")
    by: str = says("Who")


class MassNote(Shape):
    """What somebody said of a month's mass balance."""

    month: str = says("Which month")
    why: str = says("What they said")
    by: str = says("Who")


class WeighedBatch(Shape):
    """A batch whose greige was weighed."""

    batch: str = says("Which batch")
    greige_kg: Exact = says("What went in [kg]")
    accepted_kg: Exact = says("What was accepted [kg]")
    percent: Exact = says("What it won or lost, of what went in [%]")


class MassBalance(Shape):
    """What went in against what came out in a month."""

    greige_kg: Exact = says("Greige that went in [kg]")
    chemical_kg: Exact = says("Chemicals that went in [kg]")
    accepted_kg: Exact = says("Accepted mass of batches that ended in it [kg]")
    scrap_kg: Exact = says("Scrap, and batches that were scrapped as a whole [kg]")
    waste_kg: Exact = says("Waste [kg]")
    in_kg: Exact = says("All that went in [kg]")
    out_kg: Exact = says("All that came out [kg]")
    difference_kg: Exact = says("Out less in [kg]")
    percent: Exact | None = says("That of what went in; null where nothing did [%]")
    unweighed: int = says("Batches of which nobody says what they weigh")
    batches: list[WeighedBatch] = says("The first 50, those that won or lost most first")
    note: DifferenceNote | None = says("Who explained the difference")


class HandReading(Shape):
    """A register that somebody read, beside what the meter itself reported then."""

    meter: str = says("Its register")
    at: At = says("When it was read")
    value: Exact = says("What was read [the register's unit]")
    shown: Exact | None = says("What the meter reported last before [the register's unit]")
    difference: Exact | None = says("Read less shown [the register's unit]")
    by: str = says("Who entered it")


class Reconciliation(Bills):
    """What was billed and weighed in a month, and what differs."""

    mass: MassBalance = says("What went in against what came out")
    readings: list[HandReading] = says("Taken by hand in it, by meter and time")
