"""A GET by way of a proxy that judges both directions, beside nginx, which only passes it on, and Prism's proxy."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.contenders import Contender
from benchmarks.contracts import HttpRequest, Task, write_document
from benchmarks.measure import Effort, take_turns
from benchmarks.processes import NotServed, free_port, served
from benchmarks.results import WORK, Promise, Table
from benchmarks.steps.traffic import raw, rows

_REPLY = b'{"name":"Rex","status":"sold","tags":["small","brown"],"born":"2024-03-01"}'
_HEAD = "worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log;\n"
_HTTP = "events {{ worker_connections 1024; }}\nhttp {{ access_log off; keepalive_requests 100000000; {servers} }}\n"
_NGINX, _KEEPING, _OURS, _PRISM = "nginx", "nginx, connections kept", "tallystick proxy", "Prism proxy"
_MISSING = "nginx is not installed (Debian: apt-get install nginx-light)"


def proxy(effort: Effort) -> Table:
    """The table; nginx is the server behind all of them, too."""
    table = Table(
        "GET by way of a proxy that judges both directions",
        ["server", "requests/s", "of nginx", "range", "core", "µs each", "refuses bad"],
    )
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        table.notes.append(_MISSING)
        return table
    schema = {"type": "object", "required": ["name"], "properties": {"born": {"type": "string", "format": "date"}}}
    answer = {"description": "A pet", "content": {"application/json": {"schema": schema}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    operation = {"operationId": "getPet", "parameters": [parameter], "responses": {"200": answer}}
    document = write_document(
        "proxied",
        {
            "openapi": "3.0.3",
            "info": {"title": "Proxied", "version": "1"},
            "servers": [{"url": "/"}],
            "paths": {"/pets/{id}": {"get": operation}},
        },
    )
    task = Task("proxy", document, document, HttpRequest("GET", "/pets/7"), _REPLY)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    place = f"default_type application/json; return 200 '{_REPLY.decode()}';"
    upstream = _configured(nginx, "upstream", port, f"location / {{ {place} }}")
    plain = f"location / {{ proxy_pass {url}; }}"
    keeping = 'location / { proxy_pass http://kept; proxy_http_version 1.1; proxy_set_header Connection ""; }'
    pool = f"upstream kept {{ server 127.0.0.1:{port}; keepalive 64; keepalive_requests 100000000; }}"
    contenders = [
        Contender(_NGINX, lambda own, _: _configured(nginx, "plain", own, plain)),
        Contender(_KEEPING, lambda own, _: _configured(nginx, "kept", own, keeping, pool)),
        Contender(_OURS, lambda own, _: [*_tallystick(own), str(document), url]),
        Contender(_PRISM, lambda own, _: _prism(own, document, url), peer=peers.PRISM, needs="node"),
    ]
    try:
        with served("upstream", upstream, port, task.request, core=None):
            series = take_turns([(each.name, each, task) for each in contenders], effort, table.notes)
    except NotServed as error:
        table.notes.append(f"nginx as the server behind: {error}")
        return table
    table.rows, table.raw = rows(series, _NGINX), raw(series)
    if _OURS in series and _NGINX in series:
        ratio = series[_NGINX].microseconds_each / series[_OURS].microseconds_each
        table.promises.append(Promise("proxy: of nginx, by processor time", ratio, 0.15))
    if _OURS in series and _PRISM in series:
        ratio = series[_PRISM].microseconds_each / series[_OURS].microseconds_each
        table.promises.append(Promise("proxy: times Prism's, by processor time", ratio, 5))
    return table


def _tallystick(port: int) -> list[str]:
    return [sys.executable, "-m", "tallystick", "proxy", "-q", "-p", str(port)]


def _prism(port: int, document: Path, url: str) -> list[str]:
    flags = ["-h", "127.0.0.1", "-p", str(port), "--verboseLevel", "silent"]
    return ["node", str(peers.PRISM.path), "proxy", *flags, str(document), url]


def _configured(nginx: str, name: str, port: int, place: str, before: str = "") -> list[str]:
    """The command of an nginx with one worker, whose configuration is written."""
    folder = (WORK / "nginx").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    servers = f"{before} server {{ listen 127.0.0.1:{port}; {place} }}"
    file = folder / f"{name}.conf"
    file.write_text(_HEAD.format(folder=folder, name=name) + _HTTP.format(servers=servers))
    return [nginx, "-c", str(file)]
