"""Parquet: one table for analysts; decimals exact, instants in UTC, columns as programs name them.

Its library is an extra of its own (``parquet``): not every box has the room for it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from api.extract import Cell, Column, Extract, Sort, Table, rows_of

MEDIA = "application/vnd.apache.parquet"
ONE_TABLE = True
_DIGITS, _BEHIND_THE_POINT = 38, 18
_GROUP = 20_000
"""Rows that are held at once."""


def write(extract: Extract, out: Path, _: str, table: Table) -> None:
    """One table; what it is about stands in the file's metadata.

    Raises:
        ValueError: A number has more digits than a decimal128 holds.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {
        Sort.TEXT: pa.string(),
        Sort.NUMBER: pa.decimal128(_DIGITS, _BEHIND_THE_POINT),
        Sort.WHOLE: pa.int64(),
        Sort.TIME: pa.timestamp("ms", tz="UTC"),
    }
    schema = pa.schema(
        [(column.name, kinds[column.sort]) for column in table.columns], metadata=_about(extract)
    )
    with ParquetWriter(out, schema) as file:
        every = rows_of(extract, table)
        while rows := list(islice(every, _GROUP)):
            columns = zip(table.columns, zip(*rows, strict=True), strict=True)
            arrays = [
                pa.array(_values(column, cells), kinds[column.sort]) for column, cells in columns
            ]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _about(extract: Extract) -> dict[str, str]:
    said = {
        "about": extract.about,
        "site": extract.site,
        "view": extract.view,
        "made": extract.made,
        "by": extract.by,
        "digest": extract.digest or "",
    }
    return {f"millprint.{name}": text for name, text in said.items()}


def _values(column: Column, cells: Iterable[Cell]) -> list[Any]:
    return [None if cell is None else _value(column, cell) for cell in cells]


def _value(column: Column, cell: str | datetime) -> Any:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC)
    if column.sort is Sort.WHOLE:
        return int(cell)
    return Decimal(cell) if column.sort is Sort.NUMBER else cell
