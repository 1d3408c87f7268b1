"""How tables are sent in the tests, and workbooks as a mill's own system writes them."""

import io
from collections.abc import Sequence
from typing import Any

import httpx
import openpyxl

from tests.api.given import World


def sends(mill: World, kind: str, content: str | bytes, **query: Any) -> httpx.Response:
    """A table over HTTP; without ``dry_run`` it is taken in."""
    content = content.encode() if isinstance(content, str) else content
    return mill.caller().asks(
        "POST", f"/api/v1/imports/{kind}", content=content, params=query,
        headers={**mill.key(), "content-type": "application/octet-stream"},
    )  # fmt: skip


def workbook(rows: Sequence[Sequence[object]], **forms: str) -> bytes:
    """An XLSX of these rows; `forms` are number formats by cell, such as ``A2="000000"``."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, form in forms.items():
        sheet[cell].number_format = form
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """A workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bad(answer: httpx.Response) -> list[tuple[int, str, str]]:
    """Line, field and code of everything that is wrong."""
    return [(one["line"], one["field"], one["code"]) for one in answer.json()["bad"]]


def codes(answer: httpx.Response) -> list[str]:
    """What is wrong with a file as a whole."""
    return [one["code"] for one in answer.json()["problems"]]
