# A server for an end-to-end test. Sourced after harness.sh.
#     start_server OPTION...    sets $port, $url and $server, its process; returns when it is ready
server=
trap '[[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
command -v curl >/dev/null || { echo "SKIPPED: there is no curl"; exit 77; }

free_port() { # one that nobody listens on now
    local candidate
    while true; do
        candidate=$((20000 + RANDOM % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}
port=$(free_port) url=http://127.0.0.1:$port

start_server_as() { # COMMAND...: on $port
    "$@" >>server.log 2>&1 </dev/null &
    server=$!
    local i
    for ((i = 0; i < 600; ++i)); do
        if curl -sf --max-time 5 -o /dev/null "$url/readyz"; then return; fi
        kill -0 "$server" 2>/dev/null || die "the server ended: $(tail -3 server.log)"
        sleep 0.05
    done
    die "the server does not get ready: $(tail -3 server.log)"
}
start_server() { start_server_as "$vglaw" serve --port "$port" --model "$source_dir/models/scenes-small.safetensors" "$@"; }
stop_server() { # as a service manager does
    local rc=0
    kill -TERM "$server"
    wait "$server" || rc=$?
    server=
    [[ $rc -eq 0 ]] || die "the server ended with $rc: $(tail -3 server.log)"
}
