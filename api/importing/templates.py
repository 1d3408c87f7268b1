"""Templates: empty tables of a kind to fill in, with one row as an example."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from api.importing.fields import Field, Holds
from api.importing.kinds import Kind

_WORDS: Mapping[str, tuple[str, str]] = {
    "notes": ("Columns", "列说明"),
    "column": ("Column", "列名"),
    "needed": ("Must be there", "必填"),
    "known": ("Is also recognised as", "也可写作"),
    "yes": ("yes", "是"),
    "delete": ("Line 2 is an example: write over it.", "第 2 行为示例，请覆盖。"),
}
_FORMS = {Holds.NAME: "@", Holds.TEXT: "@", Holds.TIME: "yyyy-mm-dd hh:mm", Holds.DAY: "yyyy-mm-dd",
          Holds.MONTH: "@"}  # fmt: skip


def as_csv(kind: Kind, lang: str) -> bytes:
    """UTF-8 with a mark, so that Excel reads it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow([field.heading(lang) for field in kind.FIELDS])
    rows.writerow([field.example for field in kind.FIELDS])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(kind: Kind, lang: str) -> bytes:
    """A workbook whose columns of names are text, so that leading zeros stay."""
    from xlsxwriter import Workbook  # loaded with the first template that is asked for

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E8EEE9", "text_wrap": True})
        sheet = book.add_worksheet(kind.ZH if lang == "zh" else kind.EN)
        sheet.freeze_panes(1, 0)
        for place, field in enumerate(kind.FIELDS):
            form = book.add_format({"num_format": _FORMS.get(field.holds, "General")})
            sheet.set_column(place, place, max(14, len(field.heading(lang)) * 2), form)
            sheet.write_string(0, place, field.heading(lang), heading)
            if field.holds in (Holds.MASS, Holds.NUMBER) and field.example:
                sheet.write_number(1, place, float(field.example))
            else:
                sheet.write_string(1, place, field.example, form)
        notes = book.add_worksheet(_word("notes", lang))
        notes.set_column(0, 2, 24)
        for row, cells in enumerate(_notes(kind.FIELDS, lang)):
            notes.write_row(row, 0, cells, heading if row == 1 else None)
    return out.getvalue()


FORMS: Mapping[str, tuple[str, Callable[[Kind, str], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
"""Media type and maker of each form."""


def _notes(fields: Sequence[Field], lang: str) -> list[list[str]]:
    heads = [_word(name, lang) for name in ("column", "needed", "known")]
    rows = [
        [one.heading(lang), _word("yes", lang) if one.needed else "", ", ".join(one.known)]
        for one in fields
    ]
    return [[_word("delete", lang)], heads, *rows]


def _word(name: str, lang: str) -> str:
    return _WORDS[name][1 if lang == "zh" else 0]
