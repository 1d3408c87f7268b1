"""Every command says what it does; small ones do it."""

import re
import socket
import stat
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner, Result

from millprint import __version__
from millprint.broker import free_port
from millprint.command import app
from tests.command.conftest import edit, millprint
from tests.house.commands import inside


def words(
    command: TyperCommand | TyperGroup, before: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    """Every command and group as one types it."""
    found = [before]
    for name, one in inside(command).items():
        found += words(one, (*before, name))
    return found


@pytest.mark.parametrize("command", words(typer.main.get_command(app)), ids=" ".join)
def test_every_command_says_what_it_does(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*command, "--help"], prog_name="millprint")

    assert (done.exit_code, done.stderr) == (0, "")
    assert " ".join(("Usage: millprint", *command)) in done.stdout
    assert len(done.stdout.splitlines()) > 5


def test_the_version_is_said() -> None:
    assert millprint("--version").stdout == f"millprint {__version__}\n"


def test_a_command_that_is_not_there_is_refused_with_exit_code_2() -> None:
    done = millprint("runn")

    assert done.returncode == 2
    assert "runn" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_profiles_are_listed_and_searched() -> None:
    found = millprint("collector", "profiles", "search", "eastron").stdout

    assert "eastron-sdm630" in found
    assert "siemens" not in found


def test_a_key_is_shown_once_and_not_kept(folder: Path) -> None:
    done = millprint("api", "keys", "ana", "--role", "accountant", "--config", str(folder))

    assert done.returncode == 0, done.stderr
    key = done.stdout.strip()
    assert re.fullmatch(r"mp_[A-Za-z0-9_-]{20,}", key)
    kept = folder / "var" / "books.db"
    assert key.encode() not in kept.read_bytes()
    assert not stat.S_IMODE(kept.stat().st_mode) & stat.S_IWOTH


def test_a_role_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    done = millprint("api", "keys", "ana", "--role", "boss", "--config", str(folder))

    assert done.returncode == 2
    assert "boss" in done.stderr
    assert "engineer, accountant, certifier" in done.stderr
    assert not (folder / "var").exists()


def test_a_certifiers_key_has_an_end_and_a_key_that_is_taken_back_says_so(folder: Path) -> None:
    def keys(*words: str) -> Result:
        return CliRunner().invoke(app, ["api", "keys", *words, "--config", str(folder)])

    endless = keys("ana", "--role", "certifier")
    assert (endless.exit_code, "--until" in endless.output) == (2, True)
    assert keys("ana", "--role", "certifier", "--until", "2020-01-31").exit_code == 2
    assert keys("ana", "--role", "certifier", "--until", "2199-01-31").exit_code == 0

    assert "(holds until 2199-01-31" in keys().output
    assert "revoked" in keys("--revoke", "1").output


def test_people_come_by_a_code_that_the_box_says_and_may_lose_their_passwords(folder: Path) -> None:
    def people(*words: str) -> Result:
        return CliRunner().invoke(app, ["api", "people", *words, "--config", str(folder)])

    assert "nobody yet" in people().output
    first, again = people("Li Na").output, people("Li Na").output
    assert re.fullmatch(r"(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\n", first)
    assert first != again
    assert "admin       Li Na  (has no password yet)" in people().output
    assert "removed" in people("Li Na", "--remove").output
    assert people("Li Na").exit_code == 2


def test_keys_of_a_folder_that_is_not_there_are_refused_in_a_sentence(tmp_path: Path) -> None:
    done = millprint("api", "keys", "ana", "--config", str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "nowhere/api.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_api_that_does_not_answer_is_said_in_a_sentence() -> None:
    port = free_port()

    done = millprint("api", "explain", "B1", "--url", f"http://127.0.0.1:{port}")

    assert done.returncode == 1
    assert f"http://127.0.0.1:{port} does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["127.0.0.1:8420", "ftp//nonsense", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_said_in_a_sentence(url: str) -> None:
    done = millprint("api", "explain", "B1", "--url", url)

    assert done.returncode in (1, 2)
    assert url in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("part", [("collector",), ("gateway",), ("api",), ()])
def test_nothing_runs_on_a_configuration_that_cannot_stand(
    folder: Path, part: tuple[str, ...]
) -> None:
    for name in ("collector", "gateway"):
        edit(folder / f"{name}.toml", "mqtt://127.0.0.1", "http://127.0.0.1")

    done = millprint(*part, "run", "--config", str(folder))

    assert done.returncode == 2
    assert "http://127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "var").exists()


def test_a_demo_whose_port_is_taken_says_so_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = millprint("demo", "--port", str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be taken" in done.stderr
    assert f"--port {port}" in done.stderr
