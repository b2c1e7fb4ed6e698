-- Notes that a session was used. KEYS: session. ARGV: summary.
if redis.call('HEXISTS', KEYS[1], 'v') == 1 then redis.call('HSET', KEYS[1], 'm', ARGV[1]) end
return {}
