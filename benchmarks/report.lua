-- What wrk has counted, as one line of JSON; times in microseconds.
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nREPORT {"requests": %d, "duration": %d, "mean": %.1f, "p50": %.1f, "p99": %.1f, "max": %.1f, "connect": %d, '
            .. '"read": %d, "write": %d, "timeout": %d, "status": %d}\n',
        summary.requests, summary.duration, latency.mean, latency:percentile(50), latency:percentile(99), latency.max,
        errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
