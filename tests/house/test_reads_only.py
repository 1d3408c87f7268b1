"""Nothing here can write to a device: no such call stands anywhere, and no such code can leave."""

import ast
import inspect

import pytest
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.pdu import ModbusPDU

from collector.modbus import WriteRefused, only_reads
from tests.house.sources import ROOMS, trees

ONLY_DOOR = "collector/modbus.py"
SIMULATED = "millprint/demo/"
READS = {"read_holding_registers", "read_input_registers"}
HARMLESS_IMPORTS = {
    "AsyncModbusSerialClient",
    "AsyncModbusTcpClient",
    "FramerRTU",
    "FramerType",
    "ModbusIOException",
    "ModbusPDU",
}
REQUESTS = {
    name
    for name, _ in inspect.getmembers(ModbusClientMixin, inspect.isfunction)
    if not name.startswith("_")
}


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


def test_only_one_module_speaks_modbus() -> None:
    speakers = {
        str(path)
        for path, tree in trees(*ROOMS)
        if imported(tree, "pymodbus") and not str(path).startswith(SIMULATED)
    }

    assert speakers == {ONLY_DOOR}


def test_no_call_that_could_write_to_a_device_stands_in_the_program() -> None:
    # `execute` is also what SQLite does; only the one module could say it to a device.
    forbidden = REQUESTS - READS
    assert {"write_register", "write_coils", "mask_write_register", "execute"} <= forbidden
    found = {
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in trees(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in (forbidden if str(path) == ONLY_DOOR else forbidden - {"execute"})
    }

    assert found == set()


def test_the_door_takes_no_request_but_reads_from_the_library() -> None:
    tree = {str(path): tree for path, tree in trees("collector")}[ONLY_DOOR]

    assert imported(tree, "pymodbus") <= HARMLESS_IMPORTS
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert attributes & REQUESTS == READS
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not words & {"getattr", "eval", "exec", "__import__"}


@pytest.mark.parametrize("code", [code for code in range(1, 128) if code not in (3, 4)])
def test_no_other_function_code_can_leave(code: int) -> None:
    pdu = ModbusPDU(dev_id=1)
    pdu.function_code = code

    with pytest.raises(WriteRefused, match=str(code)):
        only_reads(True, pdu)
