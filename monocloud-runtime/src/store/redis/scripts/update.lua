-- A write, or the commit of an exchange. KEYS: session. ARGV: expected, sealed, summary, milliseconds to live, owner or ''.
local found = redis.call('HMGET', KEYS[1], 'v', 'o')
if not found[1] then return {'gone'} end
if ARGV[5] ~= '' and found[2] ~= ARGV[5] then return {'not_owner'} end
if found[1] ~= ARGV[1] then return {'conflict', found[1]} end
redis.call('HSET', KEYS[1], 'r', ARGV[2], 'm', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'v', 1)
if ARGV[5] ~= '' then redis.call('HDEL', KEYS[1], 'o', 'u', 'c', 'k') end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {'updated'}
