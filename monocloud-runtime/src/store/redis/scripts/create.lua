-- A session's first record. KEYS: session. ARGV: sealed, summary, names, member, created, longest, milliseconds to live.
local found = redis.call('HMGET', KEYS[1], 'v', 'x')
if found[2] then return {'ended'} end
if found[1] then return {'exists'} end
redis.call('HSET', KEYS[1], 'v', 1, 'r', ARGV[1], 'm', ARGV[2], 'n', ARGV[3], 'i', ARGV[4], 't', ARGV[5], 'l', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return {'created'}
