"""Lines of a footprint: first what a batch took, then what it emits (rule 17).

Lines without prices are the physical side and are kept; to price them anew, nothing else is
needed. Each line's kgCO2e is cut to a milligram and totals are sums of lines, so that what is
printed adds up to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from api.ledger.accounts import Account, Charge, Posting, Run
from api.ledger.factors import Part, Price
from api.ledger.pools import CONDENSATE

MILLIGRAM = Decimal("1e-6")
_NONE = Decimal(0)
_EMISSIONS, _KGCO2E = attrgetter("emissions"), attrgetter("kgco2e")
_ZERO: dict[str, Any] = dict.fromkeys(
    ("amount", "measured", "interpolated", "estimated"), Decimal(0)
)


class Emission(NamedTuple):
    """What one part of a price makes of an amount."""

    part: Part
    kg: Decimal
    kgco2e: Decimal


class Input(NamedTuple):
    """A supply's amount behind a line: the line's own carrier, or what a utility used for it.

    Attributes:
        carrier: Which.
        meter: Counter that saw it.
        unit: Its stored unit, or what of it has a price: the heat of steam, a load in its water.
        amount: How much.
        emissions: What that emits; none before it is priced, or where no factor prices it.
        direct_only: Whether the upstream part of its price is missing.
        kgco2e: Sum of its emissions.
    """

    carrier: str
    meter: str
    unit: str
    amount: Decimal
    emissions: tuple[Emission, ...] = ()
    direct_only: bool = False
    kgco2e: Decimal = Decimal(0)

    @property
    def priced(self) -> bool:
        """Whether a factor priced it."""
        return bool(self.emissions)


class Reads(NamedTuple):
    """Readings of a line's meters while it ran, as their collectors counted them."""

    scheduled: int
    good: int


class Line(NamedTuple):
    """One line: what a run, or the idling before it, took from one meter by one rule.

    Attributes:
        run: The run that carries it.
        idle: Whether it is standby before the run.
        carrier: What was taken.
        meter: Counter that saw it.
        unit: That counter's stored unit.
        amount: How much.
        measured: The measured part,
        interpolated: the interpolated,
        estimated: and the estimated part of it.
        rule: By which rule.
        utility: Utility that made the carrier; empty for a supply's.
        inputs: What the amount is made of, down to supplies.
        kgco2e: Sum of what they emit.
        reads: How many readings were due and how many were good; None where nobody counted.
    """

    run: Run
    idle: bool
    carrier: str
    meter: str
    unit: str
    amount: Decimal
    measured: Decimal
    interpolated: Decimal
    estimated: Decimal
    rule: str
    utility: str
    inputs: tuple[Input, ...]
    kgco2e: Decimal = Decimal(0)
    reads: Reads | None = None

    @property
    def priced(self) -> bool:
        """Whether a factor priced any of it: without one there are no emissions, not zero."""
        return any(map(_EMISSIONS, self.inputs))


_PLACE = Line._fields.index("inputs")


def emissions_of(amount: Decimal, price: Price) -> tuple[Emission, ...]:
    """What an amount of a carrier emits, gas by gas as far as its factors give them."""
    return tuple(
        [
            Emission(
                part,
                kg := (amount * part.factor.value).quantize(MILLIGRAM),
                kg if part.as_it_is else (amount * part.kgco2e).quantize(MILLIGRAM),
            )
            for part in price.parts
        ]
    )


def lines_of(
    batch: str,
    postings: Iterable[Posting],
    charges: Sequence[Charge],
    makers: Mapping[str, str],
    units: Mapping[str, str],
) -> tuple[Line, ...]:
    """What a batch took, line by line, without prices.

    Args:
        batch: Which.
        postings: Postings of a period.
        charges: Charges of the same.
        makers: Name of the utility (or utilities) by carrier that one makes.
        units: Stored unit by meter.
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
            lines += _from_utility(account, group, makers[carrier], made, units)
        else:
            meter = group[0].meter
            inputs = (Input(carrier, meter, units.get(meter, ""), _sum(group, "amount")),)
            lines.append(_line(account, group, group[0].rule, "", inputs, units))
    return tuple(line for line in lines if line.amount or line.inputs)


def priced(lines: Iterable[Line], prices: Mapping[tuple[str, str], Price]) -> tuple[Line, ...]:
    """The same lines with what they emit.

    Args:
        lines: Lines without prices.
        prices: Price by supply carrier and unit.
    """
    return tuple(priced_line(line, prices) for line in lines)


def priced_line(line: Line, prices: Mapping[tuple[str, str], Price]) -> Line:
    """The same line with what it emits."""
    inputs = tuple([_priced(one, prices) for one in line.inputs])
    kgco2e = sum(map(_KGCO2E, inputs), _NONE)
    return Line._make((*line[:_PLACE], inputs, kgco2e, line.reads))


def declared(run: Run, carrier: str, unit: str, amount: Decimal, entry: str) -> Line:
    """A line of what a person declared and no meter counts (rule 16): estimated, by its name."""
    zero = Decimal(0)
    inputs = (Input(carrier, entry, unit, amount),)
    return Line(
        run=run,
        idle=False,
        carrier=carrier,
        meter=entry,
        unit=unit,
        amount=amount,
        measured=zero,
        interpolated=zero,
        estimated=amount,
        rule="declared",
        utility="",
        inputs=inputs,
    )


def whole_of(line: Line, used: Iterable[Line]) -> Line:
    """What a line was before a part of it was handed on."""
    return next(one for one in used if _same(one) == _same(line))


def together(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of one batch from several pieces of time, those that differ in amounts alone added."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(_same(line), []).append(line)
    return tuple(group[0] if len(group) == 1 else _added(group) for group in groups.values())


def _same(line: Line) -> tuple[object, ...]:
    """What two lines have in common that differ in amounts alone."""
    return (line.run, line.idle, line.carrier, line.meter, line.rule, line.utility)


def _added(group: Sequence[Line]) -> Line:
    inputs: dict[tuple[str, str, str], Decimal] = {}
    for one in (one for line in group for one in line.inputs):
        key = (one.carrier, one.meter, one.unit)
        inputs[key] = inputs.get(key, Decimal(0)) + one.amount
    return group[0]._replace(
        amount=_sum(group, "amount"),
        measured=_sum(group, "measured"),
        interpolated=_sum(group, "interpolated"),
        estimated=_sum(group, "estimated"),
        inputs=tuple(Input(*key, amount) for key, amount in inputs.items()),
    )


def _priced(one: Input, prices: Mapping[tuple[str, str], Price]) -> Input:
    carrier, meter, unit, amount, *_ = one
    price = prices.get((carrier, unit))
    if price is None:
        return one
    emissions = emissions_of(amount, price)
    kgco2e = sum(map(_KGCO2E, emissions), _NONE)
    return Input(carrier, meter, unit, amount, emissions, price.direct_only, kgco2e)


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
    units: Mapping[str, str],
) -> list[Line]:
    """What a run took of a made carrier: what making it used; losses apart."""
    useful = [one for one in charges if one.rule != "distribution-loss"]
    lost = [one for one in charges if one.rule == "distribution-loss"]
    provisional = any(one.rule == "utility-last-window" for one in useful)
    rule = "utility-last-window" if provisional else group[0].rule
    lines = [_line(account, group, rule, maker, _inputs(useful, units), units)]
    if lost:
        nothing = [group[0]._replace(**_ZERO)]
        inputs = _inputs(lost, units)
        lines.append(_line(account, nothing, "distribution-loss", maker, inputs, units))
    return lines


def _inputs(charges: Sequence[Charge], units: Mapping[str, str]) -> tuple[Input, ...]:
    amounts: dict[tuple[str, str, str], Decimal] = {}
    for one in charges:
        key = (one.carrier, one.meter, one.unit or units.get(one.meter, ""))
        amounts[key] = amounts.get(key, Decimal(0)) + one.amount
    return tuple(Input(*key, amount) for key, amount in amounts.items())


def _line(
    account: Account,
    group: Sequence[Posting],
    rule: str,
    utility: str,
    inputs: tuple[Input, ...],
    units: Mapping[str, str],
) -> Line:
    if account.run is None:
        raise ValueError(f"{account} has no run")
    return Line(
        run=account.run,
        idle=account.kind == "standby",
        carrier=group[0].carrier,
        meter=", ".join(dict.fromkeys(posting.meter for posting in group)),
        unit=units.get(group[0].meter, ""),
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


def _sum(found: Sequence[Posting] | Sequence[Line], name: str) -> Decimal:
    return sum((getattr(one, name) for one in found), Decimal(0))
