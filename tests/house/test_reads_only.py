"""Nothing here can write to a device: there is no word for it, and one place where words leave."""

import ast
import asyncio
import inspect

from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.client.mixin import ModbusClientMixin

from collector import line, modbus
from collector.bus import Bus, BusFault
from collector.modbus import BusConnection
from collector.pdu import Function, Identify, Question, Read
from tests.collector.slaves import crc
from tests.house.sources import ROOMS, trees

ONLY_DOOR = "collector/line.py"
SIMULATED = "millprint/demo/"
CONNECTIONS = {"CommParams", "CommType", "ModbusProtocol"}
READS = {1, 2, 3, 4, 43}
REQUESTS = {
    name
    for name, _ in inspect.getmembers(ModbusClientMixin, inspect.isfunction)
    if not name.startswith("_")
}

questions = st.one_of(
    st.builds(
        Read,
        unit=st.integers(0, 255),
        function=st.sampled_from(Function),
        address=st.integers(0, 65535),
        count=st.integers(1, 125),
    ),
    st.builds(Identify, unit=st.integers(0, 255), first=st.integers(0, 255)),
)


def imported(tree: ast.Module, package: str) -> set[str]:
    """Names taken from a package; its own name where it is imported whole."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=aliases) if (
                module.split(".")[0] == package
            ):
                names |= {alias.name for alias in aliases}
            case ast.Import(names=aliases):
                names |= {a.name for a in aliases if a.name.split(".")[0] == package}
    return names


def test_only_one_module_opens_a_line_to_devices_and_it_takes_no_request_from_the_library() -> None:
    speakers = {
        str(path): imported(tree, "pymodbus") | imported(tree, "serial")
        for path, tree in trees(*ROOMS)
        if not str(path).startswith(SIMULATED)
    }

    assert {path: names for path, names in speakers.items() if names} == {ONLY_DOOR: CONNECTIONS}


def test_no_call_that_could_write_to_a_device_stands_in_the_program() -> None:
    # `execute` is also what SQLite does; the one module that could say it to a device does not.
    assert {"write_register", "write_coils", "mask_write_register", "execute"} <= REQUESTS
    found = {
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in trees(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in (REQUESTS if str(path) == ONLY_DOOR else REQUESTS - {"execute"})
    }

    assert found == set()


def test_only_a_question_in_its_frame_is_written_to_a_line() -> None:
    calls = {
        ast.unparse(node)
        for module in (modbus, line)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("write", "writelines", "send", "sendall", "sendto")
    }

    assert calls == {"asking.line.write(self._frames.ask(question))", "self.transport.write(frame)"}


@given(questions)
def test_whatever_can_be_asked_is_a_read(question: Question) -> None:
    said = question.said

    assert said[0] in READS
    assert said[0] != 43 or said[1] == 14


@settings(max_examples=20)
@given(st.lists(questions, max_size=5), st.sampled_from(["tcp", "rtu+tcp"]))
def test_a_sniffer_on_the_line_hears_nothing_but_reads(asked: list[Question], kind: str) -> None:
    async def scene() -> bytes:
        heard = bytearray()
        done = asyncio.Event()

        async def sniff(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(4096):
                heard.extend(data)
                writer.write(b"\xff")  # no answer, but an end of the waiting
                writer.close()
            done.set()

        async with await asyncio.start_server(sniff, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connection = BusConnection(Bus("b", kind, host="127.0.0.1", port=port))
            for question in asked:
                done.clear()
                try:
                    await connection.ask(question)
                except BusFault:
                    await connection.close()
            await asyncio.sleep(0)
        return bytes(heard)

    at, heard = 0, asyncio.run(scene())
    while at < len(heard):
        function = heard[at + 7] if kind == "tcp" else heard[at + 1]
        assert function in READS
        size = 5 if function != 43 else 4
        if kind == "tcp":
            assert heard[at + 4 : at + 6] == (size + 1).to_bytes(2, "big")
            at += 7 + size
        else:
            frame = heard[at : at + size + 3]
            assert crc(frame[:-2]) == frame[-2:]
            at += size + 3
