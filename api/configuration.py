"""``api.toml``: where the service listens, where its books are, whose seals, what energy costs."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from api.tariff import UNITS, Tariff
from collector import toml_files
from collector.wire.problem import Problem, Refused
from gateway import postgres

FOUR_EYES = ("corrections", "factors")
"""For what a mill may want a second person."""
_SERVERS = (postgres.SCHEME, f"{postgres.SCHEME}+psycopg")
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_PORTS = range(1, 65536)
_MOST_MONEY = 1e6  # of any currency, for one unit of anything that a mill buys


@dataclass(frozen=True, slots=True)
class SealSettings:
    """How the site's days are sealed.

    Attributes:
        key: File of the private key; made where it is missing.
        folder: The mill's own folder of seals.
        copies: Folders of others, to which every seal is handed.
    """

    key: Path
    folder: Path
    copies: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What the pages are served with over https.

    Attributes:
        certificate: Who this server is; its chain may follow in the same file.
        key: Its key.
        hsts_days: For how long browsers are to take nothing else from here; 0 says nothing.
    """

    certificate: Path
    key: Path
    hsts_days: int


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """The group's centre, to which sealed results are sent.

    Attributes:
        url: Its address.
        key: File of the key that this site sends with.
        ca: File of the certificates by which the centre is known; None: those of the system.
    """

    url: str
    key: Path
    ca: Path | None


@dataclass(frozen=True, slots=True)
class EnrolmentSettings:
    """Where the site's authority stands, and what the broker reads.

    Attributes:
        folder: Authority, register, certificates of pages and gateway.
        broker: The broker's settings, rules, certificate and key.
    """

    folder: Path
    broker: Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where a site keeps what it must not lose.

    Attributes:
        books: SQLAlchemy URL of the books.
        seal: How the site's days are sealed.
        enrolment: Where certificates are made.
    """

    books: str
    seal: SealSettings
    enrolment: EnrolmentSettings


@dataclass(frozen=True, slots=True)
class ApiConfiguration:
    """What the service needs to know.

    Attributes:
        host: Address that it listens on.
        port: Its port.
        books: SQLAlchemy URL of the books.
        seal: How the site's days are sealed.
        tariff: What the mill pays; empty where nobody said.
        enrolment: Where certificates are made.
        tls: How the pages are served over https; None over http.
        four_eyes: Kinds of change that wait for a second person.
        group: Where sealed results are sent; None: nothing leaves the site.
    """

    host: str
    port: int
    books: str
    seal: SealSettings
    tariff: Tariff
    enrolment: EnrolmentSettings
    tls: TlsSettings | None = None
    four_eyes: frozenset[str] = frozenset()
    group: GroupSettings | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens, and how.

    Attributes:
        host: Address that it listens on.
        port: Its port.
        tls: How the pages are served over https; None over http.
    """

    host: str
    port: int
    tls: TlsSettings | None


@dataclass(frozen=True, slots=True)
class _Seal:
    key: str = "var/seal.key"
    folder: str = "var/seals"
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Enrolment:
    folder: str = "var/tls"
    broker: str = "var/broker"


@dataclass(frozen=True, slots=True)
class _Office:
    four_eyes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    http: object
    books: object
    seal: _Seal = _Seal()
    enrolment: _Enrolment = _Enrolment()
    prices: object = None
    office: _Office = _Office()
    group: object = None


@dataclass(frozen=True, slots=True)
class _Group:
    url: str
    key_file: str
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class _Prices:
    currency: str
    electricity_kwh: float | None = None
    natural_gas_m3_0c: float | None = None
    steam_kg: float | None = None
    water_m3: float | None = None
    compressed_air_m3: float | None = None
    wastewater_m3: float | None = None


@dataclass(frozen=True, slots=True)
class _Http:
    port: int
    host: str = "127.0.0.1"
    cert_file: str = ""
    key_file: str = ""
    hsts_days: int = 0


@dataclass(frozen=True, slots=True)
class _Books:
    url: str


def load(folder: Path) -> ApiConfiguration:
    """Read ``api.toml`` of a configuration folder; `Refused` where it cannot stand."""
    path = folder / "api.toml"
    file = toml_files.shape(_File, toml_files.read(path), str(path))
    http = listening(file.http, path)
    at = _places(file, path)
    return ApiConfiguration(
        http.host,
        http.port,
        at.books,
        at.seal,
        _tariff(file.prices, path),
        at.enrolment,
        http.tls,
        _four_eyes(file.office, path),
        _group(file.group, path),
    )


def listening(raw: object, path: Path) -> Listening:
    """The table ``[http]`` of a file; `Refused` where it cannot stand."""
    where = f"{path}  [http]"
    http = toml_files.shape(_Http, raw, where)
    if http.port not in _PORTS:
        raise Refused(Problem("bad-port", where, values={"port": str(http.port)}))
    return Listening(http.host, http.port, _tls(http, path.parent, where))


def books_url(raw: object, path: Path) -> str:
    """The address of the table ``[books]`` of a file; `Refused` where it is none."""
    folder, where = path.parent, f"{path}  [books]"
    url = toml_files.shape(_Books, raw, where).url
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest[1:] and not rest.startswith("//"):
        return f"sqlite:///{folder / rest[1:]}"
    if scheme in _SERVERS:
        return postgres.address(url.replace(scheme, postgres.SCHEME, 1), folder, where)
    if not url.startswith("sqlite:///"):
        raise Refused(Problem("unknown-books", where, values={"url": url}))
    return url


def places(folder: Path) -> Places:
    """Where ``api.toml`` says that things stand; whether anything stands there is not asked."""
    path = folder / "api.toml"
    return _places(toml_files.shape(_File, toml_files.read(path), str(path)), path)


def _places(file: _File, path: Path) -> Places:
    folder, url = path.parent, books_url(file.books, path)
    seal, enrolment = file.seal, file.enrolment
    copies = tuple(folder / one for one in seal.copies)
    return Places(
        url,
        SealSettings(folder / seal.key, folder / seal.folder, copies),
        EnrolmentSettings(folder / enrolment.folder, folder / enrolment.broker),
    )


def _group(raw: object, path: Path) -> GroupSettings | None:
    if raw is None:
        return None
    where = f"{path}  [group]"
    said = toml_files.shape(_Group, raw, where)
    address = urlsplit(said.url)
    private = address.scheme == "https" or (
        address.scheme == "http" and address.hostname in _THIS_MACHINE
    )
    if not private or not address.hostname:
        raise Refused(Problem("group-address", f"{where} url", values={"url": said.url}))
    files = [path.parent / one for one in (said.key_file, said.ca_file) if one]
    missing = [Problem("no-such-file", f"{where} {one}") for one in files if not one.is_file()]
    if missing:
        raise Refused(*missing)
    return GroupSettings(said.url.rstrip("/"), files[0], files[1] if said.ca_file else None)


def _tls(http: _Http, folder: Path, where: str) -> TlsSettings | None:
    files = http.cert_file, http.key_file
    if not any(files):
        return None
    missing = [
        Problem("no-such-file", f"{where} {folder / file}")
        for file in files
        if not (folder / file).is_file()
    ]
    if missing:
        raise Refused(*missing)
    return TlsSettings(folder / http.cert_file, folder / http.key_file, max(0, http.hsts_days))


def _four_eyes(office: _Office, path: Path) -> frozenset[str]:
    for kind in office.four_eyes:
        if kind not in FOUR_EYES:
            values = {"kind": kind, "kinds": ", ".join(FOUR_EYES)}
            raise Refused(Problem("unknown-four-eyes", f"{path}  [office]", values=values))
    return frozenset(office.four_eyes)


def _tariff(raw: object, path: Path) -> Tariff:
    if raw is None:
        return Tariff()
    where = f"{path}  [prices]"
    said = asdict(toml_files.shape(_Prices, raw, where))
    currency = said.pop("currency")
    per_unit = {}
    for carrier, unit in UNITS.items():
        price = said[f"{carrier}_{unit.lower()}"]
        if price is not None and not 0 <= price < _MOST_MONEY:
            raise Refused(Problem("bad-price", where, values={"of": carrier, "price": f"{price}"}))
        if price is not None:
            per_unit[carrier] = Decimal(repr(price))
    return Tariff(currency, per_unit)
