"""PDF: a report of a batch, an article, a month or a period, for people who check it.

Its library is an extra of its own (``pdf``), with Pango and a Chinese font from the system. Nothing
is ever fetched: all that a report shows is in its page.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api import plots
from api.extract import Extract, Table, local
from api.paper import Paper, Shares, paper
from api.paper_words import say
from api.words import word

MEDIA = "application/pdf"
ONE_TABLE = False
_TEMPLATES = Path(__file__).parents[1] / "templates"
_MOST_ROWS = 200
"""Batches that are listed; a month of a large mill has thousands, which the workbook holds."""
_MOST_BARS = 12
_UNITS = {"m3": "m³", "m3_0c": "m³ (0 °C)", "m3_20c": "m³ (20 °C)"}
_GROUPED = Decimal("0.001")


def write(extract: Extract, out: Path, lang: str, _: Table) -> None:
    """The report.

    Raises:
        ValueError: There is nothing to report on.
    """
    found = paper(extract)
    if not found.rows and not found.open and extract.declared is None:
        raise ValueError("no batch ended in it")
    put_on_paper(page(found, lang), out)


def page(found: Paper, lang: str) -> str:
    """The report as one page of HTML, plots included."""
    room = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    told = _Telling(found, lang)
    return room.get_template("paper.html").render(paper=found, it=told, lang=lang)


def put_on_paper(html: str, out: Path) -> None:
    """A page of HTML as a PDF; what it points to is never fetched, and is not on it."""
    import weasyprint

    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    weasyprint.HTML(string=html, url_fetcher=nothing).write_pdf(out)


def unit_text(unit: str) -> str:
    """A stored unit as it is printed."""
    return _UNITS.get(unit, unit)


class _Telling:
    """What the template asks: words, figures and plots."""

    def __init__(self, found: Paper, lang: str) -> None:
        self._found, self._lang, self._extract = found, lang, found.extract

    def say(self, key: str, **values: object) -> str:
        """A text of the report."""
        return say(key, self._lang, **values)

    def word(self, kind: str, code: str) -> str:
        """What a code is called."""
        return word(kind, code, self._lang)

    def pick(self, holder: Mapping[str, Any], field: str) -> str:
        """The text in the reader's language of what carries both."""
        return str(holder[f"{field}_{self._lang}"])

    def figure(self, number: Decimal | str | None) -> str:
        """A number to read, with thousands apart: to a thousandth, or its first digits."""
        if number is None:
            return "–"
        exact = Decimal(number)
        if exact and abs(exact) < 1:
            return f"{exact:.3g}" if abs(exact) >= Decimal("0.0001") else f"{exact:.2e}"
        return f"{exact.quantize(_GROUPED):,f}"

    def percent(self, share: Decimal | str | None) -> str:
        """A share as hundredths."""
        return "–" if share is None else f"{Decimal(share) * 100:.2f} %"

    def at(self, instant: str | None) -> str:
        """An instant in site time."""
        when = local(instant, self._extract.zone)
        return "–" if when is None else f"{when:%Y-%m-%d %H:%M}"

    def between(self) -> str:
        """From the first start to the last end of the batches that are summed."""
        rows = [one for one in self._found.rows if one["start"] and one["end"]]
        if not rows:
            return "–"
        return f"{self.at(min(r['start'] for r in rows))} – {self.at(max(r['end'] for r in rows))}"

    def bars(self, parts: Shares, kind: str) -> Markup:
        """A plot of the parts that emit most."""
        shown = [one for one in parts.largest_first() if one.kgco2e is not None][:_MOST_BARS]
        drawn = plots.bars(
            [
                (
                    self.word(kind, one.name),
                    one.kgco2e or Decimal(0),
                    f"{self.figure(one.kgco2e)}  ({self.percent(self._found.part(one.kgco2e))})",
                )
                for one in shown
            ]
        )
        return Markup(drawn)

    def strip(self) -> Markup:
        """A plot of the batches by their own kilogram."""
        values = [one.per_kg for one in self._found.members if one.per_kg is not None]
        mean = self._found.total[2]
        marks = [] if mean is None else [(f"{self.say('mean')} {mean:f}", mean)]
        drawn = plots.strip(values, marks, "kgCO2e/kg")
        return Markup(drawn)

    def rows(self) -> list[Mapping[str, Any]]:
        """The batches that are listed, what carries most first."""
        ordered = sorted(self._found.rows, key=lambda one: -Decimal(one["total"]["kgco2e"]))
        return ordered[:_MOST_ROWS]

    def left_out(self) -> list[tuple[str, str, str]]:
        """What is left out: what, how much, and what it may come to."""
        return [
            (
                f"{self.word('carrier', one.carrier)}: {self.word('why', one.why)}".lstrip(": "),
                "–" if one.amount is None else self.amounts({one.unit: one.amount}),
                self.say("unknown") if one.kgco2e is None else self.figure(one.kgco2e),
            )
            for one in self._found.left_out
        ]

    def amounts(self, amounts: Mapping[str, Decimal]) -> str:
        """Amounts with their units."""
        found = [f"{self.figure(amount)} {unit_text(unit)}" for unit, amount in amounts.items()]
        return ", ".join(found) or "–"

    def burden(self, amount: str | None, unit: str) -> str:
        """An amount of water or of a pollutant."""
        return "–" if amount is None else self.amounts({unit: Decimal(amount)})

    def potentials(self) -> str:
        """With which potentials factors were characterised that do not split their gases."""
        silent = "not stated in the text read"  # as the catalogue says it
        sets = [self.say("unstated") if one == silent else one for one in self._found.gwp_sets]
        return "; ".join(sorted(sets)) or self.say("none")

    def how(self) -> str:
        """How it is verified, with addresses that can be asked for as they are printed."""
        kind, declared = self._extract.kind, self._extract.declared or {}
        if self._extract.digest is None or kind == "period":
            return self.say("not_kept")
        revision = self._extract.revision or (self._found.rows or [{"revision": ""}])[0]["revision"]
        start, end = declared.get("from", ""), declared.get("to", "")
        parts = {"about": self._extract.about, "start": start, "end": end}
        quoted = {name: quote(str(text), safe="") for name, text in parts.items()}
        return self.say(f"verify_{kind}", **quoted, revision=revision)

    def closing(self) -> str:
        """Who closed the month, when in site time, and why."""
        by, at, why = self._extract.closed
        return f"{by}, {self.at(at)}: {why}"

    def written(self) -> str:
        """When the report was written, in site time."""
        return self.at(self._extract.made)
