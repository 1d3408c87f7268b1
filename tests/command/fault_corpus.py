"""Seventy ways in which a technician's configuration can be wrong, one fault each.

Of each: what is replaced by what, and the code of the problem that must be said of it. The
problem must name the file and the line where the replacement stands.
"""

from typing import NamedTuple

COLLECTOR = """\
site = "keqiao"
collector = "dyehouse-a"

[mqtt]
url = "mqtt://127.0.0.1:1883"

[spool]
path = "var/dyehouse-a.spool"
max_mb = 64

[buses.serial-1]
url = "rtu:///dev/ttyUSB0?baud=19200&parity=E&stopbits=1"
timeout = "300ms"

[buses.plc-net]
url = "tcp://10.0.0.21:502"

[buses.converter]
url = "rtu+tcp://10.0.0.22:4001"

[devices.jet-07-power]
bus = "serial-1"
unit = 7
profile = "eastron-sdm630"
every = "10s"
points = ["power_kw", "energy_import_kwh"]

[devices.jet-07-plc]
bus = "plc-net"
unit = 255
profile = "millprint-plc-block"
every = "500ms"

[devices.hall-3]
bus = "converter"
unit = 3
profile = "acrel-adl400"
ct = "40"

[devices.gas]
bus = "plc-net"
unit = 1
profile = "moxa-iologik-e1210"
pulses.volume_m3_0c = { input = "di3", each = "0.1" }

[devices.roof]
bus = "plc-net"
unit = 2
profile = "sunspec-103"
base = 40070

[devices.old]
bus = "serial-1"
unit = 8
profile = "old-meter"
every = "1s"
"""

PROFILE = """\
maker = "Old"
model = "Meter"
title = "Old meter"
version = 1
source = "its manual, p. 3"
table = "holding"
probe = { point = "power_kw", low = 0, high = 10 }
examples = [
  { point = "power_kw", registers = "00 7B", shows = "12.3", source = "its face" },
]

[limits]
registers_per_request = 20

[points.energy_kwh]
kind = "counter"
sum_of = [{ address = 0, type = "uint32" }, { address = 2, type = "float32" }]
unit = "kWh"
confidence = "1 source"

[points.power_kw]
kind = "gauge"
address = 8
type = "int16"
scale = "0.1"
unit = "kW"
no_value = ["8000"]
confidence = "1 source"

[points.batch_id]
kind = "text"
address = 10
type = "string"
words = 4
confidence = "1 source"
"""


class Fault(NamedTuple):
    good: str
    wrong: str
    code: str
    says: str


IN_COLLECTOR = (
    Fault('site = "keqiao"', 'site = "Ke qiao"', "bad-name", "Ke qiao"),
    Fault('site = "keqiao"', "", "wrong-value", "site"),
    Fault('site = "keqiao"', 'sight = "keqiao"', "unknown-key", "site"),
    Fault('site = "keqiao"', "site = 7", "wrong-value", "7"),
    Fault('collector = "dyehouse-a"', 'collector = "染色"', "bad-name", "染色"),
    Fault('site = "keqiao"', "site = keqiao", "not-toml", "line 1"),
    Fault("[buses.serial-1]", "[buses.serial-1", "not-toml", "line 11"),
    Fault("[buses.plc-net]", "[buses.serial-1]", "not-toml", "line 15"),
    Fault('"mqtt://127.0.0.1:1883"', '"http://127.0.0.1:1883"', "bad-broker-url", "http"),
    Fault('"mqtt://127.0.0.1:1883"', '"mqtt://127.0.0.1:x"', "bad-broker-url", ":x"),
    Fault('url = "mqtt:', 'adress = "mqtt:', "unknown-key", "adress"),
    Fault("max_mb = 64", "max_mb = 0", "wrong-value", "max_mb"),
    Fault("max_mb = 64", 'max_mb = "64"', "wrong-value", "'64'"),
    Fault("max_mb = 64", "max_gb = 64", "unknown-key", "max_mb"),
    Fault("max_mb = 64", 'commit_every = "5"', "bad-duration", "'5'"),
    Fault("max_mb = 64", 'commit_every = "1ms"', "duration-too-short", "1ms"),
    Fault('path = "var/dyehouse-a.spool"\n', "", "wrong-value", "path"),
    Fault("rtu:///dev", "rtu://dev", "bad-bus-url", "three slashes"),
    Fault("rtu:///dev/ttyUSB0", "COM3", "bad-bus-url", "COM3"),
    Fault("baud=19200", "baud=19k2", "bad-bus-url", "19k2"),
    Fault("parity=E", "parity=even", "bad-bus-url", "even"),
    Fault("stopbits=1", "stopbits=3", "bad-bus-url", "'3'"),
    Fault("stopbits=1", "stop=1", "bad-bus-url", "stop"),
    Fault("timeout =", "timeuot =", "unknown-key", "timeout"),
    Fault('timeout = "300ms"', 'timeout = "0ms"', "duration-too-short", "1ms"),
    Fault('timeout = "300ms"', 'timeout = "0.3"', "bad-duration", "0.3"),
    Fault('timeout = "300ms"', "timeout = 300", "wrong-value", "300"),
    Fault("tcp://10.0.0.21:502", "udp://10.0.0.21:502", "bad-bus-url", "udp"),
    Fault("tcp://10.0.0.21:502", "tcp://10.0.0.21:0", "bad-bus-url", "port 0"),
    Fault("tcp://10.0.0.21:502", "tcp://10.0.0.21:99999", "bad-bus-url", "99999"),
    Fault("tcp://10.0.0.21:502", "tcp://10.0.0.21/502", "bad-bus-url", "host"),
    Fault("rtu+tcp://10.0.0.22:4001", "tcp://10.0.0.21:502", "bus-twice", "plc-net"),
    Fault("[buses.plc-net]", '[buses."PLC net"]', "bad-name", "PLC net"),
    Fault('bus = "converter"', 'bus = "convertor"', "unknown-bus", "converter"),
    Fault('bus = "converter"\n', "", "wrong-value", "bus"),
    Fault('bus = "converter"', 'buss = "converter"', "unknown-key", "bus"),
    Fault("unit = 7", 'unit = "7"', "wrong-value", "'7'"),
    Fault("unit = 7", "unit = 0", "unit-out-of-range", "1 to 247"),
    Fault("unit = 7", "unit = 300", "unit-out-of-range", "300"),
    Fault("unit = 8", "unit = 7", "unit-twice", "jet-07-power"),
    Fault("unit = 3\n", "", "wrong-value", "unit"),
    Fault('"eastron-sdm630"', '"eastron-sdm360"', "unknown-profile", "eastron-sdm630"),
    Fault('every = "10s"', 'every = "10 seconds"', "bad-duration", "10 seconds"),
    Fault('every = "10s"', "every = 10", "wrong-value", "10"),
    Fault('every = "500ms"', 'every = "10ms"', "duration-too-short", "10ms"),
    Fault('every = "10s"', 'evry = "10s"', "unknown-key", "every"),
    Fault('"power_kw",', '"power_w",', "unknown-profile-point", "power_kw"),
    Fault('ct = "40"', 'ct = "200/5"', "bad-ratio", "200/5"),
    Fault('ct = "40"\n', "", "ratio-missing", "ct"),
    Fault('points = ["power_kw"', 'ct = "40"\npoints = ["power_kw"', "ratio-without-use", "ct"),
    Fault('input = "di3"', 'input = "DI3"', "unknown-pulse-input", "di3"),
    Fault("pulses.volume_m3_0c", "pulses.volume", "pulse-without-unit", "_m3_0c"),
    Fault('each = "0.1"', 'each = "0"', "bad-pulse-worth", "'0'"),
    Fault('each = "0.1"', 'eech = "0.1"', "unknown-key", "each"),
    Fault("base = 40070\n", "", "base-missing", "scan"),
    Fault("base = 40070", "base = 65536", "address-out-of-range", "65536"),
    Fault("unit = 7\n", "unit = 7\nbase = 1\n", "base-without-use", "eastron-sdm630"),
    Fault("[devices.gas]", "[devices.Gas]", "bad-name", "Gas"),
    Fault("baud=19200", "baud=300", "bus-overloaded", "every"),
)  # fmt: skip

IN_PROFILE = (
    Fault('source = "its manual, p. 3"\n', "", "wrong-value", "source"),
    Fault('table = "holding"', 'table = "holdings"', "wrong-value", "holdings"),
    Fault('table = "holding"', 'tabel = "holding"', "unknown-key", "table"),
    Fault('point = "power_kw", low', 'point = "power", low', "unknown-profile-point", "power_kw"),
    Fault("registers_per_request", "register_per_request", "unknown-key", "registers_per"),
    Fault('shows = "12.3"', 'shows = "123"', "example-decodes-otherwise", "12.3"),
    Fault('"00 7B"', '"7B"', "example-of-another-length", "7B"),
    Fault("address = 8", "address = 440001", "address-out-of-range", "65535"),
    Fault("address = 8\n", "", "point-without-register", "address"),
    Fault('type = "int16"', 'type = "int"', "wrong-value", "'int'"),
    Fault('scale = "0.1"', 'scale = "1/10"', "wrong-value", "1/10"),
    Fault('unit = "kW"', 'unit = "hp"', "unit-against-suffix", "hp"),
    Fault('kind = "gauge"', 'kind = "guage"', "wrong-value", "guage"),
    Fault('no_value = ["8000"]', 'no_value = ["0x8000"]', "wrong-value", "0x8000"),
    Fault("words = 4\n", "", "string-without-words", "words"),
    Fault("words = 4", "words = 40", "value-longer-than-a-request", "20"),
    Fault("address = 2,", "address = 90,", "sum-wider-than-a-request", "20"),
    Fault("address = 2,", "adress = 2,", "unknown-key", "address"),
)
