"""What happens to heads and lists, each step on one server at once.

A value begins with its generation and the server process that it was written to. A replica or a restarted server that
brings back an old value is another process, so that the value does not count there.
"""

from typing import Final

_PROCESS: Final = "local process = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), 1, 12)\n"
_MARK: Final = _PROCESS + "local mark = ARGV[1] .. ' ' .. process .. ' '\n"

HOLD: Final = (
    _PROCESS
    + """
local deadline, latest, partitions, owner = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local taken = tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > latest then return {'late'} end
local lost, mine, generation = {}, {}, redis.call('GET', KEYS[2])
for number = 7, #ARGV do
    local held = redis.call('HGET', KEYS[1], ARGV[number])
    local holder, server, ends
    if held then holder, server, ends = string.match(held, '^(%S+) (%S+) (%d+)$') end
    if holder == nil or tonumber(ends) <= now then
        generation = false
    elseif server ~= process then
        return {'moved'}
    end
    if holder ~= nil and holder ~= owner and number > 6 + taken then
        lost[#lost + 1] = ARGV[number]
    else
        mine[#mine + 1] = ARGV[number]
    end
end
for _, partition in ipairs(mine) do
    redis.call('HSET', KEYS[1], partition, owner .. ' ' .. process .. ' ' .. ARGV[1])
end
local count, first = 0, nil
local all = redis.call('HGETALL', KEYS[1])
for number = 2, #all, 2 do
    local ends = tonumber(string.match(all[number], '(%d+)$'))
    if ends > now then
        count = count + 1
        if first == nil or ends < first then first = ends end
    end
end
if count < partitions then
    redis.call('DEL', KEYS[2])
else
    redis.call('SET', KEYS[2], generation or ARGV[5], 'PXAT', string.format('%d', first))
    generation = generation or ARGV[5]
end
return {'held', process, generation or ARGV[5], unpack(lost)}
"""
)
"""KEYS: holds, generation. ARGV: end of the hold, latest time, partitions, owner, new generation, taken, numbers."""

WRITE: Final = (
    _MARK
    + """
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) > tonumber(ARGV[4]) then return 'late' end
local heads = tonumber(ARGV[3])
for number, key in ipairs(KEYS) do
    if number > heads then
        redis.call('DEL', key)
    else
        local held, value = redis.call('GET', key), ARGV[4 + number]
        local newer = false
        if held and string.sub(held, 1, #mark) == mark then
            local seq = string.match(held, '^(%d+) ', #mark + 1)
            newer = seq and tonumber(seq) > tonumber(string.match(value, '^%d+'))
        end
        if not newer then redis.call('SET', key, mark .. value, 'PX', ARGV[2]) end
    end
end
return process
"""
)
"""KEYS: heads, then lists. ARGV: generation, time to live, number of heads, latest time, values of the heads."""

LOOK: Final = (
    _MARK
    + """
local found = {}
for number, key in ipairs(KEYS) do
    local held = redis.call('GET', key)
    if held and string.sub(held, 1, #mark) == mark then
        found[number] = string.sub(held, #mark + 1)
        if string.sub(found[number], 1, 1) ~= '?' then redis.call('PEXPIRE', key, ARGV[2]) end
    else
        found[number] = '?' .. ARGV[4]
        redis.call('SET', key, mark .. found[number], 'PX', ARGV[3])
    end
end
return found
"""
)
"""KEYS: what is wanted. ARGV: generation, time to live, that of a mark, a mark. A miss gives the mark that is left."""

FILL: Final = (
    _MARK
    + """
for number, key in ipairs(KEYS) do
    if redis.call('GET', key) == mark .. ARGV[1 + 2 * number] then
        redis.call('SET', key, mark .. ARGV[2 + 2 * number], 'PX', ARGV[2])
    end
end
"""
)
"""KEYS: what was missing. ARGV: generation, time to live, then the mark and the value of each."""
