"""The scripts that Redis runs for the store, each atomic; and the forms of what is kept.

An item is a field of a hash: `VERSION ORDER NUMBER CHANGED\\nTEXT`, NUMBER being that of its first change.
A document is one, too: `VERSION ENDS\\nTEXT`, where ENDS is in seconds, or `-`.
"""

from __future__ import annotations

_PRELUDE = """
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end

local function next_number(key)
  if redis.call('EXISTS', key) == 0 then
    redis.call('SET', key, string.format('%.0f', now() * 1000000))
  end
  return redis.call('INCR', key)
end

local function keep(keys, milliseconds, first, last)
  for index = first, last do
    redis.call('SADD', keys, KEYS[index])
    if milliseconds > 0 then redis.call('PEXPIRE', KEYS[index], milliseconds) end
  end
  if milliseconds > 0 then redis.call('PEXPIRE', keys, milliseconds) end
end

local function unlink_all(keys)
  local names = redis.call('SMEMBERS', keys)
  for first = 1, #names, 5000 do
    redis.call('UNLINK', unpack(names, first, math.min(first + 4999, #names)))
  end
  redis.call('UNLINK', keys)
end
"""

PUT = f"""{_PRELUDE}
-- KEYS: keys, number, items, listed, places, revisions, use, contracts
-- ARGV: milliseconds, id, text, expected, is_listed, changed, path, contract, most items, most bytes
local id, text = ARGV[2], ARGV[3]
local before = redis.call('HGET', KEYS[3], id)
local version, order, number, length = 0, 0, 0, -#id
if before then
  local head, v, o, n = string.match(before, '^((%d+) (%d+) (%d+) [^\\n]*\\n)')
  version, order, number, length = tonumber(v), tonumber(o), tonumber(n), #before - #head
end
if ARGV[4] ~= '' and tonumber(ARGV[4]) ~= version then return false end
local size = #text - length
local use = redis.call('HMGET', KEYS[7], 'items', 'bytes')
if not before and (tonumber(use[1]) or 0) >= tonumber(ARGV[9]) then return 'items' end
if size > 0 and (tonumber(use[2]) or 0) + size > tonumber(ARGV[10]) then return 'bytes' end
local change = next_number(KEYS[2])
if text == '' then
  if order > 0 then redis.call('ZREM', KEYS[4], id) end
  order = 0
elseif order == 0 and ARGV[5] == '1' then
  order = change
  redis.call('ZADD', KEYS[4], order, id)
end
if not before then
  number = change
  redis.call('HINCRBY', KEYS[7], 'items', 1)
end
version = version + 1
redis.call('HSET', KEYS[3], id, string.format('%.0f %.0f %.0f %s\\n', version, order, number, ARGV[6]) .. text)
redis.call('HINCRBY', KEYS[7], 'bytes', size)
redis.call('ZADD', KEYS[5], 0, ARGV[7])
redis.call('HSET', KEYS[6], ARGV[7], change)
redis.call('SADD', KEYS[8], ARGV[8])
keep(KEYS[1], tonumber(ARGV[1]), 3, 8)
return {{version, order}}
"""

NEWEST = """
-- KEYS: items, listed; ARGV: first, last
local ids = redis.call('ZREVRANGE', KEYS[2], ARGV[1], ARGV[2])
local rows = {}
for index, id in ipairs(ids) do
  rows[2 * index - 1] = id
  rows[2 * index] = redis.call('HGET', KEYS[1], id)
end
return rows
"""

DROP_BELOW = """
-- KEYS: keys, places, revisions, use; ARGV: the beginning of the keys of places, first, last
local item_count, size = 0, 0
for _, path in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], ARGV[3])) do
  local items, listed = ARGV[1] .. path .. ':items', ARGV[1] .. path .. ':listed'
  local rows = redis.call('HGETALL', items)
  for index = 1, #rows, 2 do
    local _, head = string.find(rows[index + 1], '\\n', 1, true)
    item_count, size = item_count + 1, size + #rows[index] + #rows[index + 1] - head
  end
  redis.call('UNLINK', items, listed)
  redis.call('SREM', KEYS[1], items, listed)
  redis.call('HDEL', KEYS[3], path)
  redis.call('ZREM', KEYS[2], path)
end
if item_count > 0 then
  redis.call('HINCRBY', KEYS[4], 'items', -item_count)
  redis.call('HINCRBY', KEYS[4], 'bytes', -size)
end
"""

DOCUMENTS = f"""{_PRELUDE}
-- KEYS: documents, names; ARGV: names, or nothing and then the first and the last name of a range
local names = ARGV
if ARGV[1] == '' then names = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], ARGV[3]) end
local rows, time = {{}}, now()
for _, name in ipairs(names) do
  local kept = redis.call('HGET', KEYS[1], name)
  if kept then
    local head, version, ends = string.match(kept, '^((%d+) (%S+)\\n)')
    if ends == '-' or tonumber(ends) > time then
      table.insert(rows, name)
      table.insert(rows, version)
      table.insert(rows, string.sub(kept, #head + 1))
      table.insert(rows, ends == '-' and '-' or string.format('%.3f', tonumber(ends) - time))
    end
  end
end
return rows
"""

PUT_DOCUMENT = f"""{_PRELUDE}
-- KEYS: keys, documents, names, endings, use
-- ARGV: milliseconds, name, 1 for a text and 0 to forget it, text, expected, seconds, most documents, most bytes
local time = now()
local function forget(name)
  local kept = redis.call('HGET', KEYS[2], name)
  if kept then
    local _, head = string.find(kept, '\\n', 1, true)
    redis.call('HDEL', KEYS[2], name)
    redis.call('ZREM', KEYS[3], name)
    redis.call('HINCRBY', KEYS[5], 'bytes', -(#name + #kept - head))
  end
  redis.call('ZREM', KEYS[4], name)
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], 0, time)) do forget(name) end
local name, text = ARGV[2], ARGV[4]
local before = redis.call('HGET', KEYS[2], name)
local version, length = 0, -#name
if before then
  local head, v = string.match(before, '^((%d+) [^\\n]*\\n)')
  version, length = tonumber(v), #before - #head
end
if ARGV[5] ~= '' and tonumber(ARGV[5]) ~= version then return 0 end
if ARGV[3] == '0' then
  forget(name)
  return 1
end
local size = #text - length
if not before and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then return 'documents' end
if size > 0 and (tonumber(redis.call('HGET', KEYS[5], 'bytes')) or 0) + size > tonumber(ARGV[8]) then return 'bytes' end
local ends = '-'
redis.call('ZREM', KEYS[4], name)
if ARGV[6] ~= '' then
  ends = string.format('%.6f', time + tonumber(ARGV[6]))
  redis.call('ZADD', KEYS[4], ends, name)
end
redis.call('HSET', KEYS[2], name, string.format('%.0f %s\\n', version + 1, ends) .. text)
redis.call('ZADD', KEYS[3], 0, name)
redis.call('HINCRBY', KEYS[5], 'bytes', size)
keep(KEYS[1], tonumber(ARGV[1]), 2, 5)
return 1
"""

LOG = f"""{_PRELUDE}
-- KEYS: keys, journal, use; ARGV: milliseconds, most entries, most bytes, and the texts
local count, size = 0, 0
for index = 4, #ARGV do
  count = redis.call('RPUSH', KEYS[2], ARGV[index])
  size = redis.call('HINCRBY', KEYS[3], 'entry_bytes', #ARGV[index])
end
local before = size
while count > 0 and (count > tonumber(ARGV[2]) or size > tonumber(ARGV[3])) do
  size, count = size - #redis.call('LPOP', KEYS[2]), count - 1
end
if size ~= before then redis.call('HINCRBY', KEYS[3], 'entry_bytes', size - before) end
keep(KEYS[1], tonumber(ARGV[1]), 2, 3)
"""

USE = f"""{_PRELUDE}
-- KEYS: sessions, keys; ARGV: milliseconds, session, most sessions, idle seconds, the beginning of the keys of sessions
-- An empty list of KEYS but for the first only forgets sessions. Returns those that are idle, '', those that made room.
local time, forgotten = now(), {{}}
local function forget(session)
  unlink_all(ARGV[5] .. session .. ':keys')
  redis.call('ZREM', KEYS[1], session)
  table.insert(forgotten, session)
end
for _, session in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], 0, time - tonumber(ARGV[4]))) do
  if session ~= '' then forget(session) end
end
table.insert(forgotten, '')
if not KEYS[2] then return forgotten end
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) then
  local excess = redis.call('ZCARD', KEYS[1]) + 1 - tonumber(ARGV[3])
  for _, session in ipairs(redis.call('ZRANGE', KEYS[1], 0, math.max(excess, 0))) do
    if excess > 0 and session ~= '' then
      forget(session)
      excess = excess - 1
    end
  end
end
redis.call('ZADD', KEYS[1], time, ARGV[2])
local milliseconds = tonumber(ARGV[1])
if milliseconds > 0 then
  for _, key in ipairs(redis.call('SMEMBERS', KEYS[2])) do redis.call('PEXPIRE', key, milliseconds) end
  redis.call('PEXPIRE', KEYS[2], milliseconds)
end
return forgotten
"""

SESSIONS = """
-- KEYS: sessions; ARGV: the beginning of the keys of sessions
local rows = {}
for index, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local use = redis.call('HMGET', ARGV[1] .. name .. ':use', 'items', 'bytes')
  rows[index] = {name, redis.call('ZSCORE', KEYS[1], name), use[1] or '0', use[2] or '0'}
end
return rows
"""

DROP = f"""{_PRELUDE}
-- KEYS: sessions, keys; ARGV: session
unlink_all(KEYS[2])
redis.call('ZREM', KEYS[1], ARGV[1])
"""

DUMP = """
-- KEYS: contracts; ARGV: the beginnings of the keys of places, before and after the contract
local rows = {}
for _, contract in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local beginning = ARGV[1] .. contract .. ARGV[2]
  for _, path in ipairs(redis.call('ZRANGE', beginning .. 'places', 0, -1)) do
    table.insert(rows, {contract, path, redis.call('HGETALL', beginning .. path .. ':items')})
  end
end
return rows
"""

LOAD = f"""{_PRELUDE}
-- KEYS: keys, number, use, contracts, documents, names, endings
-- ARGV: milliseconds, the beginnings of the keys of places, before and after the contract, items, bytes, and for each
-- item: contract, path, id, text, version, order or 0, changed; then '' and for each document: name, text, seconds
for _, contract in ipairs(redis.call('SMEMBERS', KEYS[4])) do
  local beginning = ARGV[2] .. contract .. ARGV[3]
  for _, path in ipairs(redis.call('ZRANGE', beginning .. 'places', 0, -1)) do
    local items, listed = beginning .. path .. ':items', beginning .. path .. ':listed'
    redis.call('UNLINK', items, listed)
    redis.call('SREM', KEYS[1], items, listed)
  end
  redis.call('UNLINK', beginning .. 'places', beginning .. 'revisions')
end
redis.call('UNLINK', KEYS[4], KEYS[5], KEYS[6], KEYS[7])
redis.call('HSET', KEYS[3], 'items', ARGV[4], 'bytes', ARGV[5])
redis.call('SADD', KEYS[1], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
local at = 6
while ARGV[at] and ARGV[at] ~= '' do
  local contract, path, id, text = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local beginning = ARGV[2] .. contract .. ARGV[3]
  local items, listed = beginning .. path .. ':items', beginning .. path .. ':listed'
  local change = next_number(KEYS[2])
  local order = ARGV[at + 5] == '0' and 0 or change
  local head = string.format('%s %.0f %.0f %s\\n', ARGV[at + 4], order, change, ARGV[at + 6])
  redis.call('HSET', items, id, head .. text)
  if order > 0 then redis.call('ZADD', listed, order, id) end
  redis.call('ZADD', beginning .. 'places', 0, path)
  redis.call('HSET', beginning .. 'revisions', path, change)
  redis.call('SADD', KEYS[4], contract)
  redis.call('SADD', KEYS[1], items, listed, beginning .. 'places', beginning .. 'revisions')
  at = at + 7
end
at = at + 1
local time = now()
while ARGV[at] do
  local ends = '-'
  if ARGV[at + 2] ~= '' then
    ends = string.format('%.6f', time + tonumber(ARGV[at + 2]))
    redis.call('ZADD', KEYS[7], ends, ARGV[at])
  end
  redis.call('HSET', KEYS[5], ARGV[at], '1 ' .. ends .. '\\n' .. ARGV[at + 1])
  redis.call('ZADD', KEYS[6], 0, ARGV[at])
  at = at + 3
end
local milliseconds = tonumber(ARGV[1])
if milliseconds > 0 then
  for _, key in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('PEXPIRE', key, milliseconds) end
  redis.call('PEXPIRE', KEYS[1], milliseconds)
end
"""
