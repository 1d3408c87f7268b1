"""Who tells of alarms: one messenger for each address of ``alarms.toml``."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import orjson

from api.alarm_files import Address, AlarmSettings, Mail, Mqtt, Webhook
from api.service import Service
from api.telling import Letter, Untold, Way
from api.telling.mail import ByMail
from api.telling.messenger import Messenger
from api.telling.webhook import ByWebhook
from collector.mqtt import Line, MqttSettings, Refusal, Token
from collector.wire import topics

_PATIENCE_S = 10.0


class ByMqtt:
    """Tells the site's broker; that nobody listens there is no fault.

    Args:
        settings: The broker.
        site: The site.
    """

    def __init__(self, settings: MqttSettings, site: str) -> None:
        self._line = Line(settings, f"millprint-alarms-{site}", self)
        self._topic = topics.alarms(site)
        self._answered = threading.Condition()
        self._answers: dict[int, Refusal | None] = {}
        self._line.start()

    def tell(self, letter: Letter, now: datetime) -> None:  # noqa: ARG002 - the message has no stamp but its event's
        """Publish it, and wait for the broker's answer."""
        with self._answered:
            self._answers.clear()
            mid = self._line.publish(self._topic, orjson.dumps(letter.body()))
            if mid is None:
                raise Untold("there is no connection to the broker")
            if not self._answered.wait_for(lambda: mid in self._answers, _PATIENCE_S):
                raise Untold("the broker does not answer")
            refusal = self._answers[mid]
        if refusal is not None and not refusal.unheard:
            raise Untold(refusal.why)

    def stop(self) -> None:
        """Hang up."""
        self._line.stop()

    def connected(self) -> None:
        """The line is up."""

    def disconnected(self) -> None:
        """The line is down: what it had not answered is told again."""

    def received(self, topic: str, payload: bytes, token: Token) -> None:
        """Nothing is subscribed to."""

    def published(self, mid: int, refusal: Refusal | None) -> None:
        """The broker has answered."""
        with self._answered:
            self._answers[mid] = refusal
            self._answered.notify_all()


@contextmanager
def telling(
    service: Service, settings: AlarmSettings, broker: MqttSettings, site: str
) -> Iterator[None]:
    """Every messenger at work, as long as this lasts."""
    with ExitStack() as house:
        for name, to in settings.addresses.items():
            messenger = Messenger(
                name,
                _way(to, service, (broker, site), house),
                to.events,
                books=service.books,
                site=site,
                wait=service.watch.wait,
                now=lambda: datetime.now(UTC),
            )
            messenger.start()
            house.callback(messenger.stop)
        yield


def _way(to: Address, service: Service, broker: tuple[MqttSettings, str], house: ExitStack) -> Way:
    match to:
        case Webhook():
            return ByWebhook(to, service.version)
        case Mail():
            return ByMail(to)
        case Mqtt():
            line = ByMqtt(*broker)
            house.callback(line.stop)
            return line
