-- What a session is filed under from now on, too. KEYS: session. ARGV: names.
local found = redis.call('HMGET', KEYS[1], 'v', 'n', 'i', 't', 'l')
if not found[1] then return {} end
local names = found[2]
for _, name in ipairs(ARGV) do
  if not string.find(' ' .. names .. ' ', ' ' .. name .. ' ', 1, true) then names = names .. ' ' .. name end
end
redis.call('HSET', KEYS[1], 'n', names)
return {found[3], found[4], found[5]}
