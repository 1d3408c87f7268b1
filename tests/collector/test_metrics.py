"""What Prometheus is told."""

from collector.metrics import Health, exposition
from collector.wire.counts import Count


def test_every_value_is_counted_under_its_quality_and_reason():
    count = Count(10, 6, {"frozen": 1}, {"timeout": 2}, {"line-busy": 1})
    said = exposition(Health({"a": count}, frozenset({"a"}), 3, 17, 12)).splitlines()

    assert [line for line in said if not line.startswith("#")] == [
        'millprint_values_total{device="a",quality="good",reason=""} 6',
        'millprint_values_total{device="a",quality="uncertain",reason="frozen"} 1',
        'millprint_values_total{device="a",quality="bad",reason="timeout"} 2',
        'millprint_values_total{device="a",quality="shed",reason="line-busy"} 1',
        'millprint_device_up{device="a"} 0',
        "millprint_unreadable_points 3",
        "millprint_spool_waiting_records 17",
        "millprint_lateness_seconds 0.012",
    ]
    names = {line.split("{")[0].split()[0] for line in said if not line.startswith("#")}
    assert {line.split()[2] for line in said if line.startswith("# TYPE")} == names
