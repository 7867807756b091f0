-- For wrk: a picture and, in turn, expressions of different length; at the end one line for serve_load.sh.
local file = assert(io.open(os.getenv("PICTURE"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "image/jpeg"
local expressions = {
    "the+red+ball", "the+cube+on+the+left", "biggest+star", "the+small+blue+ring+near+the+heart",
    "green+triangle", "the+ball+left+of+the+cube",
}
local turn = 0

function request()
    turn = turn + 1
    return wrk.format(nil, "/v1/ground?expression=" .. expressions[turn % #expressions + 1])
end

function done(summary, latency)
    local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    print(string.format("RESULT %f %f %f %f %d", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1e3,
        latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, errors))
end
