# Sourced: two processes of one training on this machine, as a launcher starts them.
# Below what the kernel hands out by itself (32768 up), where servers under test live; sixteen of its own for each script.
port=$((20000 + $$ * 16 % 12000))

# ranks OUT ARGUMENT...: trains on two ranks; their exit codes are in rc0 and rc1, what they say in rankN.err.
# rank0=(...) and rank1=(...) hold further arguments of one rank alone; rank1.pid is the second one's process.
rank0=() rank1=()
ranks() {
    local to=$1
    shift
    WORLD_SIZE=2 RANK=1 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$vglaw" train "$tiny" --out "$to" "$@" "${rank1[@]}" >rank1.out 2>rank1.err &
    local other=$!
    echo "$other" >rank1.pid
    rc0=0 rc1=0
    WORLD_SIZE=2 RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$vglaw" train "$tiny" --out "$to" "$@" "${rank0[@]}" >rank0.out 2>rank0.err || rc0=$?
    wait "$other" || rc1=$?
    port=$((port + 1))
}

# Leaves the test when this LibTorch came without Gloo's headers.
needs_gloo() {
    ! grep -q 'no Gloo' <(WORLD_SIZE=2 RANK=0 MASTER_ADDR=x MASTER_PORT=1 "$vglaw" train "$tiny" --out none \
        --set train.rendezvous_timeout=1 2>&1) || { echo "SKIPPED: this build has no Gloo"; exit 77; }
}

# after_step_2 SIGNAL: sends it to rank 1 once rank 0 has said that it did two steps. To be started in the background.
after_step_2() {
    for ((i = 0; i < 600; ++i)); do
        if grep -q '^step 2/' rank0.err 2>/dev/null; then
            kill "-$1" "$(<rank1.pid)"
            return
        fi
        sleep 0.1
    done
}
