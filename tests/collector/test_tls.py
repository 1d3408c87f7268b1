"""TLS with client certificates against a real Mosquitto; each fault is one sentence."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collector.mqtt import Line, MqttSettings, Refusal, Token
from tests.collector.gateways import OwnMosquitto, until

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """Who signs certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of_name(cls, name: str) -> "Signer":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        built = _builder(subject, subject, key, NOW + DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        return cls(built.sign(key, hashes.SHA256()), key)

    def sign(self, folder: Path, name: str, until_: dt.datetime = NOW + DAY) -> tuple[str, str]:
        """A certificate for 127.0.0.1, and its key: two files."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = _builder(_name(name), self.certificate.subject, key, until_).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        signed = built.sign(self.key, hashes.SHA256())
        files = folder / f"{name}.pem", folder / f"{name}.key"
        files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(files[0]), str(files[1])

    def written(self, folder: Path, name: str) -> str:
        path = folder / f"{name}.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return str(path)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until_: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 30 * DAY)
        .not_valid_after(until_)
    )


class QuietListener:
    """Somebody on a line to whom nothing matters."""

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes, token: Token) -> None: ...

    def published(self, mid: int, refusal: Refusal | None) -> None: ...


@pytest.fixture(scope="module")
def mill() -> Signer:
    return Signer.of_name("mill")


@pytest.fixture
def broker(tmp_path: Path, mill: Signer) -> Iterator[OwnMosquitto]:
    """A broker that asks for client certificates of the mill's."""
    made = _broker(tmp_path, mill, NOW + DAY)
    yield made
    made.kill()


def _broker(folder: Path, mill: Signer, until_: dt.datetime) -> OwnMosquitto:
    certificate, key = mill.sign(folder, "broker", until_)
    return OwnMosquitto(
        folder,
        f"cafile {mill.written(folder, 'ca')}\ncertfile {certificate}\nkeyfile {key}\n"
        "require_certificate true\nuse_identity_as_username true\n",
    )


def _line(broker: OwnMosquitto, ca: str, own: tuple[str, str] = ("", "")) -> Line:
    settings = MqttSettings(f"mqtts://127.0.0.1:{broker.port}", ca, *own)
    made = Line(settings, "a", QuietListener())
    made.start()
    return made


def test_a_collector_with_the_mills_certificate_is_let_in_by_mqtt_5(
    broker: OwnMosquitto, tmp_path: Path, mill: Signer
) -> None:
    line = _line(broker, mill.written(tmp_path, "ca"), mill.sign(tmp_path, "dyehouse-a"))

    until(lambda: line.up)

    assert line.version == 5
    line.stop()


def test_a_broker_of_somebody_else_is_not_trusted(
    broker: OwnMosquitto, tmp_path: Path, mill: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Signer.of_name("stranger").written(tmp_path, "stranger")

    line = _line(broker, stranger, mill.sign(tmp_path, "dyehouse-a"))

    until(lambda: "not signed by whom we trust: ca_file" in caplog.text)
    line.stop()


def test_a_broker_whose_certificate_has_expired_is_not_trusted(
    tmp_path: Path, mill: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    broker = _broker(tmp_path, mill, NOW - DAY)

    line = _line(broker, mill.written(tmp_path, "ca"), mill.sign(tmp_path, "dyehouse-a"))

    until(lambda: "the broker's certificate has expired" in caplog.text)
    line.stop()
    broker.kill()


@pytest.mark.parametrize(
    ("whose", "until_", "said"),
    [
        (None, NOW, "asks for a client certificate: set cert_file and key_file"),
        ("mill", NOW - DAY, "our certificate (cert_file) has expired"),
        ("stranger", NOW + DAY, "does not know who signed our certificate (cert_file)"),
    ],
)
def test_a_collector_without_a_good_certificate_is_told_which_file_to_look_at(
    broker: OwnMosquitto,
    tmp_path: Path,
    mill: Signer,
    caplog: pytest.LogCaptureFixture,
    whose: str | None,
    until_: dt.datetime,
    said: str,
) -> None:
    signer = mill if whose == "mill" else Signer.of_name("stranger")
    own = signer.sign(tmp_path, "dyehouse-a", until_) if whose else ("", "")

    line = _line(broker, mill.written(tmp_path, "ca"), own)

    until(lambda: said in caplog.text)
    line.stop()
    assert caplog.text.count(said) == 1


def test_a_key_that_does_not_fit_is_said_and_ends_nothing(
    broker: OwnMosquitto, tmp_path: Path, mill: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, _ = mill.sign(tmp_path, "dyehouse-a")
    _, key = mill.sign(tmp_path, "dyehouse-b")

    line = _line(broker, mill.written(tmp_path, "ca"), (certificate, key))

    until(lambda: "no connection" in caplog.text)
    line.stop()
