"""Every budget of time, memory and size that a stranger's document, request or server could otherwise exceed.

Use them as `budgets.NAME`. What stops at a budget says so, and says which.
"""

from __future__ import annotations

BODY_BYTES = 64 * 2**20
"""The largest body of a request or a response that is read, in bytes, also once it is decoded."""
DOCUMENT_BYTES = 64 * 2**20
"""The largest document that is read, be it from a file, standard input, a pipe or a URL, in bytes."""
FETCH_SECONDS = 20.0
"""How long a document at a web address may take to arrive, redirects included."""
REFERENCE_CHAIN = 100
"""How many references may lead to one another before there is something else; real documents have up to three."""
REFERENCE_CHARACTERS = 20_000
"""The longest reference that is followed: each message about one holds it as a whole."""
INLINED_PARTS = 500_000
"""Objects and arrays that stand in place of references in a copy of a document that is in one piece."""
ALIAS_NODES = 1_000_000
"""The most objects, lists and plain values that the aliases of a YAML document may stand for."""
SCHEMA_EVALUATIONS = 1_000_000
"""How often the schemas inside a schema may be applied to one value; the engine takes about 20 ns for each."""
REASON_EVALUATIONS = 50_000
"""The same where each reason is told why a value does not fit; one takes about 5 KB and 30 µs."""
FEW_EVALUATIONS = 1_000
"""How often schemas are applied to each part of a value without a count beforehand."""
SCHEMA_STEPS = 100
"""How many schemas may be one inside the other, references followed, and be applied to the same value.

As many as the levels of a document, so that what stands in one piece is never too deep.
"""
SCOPED_SCHEMAS = 300
"""How many schemas of a bundle may depend on a dynamic scope: resources that lead to each other have endlessly many."""
LARGE_SCHEMAS = 64
"""A schema that leads to so many, or more, shares a compiled form with other schemas that lead to them too."""
SINGLE_VALIDATORS = 8
"""How many of these schemas have a compiled form of their own beside, which mends and makes values."""
PROOF_COMPARISONS = 400_000_000
"""How often branches of `oneOf` are compared at most to prove that no value fits; a hundred take 100,000,000."""
COMPILED_PARTS = 10_000
"""How many schemas one with `unevaluatedProperties` or `unevaluatedItems` may apply to a value, counted on each way.

To judge a value by the keyword takes the square of that.
"""
COMPARED_NAMES = 200_000
"""How many names are compared with wrong ones in one document, to tell which were meant; each takes about 20 µs."""
COMPARED_CHARACTERS = 200
"""The longest name that is compared with others; the time grows with the square of its length."""
LOCK_SECONDS = 30.0
"""How long a run waits for another one that writes into the same folder of models."""
PIPE_IDLE_SECONDS = 30.0
"""How long the other end of a named pipe may send, or take, nothing."""
PIPE_SECONDS = 5.0
"""How long a named pipe is waited for that nobody has opened at its other end."""
THREADS = 4
"""How many pieces of slow work one process does at once, beside the event loop that answers all other requests."""
BYTES_AT_ONCE = 32 * 2**10
"""The largest body that is judged in the event loop, in bytes: others wait for it. Larger ones go to a thread."""
TAILORED_BYTES = 4 * 2**20
"""How much all replies take that one process keeps because a request asked for them or changed them, in bytes."""
READY_ITEMS = 1_000
"""How many resources that are kept are ready to be sent, each parsed and with a reply; one takes about 3 KB."""
VALUES_TRIED = 200
"""How many values of a request are tried one by one in a reply that does not take them all together."""
OBJECTS_EDITED = 2_000
"""How many objects inside a reply are looked through for members that the request names."""
FAULTS_LISTED = 50
"""How many violations of a request a documented error body lists."""
VIOLATIONS = 1_000
"""How many violations of one body are told; others are alike, as a rule."""
ERROR_PARTS = 5_000
"""The most parts of a value whose errors the schema engine makes all at once; a larger one is judged in pieces."""
ERROR_COPIES = 1_000_000
"""The most parts of a value times the longest list in its schema: each error has a copy of what was expected."""
VALUE_PARTS = 20_000
"""The most parts of one generated value: its objects, arrays, texts, numbers and the like."""
VALUE_CHARACTERS = 2_000_000
"""The most characters in the texts of one generated value."""
VALUE_STEPS = 25_000
"""How many parts are made, one after the other in each way there is, before it is said that no value can be made.

Each takes 0.1 to 0.2 ms. All values of a document that cannot be made share them.
"""
LIST_ROWS = 1_000
"""The most rows that are made for the list in a reply."""
LIST_BYTES = 2**20
"""About how large the rows that are made for one list may be together, in bytes of JSON."""
LIST_STEPS = 50_000
"""How many parts are made, in each way there is, for the rows of one list; ten large ones of a real document take as
many."""
MENDING_ROUNDS = 20
"""How often an example that breaks its schema is judged and mended, before it is taken as it is."""
MENDING_ERRORS = 2_000
"""How many errors of an example are mended between two judgements."""
ALIASES_TRIED = 200
"""How many of the newest resources of a collection are looked through for one that is not named by its id."""
GRAFT_TRIES = 1_000
"""How many parts of an example are put, one by one, into a value that fits."""
LIST_SECONDS = 5.0
"""How long the rows of a list that are kept may be read for one request that narrows or sorts them, in seconds."""
PICTURE_SIDE = 4_000
"""How many pixels wide and high a picture may be that the mock draws."""
PICTURE_CHARACTERS = 100
"""How many characters of its text a picture shows."""
PATTERN_CHARACTERS = 20_000
"""The longest text that is made from patterns, and the longest pattern that a text is made from."""
PATTERN_WORK = 400_000
"""How many parts of patterns are looked at for one text, which takes two seconds."""
PATTERN_TEXT = 5_000
"""The longest text that is judged by a pattern which is tried at each character, in characters (a second or two)."""
FAULT_SECONDS = 300.0
"""How long a reply, or its body, may be made to take by a fault that is asked for."""
FAULT_CHARACTERS = 1_000
"""The longest text that asks for faults, in characters; each that a request sends is read, and remembered."""
FAULT_TEXTS = 100
"""How many texts of faults that requests ask for are remembered with their draws, for each operation."""
EXTREME_CHARACTERS = 500_000
"""About how many characters the texts of a body have that is asked to be as long as it may be."""
STREAM_DELAY_SECONDS = 60.0
"""The longest time that can be asked for between two items of a stream."""
STREAM_SECONDS = 30.0
"""How long the streamed reply of a user's handler is read."""
HEAD_BYTES = 64 * 2**10
"""The largest head of a request, its target and header fields together, in bytes; also what may surround a body."""
HEAD_FIELDS = 200
"""How many header fields a request may have."""
TARGET_BYTES = 32 * 2**10
"""The longest target of a request (path and query), in bytes."""
METHOD_CHARACTERS = 64
"""The longest method of a request."""
HEAD_SECONDS = 10.0
"""How long the head of a request may take, from its first byte; also how long a new connection may be silent."""
BODY_IDLE_SECONDS = 30.0
"""How long nothing of a body may come before its connection is closed."""
KEEP_ALIVE_SECONDS = 75.0
"""How long a connection is kept for the next request; clients that keep connections expect no less."""
WRITE_IDLE_SECONDS = 30.0
"""How long a client may take nothing of a response that waits for it."""
FAREWELL_SECONDS = 2.0
"""How long a client that was refused has to read why, while what it still sends is thrown away."""
CONNECTIONS = 10_000
"""How many connections one process holds at once, as far as the system gives it file descriptors."""
MOULD_BYTES = 20_000
"""The body of a request of which it is remembered what it creates, so that it takes less time again."""
ID_TRIES = 200
"""Fresh ids that are tried for a resource until one is free."""
RESOURCE_LEVELS = 100
"""How many levels a resource has that is kept; it is copied, merged and shown by recursion."""
PATCH_OPERATIONS = 10_000
"""The operations of one JSON Patch."""
PATCH_COPIED_BYTES = 2**20
"""How much one JSON Patch copies and moves, in bytes of JSON; each operation may double what is there."""
CHANGE_TRIES = 200
"""How often a change of a resource is made anew because another one came first."""
SESSIONS = 10_000
"""How many sessions a mock keeps; the one that was not used for the longest time is forgotten for a new one."""
SESSION_IDLE_SECONDS = 24 * 3600.0
"""How long a session is kept that no request uses."""
MOST_SESSION_IDLE_SECONDS = 30 * 24 * 3600.0
"""The longest time that can be asked for instead."""
SESSION_NAME_CHARACTERS = 100
"""The longest name of a session."""
SESSION_ITEMS = 1_000_000
"""How many resources are kept in one session, those that were deleted and are remembered as such among them."""
SESSION_DOCUMENTS = 100_000
"""How many overrides, answers to idempotency keys and the like are kept in one session."""
KINDS_TRIED = 20
"""Of how many kinds that a resource may be (`oneOf`) one is made, to find the kind that a request creates."""
SESSION_BYTES = 256 * 2**20
"""How much is kept in one session, as the texts of its resources and documents, in bytes."""
STORE_BYTES = 2**30
"""How much is kept in the memory of one process for all sessions together, in bytes: texts, and what is beside them."""
STORE_SECONDS = 1.5
"""How long a request waits for a store that others share: for the lock of a file, or for an answer of Redis."""
IDEMPOTENCY_SECONDS = 24 * 3600.0
"""How long the first answer to an idempotency key is kept."""
IDEMPOTENCY_WAIT_SECONDS = 1.0
"""How long a request with an idempotency key waits for the answer to another one with it, before it is a conflict."""
IDEMPOTENCY_RUN_SECONDS = 30.0
"""How long a request with an idempotency key may be answered before another one may be in its place."""
JOURNAL_BYTES = 32 * 2**20
"""How much the journal of one session takes, in bytes; the oldest entries are forgotten first."""
JOURNALS_BYTES = 256 * 2**20
"""How much the journals of all sessions take in the memory of one process, in bytes; those of the sessions that nobody
uses any more are shortened first."""
UPSTREAM_SECONDS = 60.0
"""How long the head of an upstream's reply may take after the last byte of the request, unless told otherwise."""
MOST_UPSTREAM_SECONDS = 3600.0
"""The longest time that can be asked for instead."""
UPSTREAM_CONNECT_SECONDS = 10.0
"""How long it may take to connect to an upstream, TLS included."""
UPSTREAM_LEAVE_SECONDS = 1.0
"""How long an upstream is waited for that is asked whether a body may come (`Expect: 100-continue`), as curl does."""
UPSTREAM_IDLE_SECONDS = 1.5
"""How long a connection to an upstream is kept for the next request; servers close theirs after two seconds or more."""
UPSTREAM_IDLE = 200
"""How many connections to an upstream one process keeps for the next requests."""
UPSTREAM_HEAD_BYTES = 256 * 2**10
"""The largest head of an upstream's reply with the informational ones before it, in bytes; so for trailer fields."""
UPSTREAM_HEAD_FIELDS = 2_000
"""How many fields the head of an upstream's reply may have."""
UPSTREAM_KEPT_BYTES = 2**20
"""How much of each body that passes is kept to be judged, noted and, where the mock answers instead, read."""
UPSTREAM_HELD_BYTES = 64 * 2**10
"""The largest body of a reply that is held back until it is judged, so that a header can tell its violations."""
UPSTREAM_HELD_SECONDS = 0.05
"""How long it is held back for that, from its head on."""
UPSTREAM_PATHS = 1_000
"""How many paths that a contract lacks are counted one by one."""
FUZZ_BODY_BYTES = 2**20
"""The largest body of a response that a fuzz run judges, in bytes, also once it is decoded.

Schemathesis and the judge each make values of it, of up to 50 times its size.
"""
FUZZ_VALUE_DEPTH = 200
"""How deep a value in a response may be for Schemathesis to look at it; it does so by recursion."""
FUZZ_VALUE_NODES = 1_000_000
"""How many values a value in a response may hold for Schemathesis to look at it."""
FUZZ_EVENT_BYTES = 2**20
"""How much of a stream of events a fuzz run reads, in bytes; all of it is looked through again with each piece."""
FUZZ_RECORDED_BYTES = 64 * 2**10
"""How much of each body a fuzz run keeps after it was judged, in bytes; a scenario has hundreds of responses."""
FUZZ_DELETIONS = 100_000
"""How many of the paths that it has deleted a fuzz run remembers."""
FUZZ_CREATIONS = 20_000
"""How many of the resources that it has created a fuzz run remembers, each with the request that created it."""
FUZZ_PROBE_SECONDS = 1.0
"""How long the response to a request may take with which a fuzz run only asks what the server can do."""
FUZZ_LIVES_SECONDS = 40.0
"""How long a fuzz run may take for requests of its own, which see what resources keep."""
FUZZ_LIVES_SHARE = 0.25
"""How much of the time of a run they take at most."""
FUZZ_LIVES_REQUESTS = 4_000
"""How many requests of its own a fuzz run sends for that."""
NEIGHBOUR_PARTS = 120
"""How many parts of a value are changed, one at a time, to have values near the edges of its schema."""
FUZZ_EDGES = 160
"""How many requests near the edges of what it allows a fuzz run sends to one operation."""
FUZZ_STRANGERS = 300
"""Of how many operations a fuzz run asks without credentials, and with ones that nobody issued."""
FUZZ_RESTART_SECONDS = 4.0
"""How long a server that went away in the middle of a fuzz run has to come back."""
FUZZ_START_SECONDS = 30.0
"""How long a server that a fuzz run starts may take until it answers."""
FUZZ_END_SECONDS = 5.0
"""How long it may take to end before it is killed."""
FUZZ_MINIMIZE_SECONDS = 10.0
"""How long a fuzz run may look for shorter requests, for all of its findings together."""
FUZZ_SHARE_TRIES = 3
"""How often a share of a run is begun whose process goes away; an application may end its process each time."""
FUZZ_SHARES_END_SECONDS = 5.0
"""How long the processes of a run that was interrupted have to tell what they found."""
FUZZ_WIND_DOWN_SECONDS = 0.3
"""How long a fuzz run that has to end waits for what it has begun."""
APPLICATION_START_SECONDS = 60.0
"""How long an application that is fuzzed in this process may take to start."""
APPLICATION_SHUTDOWN_SECONDS = 2.0
"""How long an application that is fuzzed in this process may take to shut down."""
MODEL_SECONDS = 6.0
"""How much processor time the models of a small contract may take; a real one takes a second or two."""
MODEL_SECONDS_PER_MEGABYTE = 30.0
"""How much more processor time the models of a contract may take for each megabyte of its documents, about three
times what those of real ones take."""
MODEL_BRANCHES = 500
"""How many branches an `allOf`, `anyOf` or `oneOf` of a model may have; the generator's time and memory grow with the
square of it, and a class with that many takes four seconds. The longest of a real document that we have seen has 79."""
MODEL_MEMBERS = 3_000
"""How many members a class of a model may declare or require; each takes about 0.4 ms, for each schema that is equal.

The longest of a real document that we have seen has 203.
"""
MODEL_ENUMERATION_VALUES = 10_000
"""How many values an enumeration of a model may have; the type of the values stays where there are more."""
OVERRIDES = 200
"""How many overrides a session has at once."""
OVERRIDE_BYTES = 4 * 2**20
"""How large the overrides of a session may be together, in bytes of JSON."""
OVERRIDE_OPERATIONS = 50
"""By how many of the operations that it means the replies of an override are judged when it is set."""
OVERRIDE_REPLIES = 1_000
"""How many replies an override may have one after the other."""
OVERRIDE_TIMES = 1_000_000_000
"""How many requests an override may be asked to answer, where it is not to stay."""
PATTERN_DEPTH = 100
"""How deep a body may be that a request pattern expects; it is compared by recursion."""
SOWING_SECONDS = 30.0
"""How long one process may take to put the seeds of a session again; another one may begin after that."""
JOURNAL_ENTRIES = 100_000
"""How many exchanges the journal of a session may be asked to have."""
JOURNAL_ENTRY_BYTES = 4_000
"""How much room a journal has for each exchange that it is asked for, in bytes, where that is more than the above."""
JOURNAL_BODY_BYTES = 2**20
"""How much of each body the journal keeps, in bytes."""
JOURNAL_VIOLATIONS = 100
"""How many violations of one exchange the journal tells."""
CHANGES_TOLD = 50
"""How many parts of one body are told that were changed in it for its request."""
VERIFIED_CALLS = 100
"""How many calls may be expected one after the other; each is looked for in the whole journal."""
DIFF_CANDIDATES = 300
"""How many values are tried at one place where two schemas differ, until one is allowed by one of them alone."""
DIFF_SCHEMAS = 3_000
"""How many schemas one may refer to for which values are made in a diff; one takes about 0.1 ms."""
DIFF_PAIRS = 20_000
"""How many pairs of schemas inside two schemas are compared for the places where they differ."""
DIFF_TRIES = 3
"""In how many operations a witness is looked for, for one change of a part that they share."""
DIFF_EXCHANGES = 20
"""How many whole exchanges are judged for one place where two schemas differ."""
COVERAGE_LINKS = 1_000
"""How many links in responses that lead to one operation are remembered, until a request follows them."""
TRAFFIC_BYTES = 256 * 2**20
"""The largest file of recorded traffic that is read, in bytes; its values take a few times as much memory."""
RECORDED_EXCHANGES = 100_000
"""How many exchanges the folder of a recording has; more are neither written nor read."""
RECORDED_INLINE_BYTES = 32 * 2**10
"""The largest body that stands in the file of its recorded exchange, in bytes; a larger one has a file of its own."""
RECORDING_WAITING = 10_000
"""How many answered requests wait to be recorded; what comes then is counted as lost, since no request waits."""
RECORDING_WAITING_BYTES = 64 * 2**20
"""How large the bodies that wait to be recorded may be together, in bytes."""
LEARNED_LEVELS = 50
"""How many levels of recorded values a learned schema describes; what is deeper may be anything."""
LEARNED_MEMBERS = 1_000
"""How many members of one object a learned schema declares; an object with more is taken for a map."""
LEARNED_EXAMPLE_BYTES = 4 * 2**10
"""The largest recorded body that becomes an example of a learned contract, in bytes."""
CLEAN_EXCHANGES = 2_000
"""How many exchanges of a test suite are kept as ones that broke nothing, so that they are not judged again."""
CLEAN_BYTES = 10_000
"""The most bytes that the bodies of such an exchange have."""
GIT_SECONDS = 60.0
"""How long git may take to give one file of a revision."""

# The page in the browser.
PAGE_REPLY_SECONDS = 30
"""How long the page waits for the end of a reply that it was asked to try, in seconds."""
PAGE_REPLY_BYTES = 2**20
"""How much of a body the page shows, in bytes."""
PAGE_SEARCH_SECONDS = 0.5
"""How long one page of the journal is looked for, in seconds; a link goes on from there."""
SCHEMAS_SHOWN_WITHIN = 150
"""Schemas that one schema may lead to in the reference of an API, whose viewer puts all of them into each other."""
