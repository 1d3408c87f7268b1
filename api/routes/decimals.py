"""Decimals as a caller gives them: strings, finite, and of a size that a mill knows."""

from decimal import Decimal, InvalidOperation

from fastapi import HTTPException

_MOST = Decimal(10) ** 15


def amount(text: str, name: str, *, least: Decimal) -> Decimal:
    """The number of a field; 422 where it is none, or not from `least` to 10^15."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not least <= number < _MOST:
        raise HTTPException(422, f"{name}={text!r} is no decimal from {least} to 10^15")
    return number
