"""The servers of an operation compared: base paths, hosts, schemes and variables."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.diff.changes import Changes
from tallystick.diff.documents import members_at
from tallystick.diff.exchanges import Pair, plain_request
from tallystick.nouns.change import Witness
from tallystick.nouns.contract import Contract, Server
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON


class Servers:
    """Compares the servers of operations."""

    def __init__(self, old: Contract, new: Contract, changes: Changes) -> None:
        self.contracts = old, new
        self.changes = changes
        self.passed: set[tuple[int, int]] = set()

    def compare(self, pair: Pair) -> None:
        self.base_paths(pair)
        identity = id(pair.old.servers), id(pair.new.servers)
        if identity in self.passed or pair.old.servers == pair.new.servers == ():
            return  # most operations share the servers of their contract
        self.passed.add(identity)
        self.hosts(pair)
        self.variables(pair)

    def base_paths(self, pair: Pair) -> None:
        old, new = pair.old, pair.new
        old_paths = {server.base_path: server for server in old.servers}
        new_paths = {server.base_path: server for server in new.servers}
        old_addresses, new_addresses = {base + old.path for base in old_paths}, {base + new.path for base in new_paths}
        for base, server in old_paths.items():
            if new_paths and base not in new_paths and base + old.path not in new_addresses:
                request = plain_request(old)
                exchange = Exchange(request._replace(path=base + request.path))
                bases = ", ".join(path or "/" for path in new_paths)
                witness = Witness(exchange, f"the path begins with none of the base paths {bases}")
                message = f"the base path {base} is {bases} now"
                place = new.servers[0].place
                self.changes.add("base-path-removed", pair.label, "path", message, server.place, place, witness)
        for base, server in new_paths.items():
            if old_paths and base and base not in old_paths and base + new.path not in old_addresses:
                message = f"the base path {base} was added"
                self.changes.add("base-path-added", pair.label, "path", message, old.servers[0].place, server.place)

    def hosts(self, pair: Pair) -> None:
        old_hosts, new_hosts = (
            {each.host: each for each in servers if each.host} for servers in (pair.old.servers, pair.new.servers)
        )
        for host in {**old_hosts, **new_hosts}:
            if (host in old_hosts) is not (host in new_hosts):
                is_new = host in new_hosts
                message = f"the server {host} was {'added' if is_new else 'removed'}"
                server = (new_hosts if is_new else old_hosts)[host]
                rule = f"server-{'added' if is_new else 'removed'}"
                places = (None, server.place) if is_new else (server.place, None)
                self.changes.add(rule, pair.label, "", message, *places)
                continue
            old, new = (_schemes(servers, host) for servers in (pair.old.servers, pair.new.servers))
            for scheme in {**old, **new}:
                if (scheme in old) is not (scheme in new):
                    verb = "added" if scheme in new else "removed"
                    message = f"the server {host} is {'also' if scheme in new else 'no more'} reached by {scheme}"
                    one, other = old_hosts[host].place, new_hosts[host].place
                    self.changes.add(f"server-scheme-{verb}", pair.label, "", message, one, other)

    def variables(self, pair: Pair) -> None:
        """Tell each variable of a server at the same address whose values were changed."""
        old, new = (
            {
                str(members.get("url")): (server, members)
                for server in servers
                if (members := members_at(contract, server.place))
            }
            for contract, servers in zip(self.contracts, (pair.old.servers, pair.new.servers), strict=True)
        )
        for url, (server, members) in old.items():
            if url not in new:
                continue
            other, other_members = new[url]
            before, after = (_variables(each) for each in (members, other_members))
            for name, values in before.items():
                now = after.get(name)
                if now != values and (now is None or values[0] != now[0] or not {*values[1]} <= {*now[1]}):
                    message = f"the variable {name} of the server {url} has other values"
                    self.changes.add("server-variable-changed", pair.label, "", message, server.place, other.place)


def _schemes(servers: tuple[Server, ...], host: str) -> dict[str, None]:
    return {each.url.partition("://")[0]: None for each in servers if each.host == host and "://" in each.url}


def _variables(server: Mapping[str, JSON]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The default and the values of each variable."""
    variables = server.get("variables")
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict):
            enum = variable.get("enum")
            found[name] = str(variable.get("default")), tuple(map(str, enum)) if isinstance(enum, list) else ()
    return found
