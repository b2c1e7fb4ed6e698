-- Denies under a name, and says who is filed there. KEYS: members, denials. ARGV: kind, value, milliseconds, '1' where
-- strangers are passed over.
if ARGV[4] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local before = redis.call('HGET', KEYS[2], ARGV[1])
local value = ARGV[2]
if before and tonumber(before) > tonumber(value) then value = before end
-- What takes something away first is carried out although the memory is full; and it always writes, as WAIT needs it.
local lives = redis.call('PTTL', KEYS[2])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], value)
redis.call('PEXPIRE', KEYS[2], math.max(tonumber(ARGV[3]), lives))
return redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
