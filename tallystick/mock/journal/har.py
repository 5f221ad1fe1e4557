"""The journal as an HTTP archive (HAR 1.2), which the network tab of a browser opens."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from tallystick.exchanges.secrets import Secrets
from tallystick.mock.journal.record import Record
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.json_value import JSON
from tallystick.reports.har import Sent, archive, entry


def har_of(records: Sequence[Record], secrets: Secrets) -> dict[str, JSON]:
    """The archive of some exchanges, in their order; their bodies are as they were sent."""
    return archive([_entry(record, secrets) for record in records], version("tallystick"))


def _entry(record: Record, secrets: Secrets) -> dict[str, JSON]:
    query = secrets.in_query(record.request.query)
    request = record.request._replace(query=query, headers=secrets.fields(record.request.headers))
    response = record.response._replace(headers=secrets.fields(record.sent_headers))
    sent = Sent(record.time, record.seconds, record.request_bytes, record.response_bytes)
    comment = secrets.in_urls(str(record.why.get("sentence", "")))
    return {
        **entry(Exchange(request, response), secrets.in_url(record.url), comment, sent),
        "_id": record.id,
        "_operation": record.label,
        "_violations": [dict(violation) for violation in record.violations],
    }
