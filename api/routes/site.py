"""The site, its health, its factors and its balance."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

import orjson
from fastapi import HTTPException, Query

from api.assemble import factor_body, problem_body
from api.balance_over import joined, parts_of
from api.calendar import Span, month, month_of
from api.meters import SILENT
from api.routes import room
from api.routes.forms import Instant
from api.routes.paging import Paged
from api.service import Reader, Service, The
from api.shapes import View, answers
from api.shapes.balance import Balance, KeptBalance
from api.shapes.problems import Problems
from api.shapes.site import Factors, Health, Site
from collector.wire.problem import Problem
from collector.wire.reading import parse_stamp, stamp
from gateway.journal import Claim
from gateway.projections import Standing

router = room("site")

OfCarrier = Annotated[str | None, Query(max_length=64, description="That price one carrier")]
OfCode = Annotated[str | None, Query(max_length=64, description="Of one kind")]
OfWhere = Annotated[str | None, Query(max_length=128, description="Of one machine or meter")]
_LONGEST = timedelta(days=31)
_UNSEALED = timedelta(days=2)
_MANY = 500  # messages or records that wait
_STORE_FAULTS = {
    "engine-away": ("it does not answer", "无应答"),
    "victoria-flag": (
        "its flags lose readings: millprint gateway project says which",
        "启动参数会丢失读数，详见 millprint gateway project",
    ),
    "influx-forgets": (
        "its retention loses readings: millprint gateway project says how",
        "保留策略会丢失读数，详见 millprint gateway project",
    ),
}
_STATES_ZH = {
    "up": "在线",
    "stopped": "已停止",
    "lost": "失联",
    "refused": "被代理拒收",
    "unanswered": "未到达日志",
}


@router.get("/site", summary="Which mill this is, and its clock", responses=answers(Site))
def site(the: The, _: Reader) -> dict[str, Any]:
    """Site, time zone, region, version and the server's time."""
    plant = the.reporter.plants[-1]
    return {
        "site": plant.site,
        "timezone": plant.timezone,
        "region": plant.region,
        "version": the.version,
        "now": stamp(the.now()),
    }


@router.get(
    "/health", summary="Whether everything that feeds the ledger is well", responses=answers(Health)
)
def health(the: The) -> dict[str, Any]:
    """Broker, chains, meters, seals, what waits for people; needs no key and names no batch."""
    checks = [*_gateway(the), *_collectors(the), *_devices(the), *_seals(the), *_results(the)]
    checks += [_check(f"store {one.name}", _store(one)) for one in the.ears.projections()]
    status = "ok" if all(check["ok"] for check in checks) else "warn"
    return {"status": status, "now": stamp(the.now()), "checks": checks}


@router.get("/factors", summary="The factor catalogue with its sources", responses=answers(Factors))
def factors(
    the: The, _: Reader, paged: Paged, carrier: OfCarrier = None, view: View | None = None
) -> dict[str, Any]:
    """Every row that may price a carrier."""
    sought = [
        one
        for one in the.catalogue.factors
        if carrier in (None, one.carrier) and (view is None or view in one.views)
    ]
    return {"factors": [factor_body(one) for one in paged.of(sought, lambda one: one.id)]}


@router.get("/problems", summary="What is wrong with the data now", responses=answers(Problems))
def problems(
    the: The, _: Reader, paged: Paged, code: OfCode = None, where: OfWhere = None
) -> dict[str, Any]:
    """Of machines' runs, and of meters that read wrong; a batch's stand with its footprint."""
    found = [one for own in the.bookkeeper.problems().values() for one in own]
    found += the.bookkeeper.suspects.problems
    sought = [one for one in found if code in (None, one.code) and where in (None, one.where)]
    return {"problems": [problem_body(one) for one in paged.of(sought, _named)]}


@router.get(
    "/balance", summary="Where every meter's amount went", responses=answers(Balance | KeptBalance)
)
def balance(
    the: The,
    _: Reader,
    start: Annotated[Instant, Query(alias="from", description="Beginning, with its zone")],
    end: Annotated[Instant, Query(alias="to", description="End, with its zone")],
    as_of: Annotated[Instant | None, Query(description="A kept month, as it was then")] = None,
) -> dict[str, Any]:
    """Meter to accounts and supplies to accounts, over at most 31 days; of a month, as it was.

    Where the plant changed meanwhile, each holds for its days, and they stand in ``parts`` as well.
    """
    if as_of is not None:
        return _kept_balance(the, (start, end), as_of)
    if not start < end <= start + _LONGEST:
        raise HTTPException(
            422, f"from {start.isoformat()} to {end.isoformat()} is no period of up to 31 days"
        )
    return joined(parts_of(the.reporter, the.catalogue, start, end, the.now()))


def _named(problem: Problem) -> str:
    at = stamp(problem.at) if problem.at else ""
    return " ".join([problem.where, at, problem.code, *map(str, problem.values.values())])


def _kept_balance(the: Service, period: Span, as_of: datetime) -> dict[str, Any]:
    """The balance of a month as it was kept at an instant; one part for each plant of it."""
    timezone = the.reporter.plants[-1].timezone
    name = month_of(period[0], timezone)
    if month(name, timezone) != period:
        start, end = (stamp(at) for at in month(name, timezone))
        raise HTTPException(
            422,
            f"as_of={stamp(as_of)}: balances are kept month by month; ask from {start} to {end},"
            " or without as_of",
        )
    the.revisions.as_of(as_of)
    kept = the.books.periods.statement(name, as_of=as_of)
    if kept is None:
        raise HTTPException(404, f"At {stamp(as_of)} no balance of {name} was kept yet.")
    said = orjson.loads(kept.body)
    told = {key: said[key] for key in ("month", "revision", "computed_at", "reason")}
    return told | {"as_of": stamp(as_of), "parts": said["balance"]}


def _gateway(the: Service) -> list[dict[str, Any]]:
    up, behind, aside = the.ears.broker_up(), the.ears.behind(), the.journal.quarantined()
    return [
        _check(
            "broker",
            (up, "connected" if up else "not connected", "已连接" if up else "未连接"),
        ),
        _check(
            "ingest", (behind < _MANY, f"{behind} messages wait to be stored", f"{behind} 条待入库")
        ),
        _check("quarantine", (not aside, f"{aside} messages set aside", f"{aside} 条消息被隔离")),
        *(_check(f"device {claim.device}", _claimed(claim)) for claim in the.journal.claims()),
        _check("journal", _journal(the)),
    ]


def _claimed(claim: Claim) -> tuple[bool, str, str]:
    """That two collectors bring readings of one device."""
    return (
        False,
        f"belongs to collector {claim.owner}; what {claim.collector} brings of it is set aside",
        f"属于采集器 {claim.owner}；{claim.collector} 送来的读数被隔离",
    )


def _journal(the: Service) -> tuple[bool, str, str]:
    """Whether the journal takes readings, is sound, and knows when all of them were made."""
    fault, damage = the.ears.fault(), the.journal.damage()
    if fault:
        return False, f"nothing can be stored: {fault}", f"无法写入：{fault}"
    if damage:
        return False, f"damaged: {damage[0]}", f"已损坏：{damage[0]}"
    waiting = the.journal.unplaced()
    if waiting:
        names = ", ".join(f"{name}: {count}" for name, count in sorted(waiting.items()))
        return False, f"readings without a known time ({names})", f"时间未知的读数（{names}）"
    lag = f"{the.ears.lag_s():.0f}"
    return True, f"sound; readings arrive after {lag} s", f"完好；读数在 {lag} 秒后到达"


def _store(one: Standing) -> tuple[bool, str, str]:
    """Whether a time-series store is filled, and is what the journal says that it should be."""
    if one.fault:
        en, zh = _STORE_FAULTS.get(one.fault, (one.fault, one.fault))
        return False, en, zh
    if one.refused or one.foreign:
        return (
            False,
            f"it dropped {one.refused} numbers in silence and has {one.foreign} of nobody",
            f"静默丢弃 {one.refused} 个数值，多出 {one.foreign} 个来历不明的数值",
        )
    behind = f"{one.behind} quarters of an hour wait to be sent", f"{one.behind} 个时段待发送"
    if one.reconciled is None:
        return (one.behind < _MANY, *behind)
    at = stamp(one.reconciled)
    return (
        one.behind < _MANY,
        f"{behind[0]}; compared {at}: {one.compared} numbers, {one.missing} were missing and sent",
        f"{behind[1]}；{at} 核对 {one.compared} 个数值，补发 {one.missing} 个",
    )


def _collectors(the: Service) -> list[dict[str, Any]]:
    checks = []
    waiting = the.ears.waiting()
    for name, state in sorted(the.ears.states().items()):
        zh = _STATES_ZH.get(state, state)
        said = state, zh
        if waiting.get(name, 0) >= _MANY:  # fewer are on their way at any moment
            said = f"{state}, {waiting[name]} records wait", f"{zh}，{waiting[name]} 条待确认"
        checks.append(_check(f"collector {name}", (state == "up", *said)))
    for chain in the.journal.chains():
        gaps, breaks = len(chain.ack.missing), len(chain.broken_at)
        name = f"chain {chain.collector} {chain.ack.epoch[:8]}"
        said = f"unbroken through {chain.ack.through}", f"至 {chain.ack.through} 连续完整"
        if gaps or breaks:
            said = f"{gaps} gaps, {breaks} breaks", f"{gaps} 处缺失，{breaks} 处断链"
        if chain.conflict:
            said = (
                f"two spools number under one epoch since {chain.conflict} (epoch-conflict)",
                f"自编号 {chain.conflict} 起有两个缓存使用同一纪元 (epoch-conflict)",
            )
        checks.append(_check(name, (not breaks and not chain.conflict, *said)))
    return checks


def _devices(the: Service) -> list[dict[str, Any]]:
    now = the.now()
    silent = []
    for device in the.journal.devices():
        latest = the.journal.latest(device)
        if latest is None or now - latest.at > SILENT or not latest.values:
            silent.append(device)
    names = ", ".join(silent)
    said = ("every meter reports", "所有仪表均在上报")
    if silent:
        said = f"nothing from {names}", f"无数据：{names}"
    return [_check("meters", (not silent, *said))]


def _seals(the: Service) -> list[dict[str, Any]]:
    last = the.books.seals.last_entry()
    since = last.made if last else the.books.keys.opened()
    # A seal from the future is as bad as none: a clock that ran wild makes no new ones for years.
    fresh = since is None or abs(the.now() - parse_stamp(since)) < _UNSEALED
    said = "no day is sealed yet", "尚无封存日"
    if last:
        said = f"{last.day} is sealed, on {last.made}", f"{last.day} 已封存（{last.made}）"
    checks = [_check("seal", (fresh, *said))]
    for folder, failed in groupby(the.books.seals.failed_copies(), lambda copy: copy.folder):
        copies = list(failed)
        fault = copies[0].fault
        what = f"{len(copies)} seals not written: {fault}", f"{len(copies)} 份封存未写入：{fault}"
        checks.append(_check(f"seals to {folder}", (False, *what)))
    told = {check["name"] for check in checks}
    for to, number in the.books.seals.handed_through().items():
        if "://" in to and f"seals to {to}" not in told:  # the group's centre
            what = f"sent through number {number}", f"已上报至第 {number} 份"
            checks.append(_check(f"seals to {to}", (True, *what)))
    return checks


def _results(the: Service) -> list[dict[str, Any]]:
    plant, pending = the.reporter.plants[-1], the.books.changes.how_many_pend()
    expired = the.reporter.meters.expired(plant, plant.carrier_of(), the.now())
    names = ", ".join(problem.where for problem in expired)
    said = ("none has expired", "均未过期")
    if expired:
        said = f"expired: {names}", f"已过期：{names}"
    wrong = ", ".join(
        f"{one.where} ({one.values['percent']} %)" for one in the.bookkeeper.suspects.problems
    )
    suspected = ("none is suspected", "无可疑仪表")
    if wrong:
        suspected = f"likely wrong: {wrong}; see /problems", f"很可能有误：{wrong}；见 /problems"
    waiting = f"{pending} wait for a decision", f"{pending} 项待决定"
    return [
        _check("certificates", (not expired, *said)),
        _check("suspects", (not wrong, *suspected)),
        _check("restatements", (not pending, *waiting)),
    ]


def _check(name: str, found: tuple[bool, str, str]) -> dict[str, Any]:
    ok, english, chinese = found
    return {"name": name, "ok": ok, "text_en": english, "text_zh": chinese}
