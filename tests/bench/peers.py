"""Peers that anybody can install, in the scenario of the agent: what they are told, and how.

thingsboard-gateway asks for each value alone: that is how its connector works. Node-RED gets the
four blocks of a meter drawn by hand, which is the best that can be done in it.
"""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.bench import material

_HOME = Path("var/peers").resolve()
_THINGSBOARD = (
    "thingsboard-gateway==3.8.5",
    "pymodbus==3.9.2",
    "pyserial==3.5",
    "pyserial-asyncio==0.6",
)
_NODE_RED = ("node-red@4.1.8", "node-red-contrib-modbus@5.45.2")
_IN_NODE_RED = ("env", "-C", str(_HOME / "node-red"))
# It names a fork of modbus-serial that no registry has; what the fork was made of is there.
_FORK = "overrides[@openp4nr/modbus-serial]=npm:modbus-serial@8.0.25"
_IN_THE_FLOW = {"z": "tab", "x": 100, "y": 100}  # without a place it is taken for a setting
_PATIENCE_S = 900
_UNLIMITED = "0:0,"


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's collector.

    Attributes:
        name: What it is.
        there: What it consists of; it is installed where that is missing.
        steps: The commands that install it.
        command: Writes its configuration into a folder, for buses, units of each and the broker's
            port; what starts it.
        platform: What it needs at the broker's other side.
    """

    name: str
    there: Path
    steps: Sequence[Sequence[str]]
    command: Callable[[Path, Sequence[str], int, int], list[str]]
    platform: Callable[[int], AbstractContextManager[None]] = lambda _: contextlib.nullcontext()

    def missing(self, *, install: bool) -> str:
        """Why it is not installed, in a line; empty where it is.

        Args:
            install: Whether it may be fetched.
        """
        if self.there.exists():
            return ""
        said = " && ".join(" ".join(step) for step in self.steps)
        if not install or shutil.which(self.steps[0][0]) is None:
            return f"not installed: {said}"
        for step in self.steps:
            done = subprocess.run(step, capture_output=True, timeout=_PATIENCE_S, check=False)
            if done.returncode:
                return f"not installed, this failed: {said}"
        return ""


def _thingsboard(folder: Path, urls: Sequence[str], units: int, port: int) -> list[str]:
    (folder / "logs").mkdir(parents=True)
    limits = ("rateLimits", "dpRateLimits", "messagesRateLimits")
    of_devices = ("deviceMessagesRateLimits", "deviceRateLimits", "deviceDpRateLimits")
    connector = {"type": "modbus", "name": "meters", "configuration": "modbus.json"}
    main = {
        "thingsboard": {
            "host": "127.0.0.1",
            "port": port,
            "remoteConfiguration": False,
            "statistics": {"enable": False},
            "security": {"type": "accessToken", "accessToken": "bench"},
            "qos": 1,
            "reportStrategy": {"type": "ON_RECEIVED"},
            **dict.fromkeys((*limits, *of_devices), _UNLIMITED),
        },
        "storage": {"type": "memory", "read_records_count": 100, "max_records_count": 100000},
        "grpc": {"enabled": False},
        "connectors": [connector],
    }
    (folder / "tb_gateway.json").write_text(json.dumps(main))
    slaves = [_slave(url, unit) for url in urls for unit in range(1, units + 1)]
    (folder / "modbus.json").write_text(json.dumps({"master": {"slaves": slaves}}))
    logs = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
    (folder / "logs.json").write_text(json.dumps(logs))
    program = [str(_HOME / "thingsboard/bin/python"), "-m", "thingsboard_gateway.tb_gateway"]
    return ["/usr/bin/env", "-C", str(folder), f"TB_GW_CONFIG_DIR={folder}", *program]


def _slave(url: str, unit: int) -> dict[str, object]:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    reads = [
        {"tag": f"l{at}_kw", "type": "32float", "address": at, "objectsCount": 2, "functionCode": 3}
        for at in material.addresses()
    ]
    return {
        "host": host,
        "port": port,
        "type": "tcp",
        "method": "socket",
        "unitId": unit,
        "deviceName": f"meter-{port}-{unit}",
        "deviceType": "default",
        "timeout": 5,
        "byteOrder": "BIG",
        "wordOrder": "BIG",
        "pollPeriod": 1000,
        "attributes": [],
        "timeseries": reads,
        "attributeUpdates": [],
        "rpc": [],
    }


def _node_red(folder: Path, urls: Sequence[str], units: int, port: int) -> list[str]:
    folder.mkdir(parents=True)
    nodes = [*_shared_nodes(port), *_meters(urls, units)]
    (folder / "flows.json").write_text(json.dumps(nodes))
    settings = {"flowFile": str(folder / "flows.json"), "httpAdminRoot": False, "httpRoot": False}
    settings |= {"uiPort": 0, "logging": {"console": {"level": "error"}}}
    (folder / "settings.js").write_text(f"module.exports = {json.dumps(settings)}\n")
    program = _HOME / "node-red/node_modules/node-red/red.js"
    where = ["--userDir", str(_HOME / "node-red"), "--settings", str(folder / "settings.js")]
    return ["node", str(program), *where]


def _shared_nodes(port: int) -> Iterator[dict[str, object]]:
    yield {"id": "tab", "type": "tab", "label": "bench"}
    broker = {"broker": "127.0.0.1", "port": str(port), "clientid": "", "autoConnect": True}
    yield {"id": "broker", "type": "mqtt-broker", **broker, "protocolVersion": "4", "keepalive": 60}
    out = {"broker": "broker", "topic": "", "qos": "1", "retain": "", "wires": []}
    yield {"id": "out", "type": "mqtt out", **_IN_THE_FLOW, **out}
    decode = (
        "const b = msg.payload.buffer, v = {};"
        "for (let i = 0; i < b.length; i += 4) v['l' + i / 2 + '_kw'] = b.readFloatBE(i);"
        "return {topic: 'bench/' + msg.topic, payload: JSON.stringify({at: Date.now(), values: v})}"
    )
    function = {"func": decode, "outputs": 1, "wires": [["out"]]}
    yield {"id": "decode", "type": "function", **_IN_THE_FLOW, **function}


def _meters(urls: Sequence[str], units: int) -> Iterator[dict[str, object]]:
    begins = material.addresses()
    for bus, url in enumerate(urls):
        parts = urlsplit(url)
        client = {"tcpHost": parts.hostname, "tcpPort": str(parts.port), "tcpType": "DEFAULT"}
        queue = {"bufferCommands": True, "commandDelay": 1, "parallelUnitIdsAllowed": False}
        waits = {"clientTimeout": 1000, "reconnectOnTimeout": True, "reconnectTimeout": 2000}
        common = {"clienttype": "tcp", "unit_id": 1, "stateLogEnabled": False}
        yield {"id": f"bus{bus}", "type": "modbus-client", **client, **queue, **waits, **common}
        for unit in range(1, units + 1):
            for block, size in enumerate(material.ISLANDS):
                at = begins[sum(material.ISLANDS[:block])]
                yield _block(f"bus{bus}", unit, at, 2 * size)


def _block(bus: str, unit: int, address: int, count: int) -> dict[str, object]:
    asked = {"dataType": "HoldingRegister", "adr": str(address), "quantity": str(count)}
    often = {"rate": "1", "rateUnit": "s", "startDelay": "", "delayOnStart": False}
    name = f"{bus}-{unit}-{address}"
    return {
        "id": name,
        "type": "modbus-read",
        **_IN_THE_FLOW,
        "name": name,
        "topic": name,
        "unitid": str(unit),
        **asked,
        **often,
        "server": bus,
        "useIOFile": False,
        "wires": [[], ["decode"]],
    }


@contextlib.contextmanager
def _platform(port: int) -> Iterator[None]:
    """thingsboard-gateway sends nothing before its server has said that it may send all."""
    server = paho.Client(CallbackAPIVersion.VERSION2)

    def answer(client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        topic = message.topic.replace("/request/", "/response/")
        client.publish(topic, b'{"rateLimits":{},"maxInflightMessages":100}')

    server.on_message = answer
    server.connect("127.0.0.1", port)
    server.subscribe("v1/devices/me/rpc/request/+")
    server.loop_start()
    try:
        yield
    finally:
        server.disconnect()
        server.loop_stop()


PEERS = (
    Peer(
        "thingsboard-gateway 3.8.5 (PyPI), a request a value",
        _HOME / "thingsboard/bin/python",
        (
            (sys.executable, "-m", "venv", str(_HOME / "thingsboard")),
            (str(_HOME / "thingsboard/bin/pip"), "install", "--quiet", *_THINGSBOARD),
        ),
        _thingsboard,
        _platform,
    ),
    Peer(
        "Node-RED 4.1.8 and node-red-contrib-modbus 5.45.2 (npm) on modbus-serial 8.0.25, "
        "blocks drawn by hand",
        _HOME / "node-red/node_modules/node-red-contrib-modbus",
        (
            ("mkdir", "-p", str(_HOME / "node-red")),
            (*_IN_NODE_RED, "npm", "init", "--yes"),
            (*_IN_NODE_RED, "npm", "pkg", "set", _FORK),
            (*_IN_NODE_RED, "npm", "install", "--no-fund", *_NODE_RED),
        ),
        _node_red,
    ),
)
