-- Gives an exchange up. KEYS: session. ARGV: owner, '1' where its end is unclear.
if redis.call('HGET', KEYS[1], 'o') ~= ARGV[1] then return {} end
redis.call('HDEL', KEYS[1], 'o', 'u')
if ARGV[2] == '1' then redis.call('HSET', KEYS[1], 'c', 1) end
return {}
