-- Files a session under a name, unless it is denied there, and gives who was there before, with when each was created.
-- KEYS: members, denials. ARGV: member, created, issued or '', milliseconds that any session can live, 1 where they are
-- asked for.
local denied = redis.call('HMGET', KEYS[2], 'all', 'issued', 'created')
if denied[1] then return {'denied'} end
if denied[2] and (ARGV[3] == '' or tonumber(ARGV[3]) <= tonumber(denied[2])) then return {'denied'} end
if denied[3] and tonumber(ARGV[2]) < tonumber(denied[3]) then return {'denied'} end
-- Twice as long: clocks of applications differ.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - 2 * ARGV[4])
local before = ARGV[5] == '1' and redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES') or {}
redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.max(ARGV[4] + 60000, redis.call('PTTL', KEYS[1])))
table.insert(before, 1, 'added')
return before
