"""Articles: what a kilogram carries, what is declared of it, and what that leaves out."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from fastapi import HTTPException, Path, Query
from pydantic import Field

from api.articles import Articles
from api.assemble import Edition, footprint_body, plain
from api.books.entries import Decision
from api.calendar import Span
from api.ledger.genealogy import article_per_kg
from api.omissions import subject_of
from api.remainders import Remainders
from api.routes import room
from api.routes.decimals import amount
from api.routes.forms import Form, Instant
from api.routes.paging import Paged
from api.service import Accountant, Reader, Service, The
from api.shapes import answers
from api.shapes.articles import ArticleFootprint, Declared, Exemption, Exemptions
from api.shapes.articles import Articles as ArticlesShape
from collector.wire.reading import stamp

router = room("articles")

_PER_KG = Decimal("1e-6")
_YEAR = timedelta(days=365)
_MOST = timedelta(days=3 * 366)
Article = Annotated[str, Path(max_length=80, description="Article or product")]


class ExemptionIn(Form):
    """What something that no factor prices may come to."""

    omitted: Literal["factor-missing", "upstream-missing"] = Field(
        description="All of it, or only what came before it was used here"
    )
    carrier: str = Field(min_length=1, max_length=64, description="As in the footprint: water")
    unit: str = Field(min_length=1, max_length=16, description="As in the footprint: m3")
    kgco2e_per_unit: str = Field(max_length=32, description="The estimate, a decimal [kgCO2e]")
    source: str = Field(min_length=2, max_length=500, description="Where the estimate is from")
    why: str = Field(min_length=2, max_length=2000, description="Why it is good enough")


def articles_of(the: Service) -> Articles:
    """The articles of a service's books."""
    return Articles(the.books, Remainders(the.books, the.reporter, the.catalogue))


def declared_period(
    the: The,
    start: Annotated[Instant | None, Query(alias="from", description="12 months ago")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="Now")] = None,
) -> Span:
    """The period of a declared value: 12 months up to now where nobody says another."""
    until = end or the.now()
    since = start or until - _YEAR
    if not since < until <= since + _MOST:
        raise HTTPException(
            422, f"from {stamp(since)} to {stamp(until)} is no period of up to three years"
        )
    return since, until


@router.get(
    "/articles",
    summary="The articles that batches were entered with",
    responses=answers(ArticlesShape),
)
def articles(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Each with the number of its batches, by name."""
    found = paged.of(the.books.batches.how_many_by_article().items(), lambda one: one[0])
    return {"articles": [{"article": name, "batches": count} for name, count in found]}


@router.get(
    "/articles/{article:path}/footprint",
    summary="What a kilogram of an article carries",
    operation_id="get_article",
    responses=answers(ArticleFootprint),
)
def footprint(
    the: The,
    _: Reader,
    article: Article,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    view: Literal["footprint", "inventory"] = "footprint",
) -> dict[str, Any]:
    """All batches of the article that ended in a period, scrapped ones too, over accepted mass."""
    bodies = []
    for name in articles_of(the).batches_of(article):
        runs = the.books.runs.of(name)
        events = the.books.genealogy.relatives([name])
        last = max([*(run.end for run in runs), *(one.at for one in events)], default=None)
        body = _body(the, name, view) if last is not None and start <= last < end else None
        bodies += [body] if body else []
    found = [(Decimal(one["total"]["kgco2e"]), Decimal(one["accepted_kg"] or 0)) for one in bodies]
    emitted, accepted, per_kg = article_per_kg(found)
    return {
        "article": article,
        "from": stamp(start),
        "to": stamp(end),
        "view": view,
        "kgco2e": plain(emitted),
        "accepted_kg": plain(accepted),
        "kgco2e_per_kg": None if per_kg is None else f"{per_kg.quantize(_PER_KG):f}",
        "batches": [
            {name: one[name] for name in ("batch", "status", "accepted_kg")}
            | {"kgco2e": one["total"]["kgco2e"]}
            for one in bodies
        ],
    }


@router.get(
    "/articles/{article:path}/declared",
    summary="The declared value of an article",
    responses=answers(Declared),
)
def declared(
    the: The,
    _: Reader,
    article: Article,
    start: Annotated[Instant | None, Query(alias="from", description="12 months ago")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="Now")] = None,
) -> dict[str, Any]:
    """Its final batches of 12 months (or another period) by accepted kilograms, with their spread.

    One batch alone is a batch value. Where more than 3 % is left out, or nobody has said what
    is left out may come to, ``status`` is ``refused``, there is no value, and ``problems`` say why.
    """
    period = declared_period(the, start, end)
    known(the, article)
    unfinished = the.bookkeeper.open_batches()
    return articles_of(the).declared(article, period, unfinished, the.now())


@router.get(
    "/exemptions",
    summary="What people say that what is left out may come to",
    responses=answers(Exemptions),
)
def exemptions(the: The, _: Reader, paged: Paged) -> dict[str, Any]:
    """Every estimate, in the order in which they were entered; the last about a thing counts."""
    found = paged.of(the.books.entries.of("exemption"), lambda one: one.id)
    return {"exemptions": [_exemption(one) for one in found]}


@router.post(
    "/exemptions",
    status_code=201,
    summary="Estimate what is left out",
    operation_id="estimate_exemption",
    responses=answers(Exemption, 201),
)
def estimate(the: The, key: Accountant, body: ExemptionIn) -> dict[str, Any]:
    """It prices nothing: it says how large a share of a declared value is left out."""
    per_unit = plain(amount(body.kgco2e_per_unit, "kgco2e_per_unit", least=Decimal(0)))
    said = {"omitted": body.omitted, "carrier": body.carrier, "unit": body.unit}
    subject = subject_of(body.omitted, body.carrier, body.unit)
    entry = Decision(
        "exemption", subject, the.now(), said | {"kgco2e_per_unit": per_unit}, key.name, body.why,
        body.source,
    )  # fmt: skip
    return _exemption(the.books.entries.add(entry, the.now(), (), frozenset()))


def known(the: Service, article: str) -> None:
    """404 for an article that no batch was entered with."""
    if not the.books.batches.of_article(article):
        raise HTTPException(404, f"There is no article {article!r}.")


def _exemption(entry: Decision) -> dict[str, Any]:
    return entry.body | {
        "id": entry.id,
        "source": entry.evidence,
        "by": entry.by,
        "why": entry.why,
        "entered_at": entry.entered,
    }


def _body(the: Service, name: str, view: str) -> dict[str, Any] | None:
    stored = None if the.bookkeeper.is_open(name) else the.books.results.find(name, view)
    if stored is not None:
        found: dict[str, Any] = orjson.loads(stored.text)
        return found
    report = the.reporter.report(name, view, the.now())
    return footprint_body(report, Edition(0, stamp(the.now()), "so-far")) if report else None
