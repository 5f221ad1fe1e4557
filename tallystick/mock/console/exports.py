"""Exchanges to take away: as an HTTP archive for a network tab, and as a scenario that a test runs again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial

from tallystick.exchanges.scenarios import END
from tallystick.exchanges.secrets import Secrets
from tallystick.mock.console.exchange import record_of
from tallystick.mock.console.journal import filter_of, journal_of
from tallystick.mock.console.visit import Page, Visit
from tallystick.mock.control.call import told
from tallystick.mock.journal.har import har_of
from tallystick.mock.journal.record import Record
from tallystick.mock.off_loop import off_loop
from tallystick.mock.roles import Reply
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Headers, Response
from tallystick.reports.scenario import first_line, message
from tallystick.rules.judge import RULES

_OF_CONNECTION = frozenset(("host", "connection", "content-length", "accept-encoding", "user-agent", "keep-alive"))
"""Header fields of a request that say nothing of the API."""
_GIVEN = frozenset(("upstream", "recording", "override", "handler"))
"""The sources of replies that the contract alone does not give: the reply stands in the scenario as it is judged."""
_JUDGED = frozenset(rule.id for rule in RULES)


async def _har(visit: Visit) -> Reply:
    return await off_loop(partial(_archive, visit, await _chosen(visit)))


def _archive(visit: Visit, records: Sequence[Record]) -> Reply:
    fields = (("content-disposition", f'attachment; filename="{visit.session or "session"}.har"'),)
    return told(har_of(records, Secrets(visit.memory.contracts)), headers=fields)


async def _scenario(visit: Visit) -> Reply:
    return await off_loop(partial(_written, visit, await _chosen(visit)))


def _written(visit: Visit, records: Sequence[Record]) -> Reply:
    scenario = scenario_of(records, visit.memory.contracts)
    text = json.dumps(scenario, indent=2, ensure_ascii=False) + "\n"
    fields = (
        ("content-type", "application/yaml"),
        ("content-disposition", f'attachment; filename="{visit.session or "session"}{END}"'),
    )
    return Reply(Response(200, fields, text.encode("utf-8", "backslashreplace")), "page")


async def _chosen(visit: Visit) -> Sequence[Record]:
    """The exchange that a visit names, or all that its filter wants, the oldest first."""
    if id := visit.asked("id"):
        return [await record_of(visit, id)]
    wanted, records = filter_of(visit), await journal_of(visit).records(visit.session)
    return await off_loop(lambda: [record for record in records if wanted.means(record)])


def scenario_of(records: Sequence[Record], contracts: Sequence[Contract]) -> dict[str, object]:
    """A scenario of some exchanges, without secrets; JSON is YAML too."""
    secrets = Secrets(contracts)
    names = {record.contract for record in records}
    used = [contract for contract in contracts if contract.name in names] or list(contracts)
    files: dict[str, object] = (
        {"contract": used[0].file} if len(used) == 1 else {"contracts": {each.name: each.file for each in used}}
    )
    labels = dict.fromkeys(record.label or first_line(secrets.request(record.request)) for record in records)
    sentence = f"The mock answers {', then '.join(list(labels)[:5])} as it was seen to."
    return {"sentence": sentence, **files, "exchanges": [_exchange(record, secrets) for record in records]}


def _exchange(record: Record, secrets: Secrets) -> dict[str, object]:
    request = secrets.request(record.request)
    headers = tuple(field for field in request.headers if field[0] not in _OF_CONNECTION)
    exchange: dict[str, object] = {"send": first_line(request), **message(headers, request.body)}
    of_request = [each for each in record.violations if each["side"] == "request"]
    of_reply = [each for each in record.violations if each["side"] == "response"]
    is_given = record.why.get("source") in _GIVEN
    judged = [each for each in of_request if each["rule"] in _JUDGED] + (of_reply if is_given else [])
    others = [each for each in of_request if each["rule"] not in _JUDGED]
    for key, violations in (("violations", judged), ("refused for", others), ("reply violations", of_reply)):
        if violations and not (is_given and key == "reply violations"):
            exchange[key] = [f"{each['where']} | {each['rule']} | {each['message']}" for each in violations]
    exchange["response" if is_given else "reply"] = _reply(record, secrets)
    return exchange


def _reply(record: Record, secrets: Secrets) -> Mapping[str, object]:
    response = record.response
    fields: Headers = tuple(field for field in secrets.fields(response.headers) if field[0] == "content-type")
    body = response.body if len(response.body) == record.response_bytes else b""
    return {"status": response.status, **message(fields, body)}


PAGES: dict[str, Page] = {
    "GET /page/journal/har": _har,
    "GET /page/journal/scenario": _scenario,
    "GET /page/exchange/har": _har,
    "GET /page/exchange/scenario": _scenario,
}
