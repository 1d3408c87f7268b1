"""Metrics: how it goes to devices and spool, in the text form of Prometheus. Pure.

The agent writes them into a file, where node_exporter's textfile collector takes them: it opens no
port of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from collector.wire.counts import Count


@dataclass(frozen=True, slots=True)
class Health:
    """How it goes to an agent.

    Attributes:
        devices: What became of all values since it began, by device.
        silent: Devices whose last reading holds no value.
        unreadable: Points that their devices refuse.
        waiting: Records that the journal has not accounted for.
        late_ms: How late the latest slot was, since the last time. [ms]
    """

    devices: Mapping[str, Count]
    silent: frozenset[str]
    unreadable: int
    waiting: int
    late_ms: int


def exposition(health: Health) -> str:
    """As a file that Prometheus reads."""
    return "\n".join((*_values(health.devices), *_devices(health), *_gauges(health))) + "\n"


def _values(devices: Mapping[str, Count]) -> Iterator[str]:
    yield "# HELP millprint_values_total What became of the values that were due."
    yield "# TYPE millprint_values_total counter"
    for device, count in devices.items():
        yield _values_line(device, "good", "", count.good)
        for quality, reasons in (
            ("uncertain", count.uncertain),
            ("bad", count.bad),
            ("shed", count.shed),
        ):
            for reason, number in sorted(reasons.items()):
                yield _values_line(device, quality, reason, number)


def _values_line(device: str, quality: str, reason: str, number: int) -> str:
    labels = f'device="{device}",quality="{quality}",reason="{reason}"'
    return f"millprint_values_total{{{labels}}} {number}"


def _devices(health: Health) -> Iterable[str]:
    yield "# HELP millprint_device_up Whether the last reading of a device holds a value."
    yield "# TYPE millprint_device_up gauge"
    for device in health.devices:
        yield f'millprint_device_up{{device="{device}"}} {int(device not in health.silent)}'


def _gauges(health: Health) -> Iterable[str]:
    for name, help_text, value in (
        ("unreadable_points", "Points that their devices refuse.", health.unreadable),
        ("spool_waiting_records", "Records that the journal has not.", health.waiting),
        ("lateness_seconds", "The latest slot since the last time.", health.late_ms / 1000),
    ):
        yield f"# HELP millprint_{name} {help_text}"
        yield f"# TYPE millprint_{name} gauge"
        yield f"millprint_{name} {value}"
