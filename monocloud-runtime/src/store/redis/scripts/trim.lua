-- Drops what was appended again. KEYS: log, head. ARGV: the epoch that it must be, the first entry that stays.
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return {} end
redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[2])
return {}
