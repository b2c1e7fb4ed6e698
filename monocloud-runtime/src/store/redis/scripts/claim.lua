-- Claims a one-time value. KEYS: value. ARGV: owner, milliseconds of the lease.
local found = redis.call('GET', KEYS[1])
if found == 'done' then return {'done'} end
if found then return {'in_progress'} end
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return {'claimed'}
