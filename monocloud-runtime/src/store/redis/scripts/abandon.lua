-- Gives an exchange up. KEYS: session. ARGV: owner, '1' where its end is unclear.
if redis.call('HGET', KEYS[1], 'o') ~= ARGV[1] then return {} end
-- Whoever held it before the one who took it over has not given it up: it stays left behind, by nobody.
if redis.call('HEXISTS', KEYS[1], 'k') == 1 then
  redis.call('HSET', KEYS[1], 'o', '', 'u', 0)
else
  redis.call('HDEL', KEYS[1], 'o', 'u')
end
if ARGV[2] == '1' then redis.call('HSET', KEYS[1], 'c', 1) end
return {}
