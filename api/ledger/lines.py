"""Lines of a footprint: postings and charges of a batch, priced.

Each line's kgCO2e is cut to a milligram and totals are sums of lines, so that what is printed
adds up to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from api.ledger.accounts import Account, Charge, Posting, Run
from api.ledger.factors import Part, Price
from api.ledger.pools import CONDENSATE

MILLIGRAM = Decimal("1e-6")
_ZERO: dict[str, Any] = dict.fromkeys(
    ("amount", "measured", "interpolated", "estimated"), Decimal(0)
)


@dataclass(frozen=True, slots=True)
class Emission:
    """What one part of a price makes of an amount."""

    part: Part
    kg: Decimal
    kgco2e: Decimal


@dataclass(frozen=True, slots=True)
class Input:
    """A supply's amount behind a line: the line's own carrier, or what a utility used for it.

    Its `unit` stands only where that is another than its counter's.
    """

    carrier: str
    meter: str
    amount: Decimal
    emissions: tuple[Emission, ...]
    priced: bool
    unit: str = ""

    @property
    def kgco2e(self) -> Decimal:
        """Its emissions."""
        return sum((emission.kgco2e for emission in self.emissions), Decimal(0))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what a run, or the idling before it, took from one meter by one rule.

    Attributes:
        run: The run that carries it.
        idle: Whether it is standby before the run.
        carrier: What was taken.
        meter: Counter that saw it.
        amount: How much, in the meter's unit.
        measured: The measured part,
        interpolated: the interpolated,
        estimated: and the estimated part of it.
        rule: By which rule.
        utility: Utility that made the carrier; empty for a supply's.
        inputs: What the amount is made of, down to supplies.
    """

    run: Run
    idle: bool
    carrier: str
    meter: str
    amount: Decimal
    measured: Decimal
    interpolated: Decimal
    estimated: Decimal
    rule: str
    utility: str
    inputs: tuple[Input, ...]

    @property
    def kgco2e(self) -> Decimal:
        """Its emissions."""
        return sum((one.kgco2e for one in self.inputs), Decimal(0))

    @property
    def priced(self) -> bool:
        """Whether a factor priced any of it: without one there are no emissions, not zero."""
        return any(one.priced for one in self.inputs)


def emissions_of(amount: Decimal, price: Price) -> tuple[Emission, ...]:
    """What an amount of a carrier emits, gas by gas as far as its factors give them."""
    return tuple(
        Emission(
            part,
            (amount * part.factor.value).quantize(MILLIGRAM),
            (amount * part.kgco2e).quantize(MILLIGRAM),
        )
        for part in price.parts
    )


def lines_of(
    batch: str,
    postings: Iterable[Posting],
    charges: Sequence[Charge],
    makers: Mapping[str, str],
    prices: Mapping[str, Price],
) -> tuple[Line, ...]:
    """The lines of a batch.

    Args:
        batch: Which.
        postings: Postings of a period.
        charges: Charges of the same.
        makers: Name of the utility (or utilities) by carrier that one makes.
        prices: Price by supply carrier.
    """
    own: dict[tuple[Account, str], list[Charge]] = {}
    for one in charges:
        if _carried_by(one.account, batch):
            own.setdefault((one.account, one.makes), []).append(one)
    lines: list[Line] = []
    for (account, *_), group in _groups(batch, postings, makers).items():
        carrier = group[0].carrier
        if carrier in makers:
            made = own.get((account, carrier), [])
            lines += _from_utility(account, group, makers[carrier], made, prices)
        else:
            inputs = (_input(carrier, group[0].meter, _sum(group, "amount"), prices),)
            lines.append(_line(account, group, group[0].rule, "", inputs))
    return tuple(line for line in lines if line.amount or line.inputs)


def _groups(
    batch: str, postings: Iterable[Posting], makers: Mapping[str, str]
) -> dict[tuple[Account, str, str], list[Posting]]:
    """Postings of a batch that make one line: those of a meter and rule, or of a made carrier."""
    groups: dict[tuple[Account, str, str], list[Posting]] = {}
    for posting in postings:
        if posting.carrier != CONDENSATE and _carried_by(posting.account, batch):
            by_meter = (posting.account, posting.meter, f"{posting.rule} {posting.carrier}")
            key = (posting.account, posting.carrier, "") if posting.carrier in makers else by_meter
            groups.setdefault(key, []).append(posting)
    return groups


def _from_utility(
    account: Account,
    group: Sequence[Posting],
    maker: str,
    charges: Sequence[Charge],
    prices: Mapping[str, Price],
) -> list[Line]:
    """What a run took of a made carrier, priced by what making it used; losses apart."""
    useful = [one for one in charges if one.rule != "distribution-loss"]
    lost = [one for one in charges if one.rule == "distribution-loss"]
    provisional = any(one.rule == "utility-last-window" for one in useful)
    rule = "utility-last-window" if provisional else group[0].rule
    lines = [_line(account, group, rule, maker, _inputs(useful, prices))]
    if lost:
        nothing = [replace(group[0], **_ZERO)]
        lines.append(_line(account, nothing, "distribution-loss", maker, _inputs(lost, prices)))
    return lines


def _inputs(charges: Sequence[Charge], prices: Mapping[str, Price]) -> tuple[Input, ...]:
    amounts: dict[tuple[str, str, str], Decimal] = {}
    for one in charges:
        key = (one.carrier, one.meter, one.unit)
        amounts[key] = amounts.get(key, Decimal(0)) + one.amount
    return tuple(
        replace(_input(carrier, meter, amount, prices), unit=unit)
        for (carrier, meter, unit), amount in amounts.items()
    )


def _input(carrier: str, meter: str, amount: Decimal, prices: Mapping[str, Price]) -> Input:
    price = prices.get(carrier)
    emissions = emissions_of(amount, price) if price else ()
    return Input(carrier, meter, amount, emissions, bool(emissions))


def _line(
    account: Account, group: Sequence[Posting], rule: str, utility: str, inputs: tuple[Input, ...]
) -> Line:
    if account.run is None:
        raise ValueError(f"{account} has no run")
    return Line(
        run=account.run,
        idle=account.kind == "standby",
        carrier=group[0].carrier,
        meter=", ".join(dict.fromkeys(posting.meter for posting in group)),
        amount=_sum(group, "amount"),
        measured=_sum(group, "measured"),
        interpolated=_sum(group, "interpolated"),
        estimated=_sum(group, "estimated"),
        rule=rule,
        utility=utility,
        inputs=inputs,
    )


def _carried_by(account: Account, batch: str) -> bool:
    return account.run is not None and account.run.batch == batch and account.kind != "held"


def _sum(postings: Sequence[Posting], name: str) -> Decimal:
    return sum((getattr(posting, name) for posting in postings), Decimal(0))
