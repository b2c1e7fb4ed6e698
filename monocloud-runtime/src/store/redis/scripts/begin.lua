-- Begins an exchange. KEYS: session. ARGV: expected, owner, milliseconds of the lease.
local found = redis.call('HMGET', KEYS[1], 'v', 'o', 'u', 'c')
if not found[1] then return {'gone'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if found[2] and tonumber(found[3]) > now then return {'busy', tonumber(found[3]) - now} end
if found[1] ~= ARGV[1] then return {'newer', found[1]} end
redis.call('HSET', KEYS[1], 'o', ARGV[2], 'u', now + ARGV[3])
if found[2] then redis.call('HSET', KEYS[1], 'k', 1) end
return {'begun', found[2] and 1 or 0, found[4] and 1 or 0}
