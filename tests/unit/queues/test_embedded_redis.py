import os
from pathlib import Path

import pytest
import redis

from sandbox_service.errors import ConfigurationError
from sandbox_service.queues import embedded_redis
from sandbox_service.queues.embedded_redis import EmbeddedRedis, find_server
from sandbox_service.settings import state_directory


def test_the_server_on_the_machine_comes_first(tmp_path, monkeypatch):
    server = tmp_path / "valkey-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_server(tmp_path) == server


def test_without_one_the_carried_server_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_server(tmp_path).name == "redis-server"


def test_a_carried_server_that_lost_its_executable_bit_is_copied(tmp_path, monkeypatch):
    carried = tmp_path / "site-packages" / "redis-server"
    carried.parent.mkdir()
    carried.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded_redis, "_carried_server", lambda: carried)
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    found = find_server(tmp_path)

    assert found == tmp_path / "redis-server"
    assert found.stat().st_mode & 0o700 == 0o700


def test_no_server_at_all_is_said_with_the_mend(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded_redis, "CARRIER", "no-such-distribution")

    with pytest.raises(ConfigurationError, match="SANDBOX_REDIS_URL"):
        find_server(tmp_path)


def test_state_goes_to_the_users_state_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert state_directory(None) == tmp_path / "sandbox-service"


def test_a_configured_directory_that_cannot_be_written_is_refused(tmp_path):
    taken = tmp_path / "file"
    taken.touch()

    with pytest.raises(ConfigurationError, match="SANDBOX_STATE_DIRECTORY"):
        state_directory(taken / "state")


def test_its_socket_and_its_state_are_the_users_alone(tmp_path):
    server = EmbeddedRedis(tmp_path)
    server.start()
    try:
        modes = [path.stat().st_mode & 0o077 for path in (server.socket, server.socket.parent)]
        with redis.Redis(unix_socket_path=str(server.socket)) as client:
            port = client.config_get("port")
    finally:
        server.stop()

    assert modes == [0, 0]
    assert port == {"port": "0"}
    assert not server.socket.exists()


def test_what_was_written_is_there_after_a_restart(tmp_path):
    server = EmbeddedRedis(tmp_path)
    for expected, value in ((None, "1"), (b"1", "2")):
        server.start()
        with redis.Redis(unix_socket_path=str(server.socket)) as client:
            assert client.get("key") == expected
            client.set("key", value)
        server.stop()


def test_a_deep_state_directory_still_gets_a_socket(tmp_path):
    server = EmbeddedRedis(Path(tmp_path, "d" * 100))
    server.start()
    server.stop()

    assert not server.socket.parent.exists()


def test_two_servers_do_not_share_a_state_directory(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded_redis, "LOCK_SECONDS", 0.1)
    first, second = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    first.start()
    try:
        with pytest.raises(ConfigurationError, match="another instance"):
            second.start()
    finally:
        first.stop()
