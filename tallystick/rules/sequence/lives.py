"""Rules on the life of a resource: what was created is there, what was set is read, what was deleted is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise

from tallystick.nouns.json_value import JSON
from tallystick.nouns.rule import Rule, Scope
from tallystick.nouns.schema import Direction, Schema
from tallystick.nouns.violation import Severity
from tallystick.resources.names import words_of
from tallystick.resources.resources import Role, part_at
from tallystick.rules.sequence import declared
from tallystick.rules.sequence.echo import WRITING
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.likeness import Likeness, likeness, moment
from tallystick.rules.sequence.members import pairs, settable
from tallystick.rules.sequence.relation import Relation, SequenceCheck
from tallystick.rules.sequence.seen import ItemKey, Seen
from tallystick.schemas.messages import shown as shown_value

_NOTHING: tuple[JSON, ...] = (None, "", [], {})
_GONE = frozenset((404, 410))
DELETED = frozenset(
    "deleted delete deleting deletion removed archived trashed inactive deactivated disabled cancelled canceled closed"
    " revoked terminated ended expired void voided withdrawn retired suspended".split()
)
"""Words for a resource that is kept though it was deleted."""
_MERGE_PATCH = "merge-patch+json"
_LONGEST_STATE = 30
"""How many characters the name of a state has at most."""
_ENDS = frozenset("expires expire expiry expiration expiring ttl lifetime".split())
"""Words in the names of members that say how long a resource is there."""
_SHORT_LIFE = 60
"""A resource that is to be there for as many seconds or less may be gone when it is read."""

ENSURE_RESOURCE_AVAILABILITY = Rule(
    "ensure-resource-availability", Severity.ERROR, Scope.SEQUENCE, "What was created can be read."
)
USE_AFTER_FREE = Rule("use-after-free", Severity.ERROR, Scope.SEQUENCE, "What was deleted cannot be read.")
WRITTEN_VALUE_LOST = Rule(
    "written-value-lost", Severity.ERROR, Scope.SEQUENCE, "What a write sets is read again as it was set."
)
UPDATE_RESETS = Rule("update-resets", Severity.ERROR, Scope.SEQUENCE, "An update leaves alone what it does not name.")
ID_DIFFERS = Rule("id-differs", Severity.ERROR, Scope.SEQUENCE, "What is read has the id that it was asked for by.")
ID_NOT_UNIQUE = Rule("id-not-unique", Severity.ERROR, Scope.SEQUENCE, "Two creations make two resources.")
LOCATION_ELSEWHERE = Rule(
    "location-leads-elsewhere",
    Severity.ERROR,
    Scope.SEQUENCE,
    "The Location of a created resource leads to that resource.",
)


def created_lost(history: History) -> Iterator[Relation]:
    """What was created, and is not found when it is read."""
    for key, timeline in history.by_key.items():
        for created, read in pairwise(timeline):
            is_lost = read.role is Role.READ and read.status in _GONE
            if not (created.role is Role.CREATE and created.is_done and is_lost) or created.may_be_repeated:
                continue
            if history.is_quiet(created, read, key) and created.is_valid and read.is_valid:
                if created.told_id and created.located_id not in ("", created.told_id):
                    continue  # which of them is the id is another question
                if _may_have_ended(created):
                    continue
                message = f"what it created is not there: {read.operation.label} was answered with {read.status}"
                violation = ENSURE_RESOURCE_AVAILABILITY.violation("response", created.operation.place, message)
                yield Relation(violation, created.operation.label, (created.index, read.index))


def _may_have_ended(created: Seen) -> bool:
    """Whether what was created may not be there any longer: it was to end soon, or before it began."""
    now = _date(created)
    for name, value in (created.sent or {}).items():
        if _ENDS.isdisjoint(words_of(name)):
            continue
        end = moment(value) if isinstance(value, str) else None
        is_short = isinstance(value, (int, float)) and value <= _SHORT_LIFE
        if is_short or (end is not None and (now is None or end <= now)):
            return True
    return False


def _date(seen: Seen) -> datetime | None:
    """When the server answered, by its own clock; None where it does not say."""
    try:
        date = parsedate_to_datetime(seen.reading.response_headers.get("date", ""))
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def deleted_found(history: History) -> Iterator[Relation]:
    """What was deleted, and is still there as it was before."""
    for key, timeline in history.by_key.items():
        before: Seen | None = None
        for at, seen in enumerate(timeline):
            if seen.role is Role.DELETE and seen.is_done:
                yield from _still_there(history, key, before, timeline[at:])
            before = seen if seen.shown else before


def _still_there(history: History, key: ItemKey, before: Seen | None, timeline: Sequence[Seen]) -> Iterator[Relation]:
    deleted = timeline[0]
    for read in timeline[1:]:
        if read.role is not Role.READ or not history.is_quiet(deleted, read, key):
            return
        if (
            not read.is_done
            or may_be_kept(read.shown or {}, read.shown_schema, before.shown if before is not None else None)
            or (before is not None and _has_changed(before, read))
        ):
            continue
        message = f"what it deleted is still there: {read.operation.label} was answered with {read.status}"
        violation = USE_AFTER_FREE.violation("response", deleted.operation.place, message)
        steps = (*((before.index,) if before is not None else ()), deleted.index, read.index)
        yield Relation(violation, deleted.operation.label, steps)
        return


def deleted_listed(history: History) -> Iterator[Relation]:
    """What was deleted, and is still a row of its list."""
    for key, timeline in history.by_key.items():
        for deleted in timeline:
            if deleted.role is not Role.DELETE or not deleted.is_done or not deleted.is_valid:
                continue
            listed = next(
                (each for each in history.listed_after(deleted) if history.is_quiet(deleted, each, key)), None
            )
            row = _row_of(listed, key) if listed is not None else None
            is_gone = any(each.index > deleted.index and each.status in _GONE for each in timeline)
            if listed is None or row is None:
                continue
            before = next((_row_of(each, key) for each in history.listed_before(deleted)), None)
            if may_be_kept(row, listed.row_schema, before) or (before is not None and _are_different(before, row)):
                continue
            if is_gone or not any(each.role is Role.READ for each in timeline):
                message = f"what it deleted is still a row of {listed.operation.label}"
                violation = USE_AFTER_FREE.violation("response", deleted.operation.place, message)
                yield Relation(violation, deleted.operation.label, (deleted.index, listed.index))


def _row_of(listed: Seen, key: ItemKey) -> Mapping[str, JSON] | None:
    """The row of a resource in a list; None where that has none."""
    rows = (row for row in listed.rows or () if isinstance(row, dict) and listed.id_of_row(row) == key.id)
    return next(rows, None)


def may_be_kept(shown: Mapping[str, JSON], schema: Schema | None, before: Mapping[str, JSON] | None = None) -> bool:
    """Whether a resource has a member that says that it is deleted, so that it may be kept all the same.

    What it said `before` it was deleted does not count.
    """
    old = before or {}
    same = {name for name, value in shown.items() if name in old and old[name] == value}
    names = {*declared.members(schema), *shown} - same
    return any(not DELETED.isdisjoint(words_of(name)) for name in names) or any(
        isinstance(value, str) and len(value) <= _LONGEST_STATE and not DELETED.isdisjoint(words_of(value))
        for name, value in shown.items()
        if name not in same
    )


def _has_changed(before: Seen, read: Seen) -> bool:
    """Whether a deletion changed what is read: it is kept as something that is deleted."""
    return _are_different(before.shown or {}, read.shown or {})


def _are_different(first: Mapping[str, JSON], last: Mapping[str, JSON]) -> bool:
    return any(
        (first[key] is None) is not (last[key] is None) or likeness(first[key], last[key]) is Likeness.DIFFERENT
        for key in first.keys() & last.keys()
    )


def written_lost(history: History) -> Iterator[Relation]:
    """What a write set, and is read in another way afterwards."""
    for key, timeline in history.by_key.items():
        for at, writer in enumerate(timeline):
            if writer.role in WRITING and writer.is_done and writer.sent and writer.is_valid:
                for read in timeline[at + 1 :]:
                    if not history.is_quiet(writer, read, key):
                        break
                    if read.role is Role.READ and read.is_done and read.shown and not read.is_broken:
                        yield from _lost(history, writer, read)


def _lost(history: History, writer: Seen, read: Seen) -> Iterator[Relation]:
    """The members that are read otherwise than they were sent; what the write's own response shows so is its echo."""
    echo, shown = writer.shown or {}, read.shown or {}
    told: set[str] = set()
    for pair in pairs(history.promises, writer, shown, read.shown_schema):
        told.add(pair.name)
        is_echo = pair.name in echo and likeness(echo[pair.name], pair.shown) is not Likeness.DIFFERENT
        if pair.likeness is Likeness.DIFFERENT and not is_echo:
            message = f"{shown_value(pair.sent)} was set, and {shown_value(pair.shown)} is read"
            violation = WRITTEN_VALUE_LOST.violation(f"body/{pair.name}", writer.operation.place, message)
            yield Relation(violation, writer.operation.label, (writer.index, read.index))
    for name, _, _ in settable(history.promises, writer, read.shown_schema):
        is_set = (writer.sent or {}).get(name) not in (*_NOTHING, False, 0)
        if is_set and name not in shown and not _is_sparse(writer, read):
            message = f"{shown_value((writer.sent or {})[name])} was set, and nothing is read"
            violation = WRITTEN_VALUE_LOST.violation(f"body/{name}", writer.operation.place, message)
            yield Relation(violation, writer.operation.label, (writer.index, read.index))


def _is_sparse(writer: Seen, read: Seen) -> bool:
    """Whether a response shows so little that what is missing says nothing."""
    sent = [name for name, value in (writer.sent or {}).items() if value not in _NOTHING]
    return sum(name in (read.shown or {}) for name in sent) < len(sent) / 2


def nulls_lost(history: History) -> Iterator[Relation]:
    """What an update set to null, and has the value that it had before."""
    for key, timeline in history.by_key.items():
        for at, update in enumerate(timeline):
            nulls = [name for name, value in (update.sent or {}).items() if value is None]
            if not nulls or update.role is not Role.UPDATE or not update.is_done or not update.is_valid:
                continue
            before = _last_shown(history, key, timeline[:at], update)
            read = next((each for each in timeline[at + 1 :] if each.shown), None)
            if before is None or read is None or read.role is not Role.READ or not history.is_quiet(update, read, key):
                continue
            first, last = before.shown or {}, read.shown or {}
            for name, _, shown in settable(history.promises, update, read.shown_schema):
                if name not in nulls or not _may_be_nothing(update, read, name, shown):
                    continue
                if first.get(name) not in _NOTHING and last.get(name) == first[name]:
                    message = f"it was set to null, and is still {shown_value(last[name])}"
                    violation = WRITTEN_VALUE_LOST.violation(f"body/{name}", update.operation.place, message)
                    steps = (*_setting(timeline[:at], name, before), update.index, read.index)
                    yield Relation(violation, update.operation.label, steps)


def _setting(earlier: Sequence[Seen], name: str, before: Seen) -> tuple[int, ...]:
    """The last write that set a member, and what showed it before an update, in order."""
    writers = (each.index for each in reversed(earlier) if (each.sent or {}).get(name) is not None and each.is_done)
    return tuple(sorted({*[*writers][:1], before.index}))


def _may_be_nothing(update: Seen, read: Seen, name: str, member: Schema) -> bool:
    """Whether null says that a member is to be nothing, and a response may show that it is.

    It does in a merge patch (RFC 7396, section 2), and where a response may have null; else null may mean that the
    member is left alone, as it is where a schema says of all members that they may be null.
    """
    if member.is_valid(None, Direction.RESPONSE):
        return True
    without = {key: value for key, value in (read.shown or {}).items() if key != name}
    schema, media_type = read.shown_schema, update.reading.headers.get("content-type", "")
    return _MERGE_PATCH in media_type and (schema is None or schema.is_valid(without, Direction.RESPONSE))


def updates_reset(history: History) -> Iterator[Relation]:
    """What an update changed though it did not name it; a replacement (PUT) may, since it says all that is to be."""
    for key, timeline in history.by_key.items():
        for at, update in enumerate(timeline):
            if update.role is not Role.UPDATE or not update.is_done or update.sent is None or not update.is_valid:
                continue
            before = _last_shown(history, key, timeline[:at], update)
            for after in (update, *timeline[at + 1 :]):
                if after is not update and (after.role is not Role.READ or not history.is_quiet(update, after, key)):
                    break
                if before is not None and after.shown and not after.is_broken:
                    yield from _reset(history, before, update, after, timeline[:at])


def _last_shown(history: History, key: ItemKey, timeline: Sequence[Seen], last: Seen) -> Seen | None:
    """The exchange that shows a resource as it was just before another one."""
    for seen in reversed(timeline):
        if not history.is_quiet(seen, last, key):
            return None
        if seen.shown and seen.is_done and not seen.is_broken:
            return seen
        if not seen.is_safe and not seen.is_refused:
            return None
    return None


def _reset(history: History, before: Seen, update: Seen, after: Seen, earlier: Sequence[Seen]) -> Iterator[Relation]:
    """The members that an update changed; what no client set in `earlier` ones may follow from what it did set."""
    first, last = before.shown or {}, after.shown or {}
    is_new = any(each.role is Role.CREATE for each in earlier)  # so that all is known that was set
    for name, schema, _ in settable(history.promises, update, after.shown_schema):
        if name in (update.sent or {}) or name not in first:
            continue
        is_gone = name not in last and after.role is before.role and first[name] not in _NOTHING
        is_changed = name in last and likeness(first[name], last[name]) is Likeness.DIFFERENT
        is_reset = is_changed and (last[name] in _NOTHING or last[name] == schema.resolved.get("default"))
        is_derived = is_new and all((each.sent or {}).get(name) in _NOTHING for each in earlier)
        if is_gone or is_reset or (is_changed and not is_derived):
            now = shown_value(last[name]) if name in last else "nothing"
            message = f"it was not sent, and was {shown_value(first[name])}; now it is {now}"
            violation = UPDATE_RESETS.violation(f"body/{name}", update.operation.place, message)
            yield Relation(violation, update.operation.label, (before.index, update.index, after.index))


def ids_differ(history: History) -> Iterator[Relation]:
    """What is read under the id that it was created with, and has another one."""
    for key, timeline in history.by_key.items():
        created = next((each for each in timeline if each.role is Role.CREATE and each.told_id), None)
        for read in timeline if created is not None else ():
            resource = read.resource
            if created is None or resource is None or read.role is not Role.READ or not read.shown or read.is_broken:
                continue
            shown = resource.id_in(read.shown, Role.READ)
            if shown and shown != key.id and resource.id_of(read.reading) == created.told_id:
                message = f"{shown_value(shown)} is the id of what was asked for by {shown_value(key.id)}"
                violation = ID_DIFFERS.violation("response.body", read.operation.place, message)
                yield Relation(violation, read.operation.label, (created.index, read.index))
                break


def ids_not_unique(history: History) -> Iterator[Relation]:
    """Two creations that were answered with 201 and with the same id."""
    for timeline in history.by_key.values():
        first: Seen | None = None
        for seen in timeline:
            if seen.role in (Role.DELETE, Role.REPLACE) or seen.status in _GONE:
                first = None  # what is not there has no id
            is_new = seen.role is Role.CREATE and seen.operation.method == "POST" and seen.status == 201
            if not is_new or seen.resource is None or seen.resource.is_single:
                continue
            if first is not None and _wants_two(first, seen):
                message = f"it was answered with 201 twice, and both times with the id {shown_value(seen.created_id)}"
                violation = ID_NOT_UNIQUE.violation("response.body", seen.operation.place, message)
                yield Relation(violation, seen.operation.label, (first.index, seen.index))
            first = seen


def _wants_two(first: Seen, second: Seen) -> bool:
    """Whether two creations ask for two resources: not twice for the same, nor with a key or an id that joins them."""
    resource = second.resource
    has_key = any("idempot" in name.lower() for name, _ in second.exchange.request.headers)
    way = resource.sent_id_way if resource is not None else ()
    own = part_at(second.sent, way) if way and second.sent else None
    if has_key or (second.exchange.request.body and first.exchange.request.body == second.exchange.request.body):
        return False
    return own is None and first.has_caller_of(second) and first.is_valid and second.is_valid


def locations(history: History) -> Iterator[Relation]:
    """A `Location` that leads to another resource than the one that was created."""
    for seen in history.seen:
        if seen.role is not Role.CREATE or seen.status != 201 or not seen.location:
            continue
        place = seen.reading.definition.place if seen.reading.definition is not None else seen.operation.place
        if seen.told_id and seen.located_id and seen.located_id != seen.told_id:
            message = f"it leads to {shown_value(seen.located_id)}, and {shown_value(seen.told_id)} was created"
            violation = LOCATION_ELSEWHERE.violation("response.header.Location", place, message)
            yield Relation(violation, seen.operation.label, (seen.index,))
            continue
        followed = _followed(history, seen) if not seen.located_id else None  # else it is lost, or of another id
        if followed is not None and followed.status in _GONE and not seen.is_broken:
            message = f"it leads to {seen.location}, which was answered with {followed.status}"
            violation = LOCATION_ELSEWHERE.violation("response.header.Location", place, message)
            yield Relation(violation, seen.operation.label, (seen.index, followed.index))


def _followed(history: History, created: Seen) -> Seen | None:
    """The request that follows a `Location`, where nothing else was changed before."""
    for seen in history.seen[created.index + 1 :]:
        if not seen.is_safe and not seen.is_refused:
            return None
        if seen.operation.method == "GET" and seen.exchange.request.path == created.location:
            return seen if seen.has_caller_of(created) else None
    return None


CHECKS = (
    SequenceCheck(created_lost, (ENSURE_RESOURCE_AVAILABILITY,)),
    SequenceCheck(deleted_found, (USE_AFTER_FREE,)),
    SequenceCheck(deleted_listed, (USE_AFTER_FREE,)),
    SequenceCheck(written_lost, (WRITTEN_VALUE_LOST,)),
    SequenceCheck(nulls_lost, (WRITTEN_VALUE_LOST,)),
    SequenceCheck(updates_reset, (UPDATE_RESETS,)),
    SequenceCheck(ids_differ, (ID_DIFFERS,)),
    SequenceCheck(ids_not_unique, (ID_NOT_UNIQUE,)),
    SequenceCheck(locations, (LOCATION_ELSEWHERE,), is_alone=True),
)
