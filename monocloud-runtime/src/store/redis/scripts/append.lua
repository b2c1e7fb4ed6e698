-- Appends to a log, and says which epoch it is. KEYS: log, head. ARGV: a new epoch, milliseconds, entries.
local head = redis.call('HMGET', KEYS[2], 'epoch', 'keep')
local keep = math.max(tonumber(head[2] or 0), tonumber(ARGV[2]))
-- What takes something away first is carried out although the memory is full; and it always writes, as WAIT needs it.
if head[1] then
  redis.call('HDEL', KEYS[2], 'keep')
else
  redis.call('DEL', KEYS[1], KEYS[2])
  head[1] = ARGV[1]
end
redis.call('HSET', KEYS[2], 'epoch', head[1], 'keep', string.format('%.0f', keep))
local time = redis.call('TIME')
local oldest = string.format('%.0f', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - keep))
for at = 3, #ARGV do
  local last = redis.call('XADD', KEYS[1], 'MINID', '~', oldest, '*', 'e', ARGV[at])
  if at == #ARGV then redis.call('HSET', KEYS[2], 'last', last) end
end
-- Once nothing was appended for so long, all that it says is over.
local lives = string.format('%.0f', math.max(keep, 86400000))
redis.call('PEXPIRE', KEYS[1], lives)
redis.call('PEXPIRE', KEYS[2], lives)
return {head[1]}
