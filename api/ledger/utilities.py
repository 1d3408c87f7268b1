"""Utilities (rule 12): a utility's inputs over a window go to those who took its output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.ledger.accounts import Account, Charge, Posting, posting
from api.ledger.exact import QUANTUM, split
from api.ledger.plant import Plant, Utility
from gateway.intervals import Measured


@dataclass(frozen=True, slots=True)
class Window:
    """A balancing window, and whether every meter of it has reported past its end."""

    start: datetime
    end: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class WindowBalance:
    """What a utility took in, gave out and lost over a window.

    Attributes:
        utility: Which.
        makes: The carrier that it makes.
        window: When.
        inputs: Amount by input meter.
        output: What its output meter shows; None without one.
        taken: What the consumers' meters show.
    """

    utility: str
    makes: str
    window: Window
    inputs: Mapping[str, Decimal]
    output: Decimal | None
    taken: Decimal

    @property
    def lost(self) -> Decimal:
        """Output that no consumer's meter shows; 0 where meters show more than was made."""
        return max(Decimal(0), (self.output or self.taken) - self.taken)


def post_inputs(utility: Utility, measured: Mapping[str, Measured]) -> list[Posting]:
    """A utility's own meters: their amounts wait in its account for the window to close."""
    account = Account("utility", utility.id)
    return [
        posting(meter, carrier, piece, account, "utility-input")
        for carrier, meter in utility.uses
        if meter in measured
        for piece in measured[meter].slices
    ]


def charge(
    plant: Plant,
    utility: Utility,
    windows: Sequence[Window],
    measured: Mapping[str, Measured],
    postings: Sequence[Posting],
) -> tuple[list[Charge], list[WindowBalance]]:
    """Share a utility's inputs among those who took what it makes.

    Closed windows are shared exactly: line by line the shares add up to what the input meters
    show. In a window that is still open the last closed one's amounts per unit are used, which
    is provisional (rule 22).
    """
    carriers = {meter: carrier for carrier, meter in utility.uses}
    charges: list[Charge] = []
    balances: list[WindowBalance] = []
    closed: WindowBalance | None = None
    for window in sorted(windows, key=lambda one: one.start):
        taken = _taken(utility, window, postings)
        balance = WindowBalance(
            utility.id,
            utility.makes,
            window,
            {meter: _amount(measured, meter, window) for meter in carriers},
            _amount(measured, utility.output, window) if utility.output else None,
            sum(taken.values(), Decimal(0)),
        )
        balances.append(balance)
        if window.closed or closed is None:
            charges += _exactly(plant, balance, taken, carriers)
        else:
            charges += _as_last(balance, closed, taken, carriers)
        if window.closed and balance.taken:
            closed = balance
    return charges, balances


def _taken(utility: Utility, window: Window, postings: Sequence[Posting]) -> dict[Account, Decimal]:
    """Output taken by account, in the order of the postings, which knows no labels."""
    taken: dict[Account, Decimal] = {}
    for one in postings:
        inside = window.start <= one.start and one.end <= window.end
        if one.carrier == utility.makes and inside and one.amount:
            taken[one.account] = taken.get(one.account, Decimal(0)) + one.amount
    return taken


def _exactly(
    plant: Plant,
    balance: WindowBalance,
    taken: Mapping[Account, Decimal],
    carriers: Mapping[str, str],
) -> list[Charge]:
    charges = []
    for meter, amount in balance.inputs.items():
        if not amount:
            continue
        if not taken:
            account = Account("overhead", plant.site)
            charges.append(_charge(balance, meter, carriers, amount, account, "utility-standby"))
            continue
        useful, lost = split(amount, [balance.taken, balance.lost])
        for part, rule in ((useful, "utility"), (lost, "distribution-loss")):
            shares = split(part, list(taken.values()))
            charges += [
                _charge(balance, meter, carriers, share, account, rule)
                for account, share in zip(taken, shares, strict=True)
                if share
            ]
    return charges


def _as_last(
    balance: WindowBalance,
    closed: WindowBalance,
    taken: Mapping[Account, Decimal],
    carriers: Mapping[str, str],
) -> list[Charge]:
    return [
        _charge(
            balance,
            meter,
            carriers,
            (closed.inputs[meter] * amount / closed.taken).quantize(QUANTUM),
            account,
            "utility-last-window",
        )
        for meter in balance.inputs
        for account, amount in taken.items()
    ]


def _charge(
    balance: WindowBalance,
    meter: str,
    carriers: Mapping[str, str],
    amount: Decimal,
    account: Account,
    rule: str,
) -> Charge:
    window = balance.window
    return Charge(
        balance.utility,
        balance.makes,
        window.start,
        window.end,
        meter,
        carriers[meter],
        amount,
        account,
        rule,
    )


def _amount(measured: Mapping[str, Measured], meter: str, window: Window) -> Decimal:
    if meter not in measured:
        return Decimal(0)
    return sum(
        (
            piece.amount
            for piece in measured[meter].slices
            if window.start <= piece.start and piece.end <= window.end
        ),
        Decimal(0),
    )
