-- Ends a session, and closes its key. KEYS: session. ARGV: milliseconds to be closed, at least.
-- What takes something away first is carried out although the memory is full, and it always writes: after a script that
-- wrote nothing, WAIT waits for nothing.
local found = redis.call('HMGET', KEYS[1], 'v', 'x', 'n', 'i')
local closed = tonumber(ARGV[1])
if found[2] then closed = math.max(closed, redis.call('PTTL', KEYS[1])) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'x', 1, 'n', found[3] or '', 'i', found[4] or '')
redis.call('PEXPIRE', KEYS[1], closed)
return {found[1] and 'live' or 'not', found[3] or '', found[4] or ''}
