-- Settles a claim. KEYS: value. ARGV: owner, milliseconds that it stays known; '0' frees it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'no'} end
redis.call('DEL', KEYS[1])
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2]) end
return {'yes'}
