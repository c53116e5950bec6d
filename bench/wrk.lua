-- Prints what wrk counted as one line of JSON. Arguments after `--`: a file with
-- the body of a POST.
function init(args)
  if args[1] then
    wrk.method = "POST"
    wrk.body = io.open(args[1]):read("*a")
    wrk.headers["Content-Type"] = "application/json"
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"us":%d,"p50":%d,"p99":%d,"max":%d,"failed":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    latency.max,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
