"""Mocks that share what they remember, in small: `make replicas` measures the same with many requests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.servers import needs_haproxy, needs_redis

from tests.replicas.__main__ import redis, reloads, sessions, sqlite
from tests.replicas.parts import CONFIGURATION

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or shutil.which("pgrep") is None, reason="needs a system that forks, and pgrep"
)


@needs_redis
@needs_haproxy
def test_replicas_behind_haproxy_lose_nothing(tmp_path: Path) -> None:
    """Two mocks with one Redis contradict no answer, while Redis is killed and comes back, and one mock, too."""
    assert redis(tmp_path, 500, 12, 1) == []


def test_workers_with_a_file_lose_nothing(tmp_path: Path) -> None:
    """Two workers with one file contradict no answer, while one of them is killed."""
    assert sqlite(tmp_path, 500, 12, 1) == []


def test_sessions_at_once_see_nothing_of_each_other(tmp_path: Path) -> None:
    """Sixteen sessions that use the same ids at once each see their own."""
    assert sessions(tmp_path, 320, 16, 1) == []


def test_a_contract_that_is_saved_all_the_time_breaks_no_request(tmp_path: Path) -> None:
    """No request is dropped or answered otherwise while the contract is saved, valid and broken in turn."""
    assert reloads(tmp_path, 1200, 12, 1) == []


def test_the_deployment_names_what_it_is_made_of() -> None:
    """The files of the deployment agree on their names and ports."""
    compose = (CONFIGURATION.parent / "compose.yaml").read_text()
    configuration = CONFIGURATION.read_text()
    for name in ("mock-1", "mock-2"):
        assert f"  {name}: *mock\n" in compose
        assert f"server {name} {name}:4010\n" in configuration
    assert '"4010:4010", "8404:8404"' in compose
    assert "haproxy.cfg" in compose
    assert "--appendonly" in compose
    assert "bind :4010" in configuration
    assert "bind :8404" in configuration
