"""The steps that must happen at once in Redis, in Lua."""

TOLD_BYTES = 4096  # of answers that go along with the news of them

# Whether a submission is to be judged now: -1 the job is gone, 0 no, 1 yes.
_TAKE_UP = """
local function take_up(index, state, job, answers, submissions, started)
  if not state then return -1 end
  if redis.call('HEXISTS', answers, index) == 1 then return 0 end
  if state == 'cancelled' then return redis.call('SISMEMBER', started, index) end
  if redis.call('EXISTS', submissions) == 0 then return 0 end
  redis.call('SADD', started, index)
  if state == 'queued' then redis.call('HSET', job, 'state', 'running') end
  return 1
end
"""

# Takes a job in, unless it is there, there is no room for it, or its tests are neither kept nor brought.
# Arguments: how many submissions it has, how many there may be in all, how many fields of the test set follow, these,
# then commands, each after the number of its words.
TAKE_IN = """
local job, test_set, queued = unpack(KEYS)
if redis.call('EXISTS', job) == 1 then return {'there'} end

local submissions, maximum, test_set_words = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local waiting = tonumber(redis.call('GET', queued) or 0)
if waiting > 0 and waiting + submissions > maximum then
  local drained = 0
  for i = 4, #KEYS do drained = drained + tonumber(redis.call('GET', KEYS[i]) or 0) end
  return {'full', waiting, drained}
end

local next_word = 4 + test_set_words
if redis.call('HEXISTS', test_set, 'outline') == 0 then
  if test_set_words == 0 then return {'no tests'} end
  redis.call('HSET', test_set, unpack(ARGV, 4, next_word - 1))
end
redis.call('HINCRBY', test_set, 'users', 1)
redis.call('PERSIST', test_set)
redis.call('INCRBY', queued, submissions)
while next_word <= #ARGV do
  local words = tonumber(ARGV[next_word])
  redis.call(unpack(ARGV, next_word + 1, next_word + words))
  next_word = next_word + 1 + words
end
return {'taken'}
"""

# Stores answers, each at most once, tells of them, and takes up the next submission.
# Answers: -1 the job is gone, 0 do not judge the next one, 1 judge it.
TURN = f"""
{_TAKE_UP}
local job, answers, submissions, started, test_set, queued, drained = unpack(KEYS)
local next_index = ARGV[1]
local meta = redis.call('HMGET', job, 'state', 'pending', 'reply', 'id', 'keep_seconds')
local state = meta[1]
if not state then return -1 end

local fresh, given, given_bytes = {{}}, {{}}, 0
for i = 2, #ARGV, 2 do
  local was_started = redis.call('SREM', started, ARGV[i]) == 1
  -- A cancelled job takes only the answers it still waits for.
  if (was_started or state ~= 'cancelled') and redis.call('HSETNX', answers, ARGV[i], ARGV[i + 1]) == 1 then
    fresh[#fresh + 1] = ARGV[i]
    given[#given + 1] = ARGV[i]
    given[#given + 1] = ARGV[i + 1]
    given_bytes = given_bytes + #ARGV[i + 1]
  end
end

if #fresh > 0 then
  local pending = redis.call('HINCRBY', job, 'pending', -#fresh)
  local done = redis.call('HINCRBY', job, 'done', #fresh)
  redis.call('DECRBY', queued, #fresh)
  redis.call('INCRBY', drained, #fresh)
  redis.call('EXPIRE', drained, 120)
  if pending == 0 then
    if state ~= 'cancelled' then redis.call('HSET', job, 'state', 'finished') end
    redis.call('DEL', submissions, started)
    redis.call('EXPIRE', job, meta[5])
    redis.call('EXPIRE', answers, meta[5])
    if redis.call('HINCRBY', test_set, 'users', -1) <= 0 then
      redis.call('EXPIRE', test_set, redis.call('HGET', test_set, 'keep_seconds') or 60)
    end
  end
  if meta[3] ~= '' then
    -- What is large is fetched by those who wait for it.
    if given_bytes > {TOLD_BYTES} then given = {{}} end
    redis.call('XADD', meta[3], 'NOMKSTREAM', 'MAXLEN', '~', 20000, '*', 'job', meta[4],
               'indices', table.concat(fresh, ','), 'pending', pending, 'done', done, unpack(given))
  end
end

if next_index == '' then return 0 end
return take_up(next_index, state, job, answers, submissions, started)
"""

# Drops what no worker took up. Answers: -1 the job is gone, else how many submissions were dropped.
CANCEL = """
local job, answers, submissions, started, test_set, queued = unpack(KEYS)
local meta = redis.call('HMGET', job, 'state', 'pending', 'reply', 'id', 'keep_seconds')
if not meta[1] then return -1 end
if meta[1] == 'finished' or meta[1] == 'cancelled' then return 0 end
local runs = redis.call('SCARD', started)
local dropped = tonumber(meta[2]) - runs
redis.call('HSET', job, 'state', 'cancelled', 'pending', runs)
redis.call('DECRBY', queued, dropped)
if runs == 0 then
  redis.call('DEL', submissions, started)
  redis.call('EXPIRE', job, meta[5])
  redis.call('EXPIRE', answers, meta[5])
  if redis.call('HINCRBY', test_set, 'users', -1) <= 0 then
    redis.call('EXPIRE', test_set, redis.call('HGET', test_set, 'keep_seconds') or 60)
  end
end
if meta[3] ~= '' then
  redis.call('XADD', meta[3], 'NOMKSTREAM', 'MAXLEN', '~', 20000, '*', 'job', meta[4], 'indices', '')
end
return dropped
"""

# Leases the first popped chunk that nobody holds, reads what it needs and takes up its first submission.
# Answers nothing, or the chunk, its RQ job, of the job what the worker does not hold already, the submissions, and
# what became of the first; the last three are missing when the chunk does not name its job.
TAKE = f"""
{_TAKE_UP}
local intermediate, leases, popped, idle, worker = unpack(KEYS)
local lease_ms, rq_prefix, job_prefix, held_job = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
redis.call('SREM', idle, ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function carried_by(chunk)
  redis.call('ZREM', popped, chunk)
  local expires = redis.call('ZSCORE', leases, chunk)
  if expires and tonumber(expires) > now then return {{}} end
  return redis.call('HGETALL', rq_prefix .. chunk)
end

local chunk, carried = nil, {{}}
while #carried == 0 do
  chunk = redis.call('LPOP', intermediate)
  if not chunk then return false end
  carried = carried_by(chunk)
end
redis.call('ZADD', leases, now + lease_ms, chunk)
redis.call('HSET', worker, 'state', 'busy')

local named = redis.call('HMGET', rq_prefix .. chunk, 'sandbox_job', 'sandbox_indices')
if not named[1] then return {{chunk, carried}} end
local job = job_prefix .. named[1]
local answers, submissions, started = job .. ':answers', job .. ':submissions', job .. ':started'
local state, test_set = unpack(redis.call('HMGET', job, 'state', 'test_set'))
local read = held_job == named[1] and {{'', test_set, ''}} or redis.call('HMGET', job, 'job', 'test_set', 'trace')
local indices = {{}}
for index in string.gmatch(named[2], '%d+') do indices[#indices + 1] = index end
return {{chunk, carried, read, redis.call('HMGET', submissions, unpack(indices)),
        take_up(indices[1], state, job, answers, submissions, started)}}
"""

# Says that a worker lives and what its lane judges, and prolongs the lease of the chunk it works on.
# Answers whether it is this worker's turn to look for what dead ones left: of a thousand, one at a time does.
HEARTBEAT = """
local leases, workers, statuses, lanes, looked = unpack(KEYS)
local worker, lease_ms, status, chunk = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', workers, now + lease_ms, worker)
redis.call('HSET', statuses, worker, status)
redis.call('HSET', lanes, ARGV[5], ARGV[6])
if chunk ~= '' then redis.call('ZADD', leases, 'XX', now + lease_ms, chunk) end
return redis.call('SET', looked, worker, 'NX', 'PX', math.floor(lease_ms / 4)) and 1 or 0
"""

# Takes over the leases that ran out, puts popped chunks that nobody leased back into the queue and
# forgets dead workers. Answers the chunks taken over; the caller holds their leases now.
REAP = """
local leases, popped, workers, statuses, intermediate, queue, idle = unpack(KEYS)
local lease_ms = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for _, worker in ipairs(redis.call('ZRANGEBYSCORE', workers, 0, now)) do
  redis.call('ZREM', workers, worker)
  redis.call('HDEL', statuses, worker)
  redis.call('SREM', idle, worker)
end

for _, chunk in ipairs(redis.call('LRANGE', intermediate, 0, -1)) do
  local seen = redis.call('ZSCORE', popped, chunk)
  if not seen then
    redis.call('ZADD', popped, now, chunk)
  elseif now - tonumber(seen) > lease_ms then
    redis.call('LREM', intermediate, 0, chunk)
    redis.call('ZREM', popped, chunk)
    if redis.call('EXISTS', ARGV[2] .. chunk) == 1 then redis.call('LPUSH', queue, chunk) end
  end
end
for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', popped, 0, now - 10 * lease_ms)) do
  redis.call('ZREM', popped, chunk)
end

local taken = redis.call('ZRANGEBYSCORE', leases, 0, now)
for _, chunk in ipairs(taken) do redis.call('ZADD', leases, now + lease_ms, chunk) end
return taken
"""

# How many of some workers that wait do live; none when there is a chunk that they will take.
IDLE = """
local idle, workers, queue = unpack(KEYS)
if redis.call('LLEN', queue) > 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = 0
for _, worker in ipairs(redis.call('SRANDMEMBER', idle, ARGV[1])) do
  local dies = redis.call('ZSCORE', workers, worker)
  if dies and tonumber(dies) > now then found = found + 1 end
end
return found
"""

# The workers that live, each with its status; asked for in pieces, as Lua unpacks no more than 8,000 values.
WORKERS = """
local workers, statuses = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local living = redis.call('ZRANGEBYSCORE', workers, now, '+inf')
local found = {}
for first = 1, #living, 1000 do
  local piece = redis.call('HMGET', statuses, unpack(living, first, math.min(first + 999, #living)))
  for position = 1, #piece do found[#found + 1] = piece[position] end
end
return found
"""

# Adds what was counted, and moves the seconds a test of a language takes a fifth of the way to what was measured.
# Arguments: how many counts there are, then pairs of a count's name and amount, then of a language and its seconds.
REPORT = """
local counters, costs = unpack(KEYS)
local counts = tonumber(ARGV[1])
for i = 2, 2 * counts, 2 do redis.call('HINCRBYFLOAT', counters, ARGV[i], ARGV[i + 1]) end
for i = 2 * counts + 2, #ARGV, 2 do
  local measured = tonumber(ARGV[i + 1])
  local old = tonumber(redis.call('HGET', costs, ARGV[i])) or measured
  redis.call('HSET', costs, ARGV[i], tostring(old + 0.2 * (measured - old)))
end
return 1
"""
