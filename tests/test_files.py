"""Which files are read: regular ones of a sane size, and only below the root where a definition names them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fsm_langgraph.data.json_data import MAX_BYTES, UnreadableError
from fsm_langgraph.loading.files import file_below, is_file, read_file


def refused(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_file(path)
    return str(caught.value)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")

    assert refused(tmp_path / "pipe.json") == "cannot be read: Is a pipe, no regular file."


def test_a_device_is_refused_without_reading_it() -> None:
    assert refused(Path("/dev/zero")) == "cannot be read: Is a device, no regular file."


def test_a_link_to_a_device_is_a_device(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("/dev/zero")

    assert refused(tmp_path / "a.json") == "cannot be read: Is a device, no regular file."


def test_a_socket_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert refused(tmp_path / "s").startswith("cannot be read: ")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path) == "cannot be read: Is a directory."


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b" " * MAX_BYTES)

    assert len(read_file(path)) == MAX_BYTES
    with path.open("ab") as file:
        file.write(b" ")
    assert refused(path) == "is larger than 5,000,000 bytes."


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused_with_its_place(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.json").write_bytes('{"name": "Café"}'.encode(encoding))

    assert "is not UTF-8 text" in refused(tmp_path / "a.json")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("b.json", id="beside"),
        pytest.param("deep/b.json", id="below"),
        pytest.param("deep/../b.json", id="down and up again"),
        pytest.param("../outside/b.json", id="out and in again"),
        pytest.param("./b.json", id="here"),
        pytest.param("link.json", id="a link within"),
    ],
)
def test_a_file_in_the_root_or_below_is_found(tmp_path: Path, name: str) -> None:
    root = tmp_path / "outside"
    (root / "deep").mkdir(parents=True)
    (root / "link.json").symlink_to(root / "deep" / "b.json")

    assert file_below(root, root, name).is_relative_to(root.resolve())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../b.json", id="climbing"),
        pytest.param("deep/../../b.json", id="down and up too far"),
        pytest.param("..", id="the folder around"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("//server/share/b.json", id="a server"),
        pytest.param("C:\\b.json", id="a drive"),
        pytest.param("c:b.json", id="a drive's own folder"),
        pytest.param("\\\\server\\share\\b.json", id="a server, as Windows has it"),
        pytest.param("\\b.json", id="a drive's root"),
        pytest.param("link.json", id="a link that leads out"),
        pytest.param("out/b.json", id="a folder's link that leads out"),
        pytest.param("root-2/../../root-2/b.json", id="a folder whose name begins alike"),
    ],
)
def test_a_file_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    (tmp_path / "root-2").mkdir()
    (root / "link.json").symlink_to(tmp_path / "b.json")
    (root / "out").symlink_to(tmp_path)

    with pytest.raises(UnreadableError) as caught:
        file_below(root, root, name)

    assert caught.value.problem.code == "outside-root"


def test_links_that_lead_round_are_no_path(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")

    with pytest.raises(UnreadableError):
        read_file(file_below(tmp_path, tmp_path, "a.json"))


def test_a_name_that_no_system_takes_is_no_file(tmp_path: Path) -> None:
    assert not is_file(tmp_path / ("a" * 5000))
