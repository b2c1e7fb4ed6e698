-- Claims a one-time value. KEYS: value. ARGV: owner, milliseconds of the lease.
local found = redis.call('GET', KEYS[1])
if found == 'done' then return {'done'} end
if found then return {'in_progress'} end
if ARGV[2] ~= '0' then
  -- What takes something away first is carried out although the memory is full: a logout is heard then, too.
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return {'claimed'}
