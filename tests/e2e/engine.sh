# The engine against LibTorch on the real program, and vglaw bench.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors --active

# --backend check runs both, says how far apart they are at every stage, and fails beyond the tolerances.
succeeds ground "$photo" "the red ball" "the cube on the left" --model tiny.safetensors --backend check --json
[[ $(wc -l <"$out") -eq 2 ]] || die "--backend check still answers"
for stage in "token attention" "pool attention" "box" "mask logits"; do has "$err" "^check: $stage .* allowed 1e-0[34]$"; done
succeeds ground "$source_dir/docs/images/demo.png" "the small red ball left of the blue cube" \
    --model "$source_dir/models/scenes-small.safetensors" --backend check
for backend in engine torch; do
    succeeds ground "$photo" "the red ball" --model tiny.safetensors --backend $backend --json
    sed -E 's/"milliseconds.*//' "$out" >"$backend.json"
done
# Boxes agree to a ten-thousandth of the canvas, of which the picture is a part: 0.1 px of a picture under 1000 px.
box() { sed -E 's/.*"box":\[([^]]*)\].*/\1/' "$1" | tr ',' ' '; }
{ box engine.json; box torch.json; } | awk 'NR == 1 { split($0, first) }
    NR == 2 { for (i = 1; i <= 4; ++i) { d = $i - first[i]; if (d < 0) d = -d; if (NF != 4 || d > 0.1) exit 1 } }
    END { exit NR != 2 }' || die "two backends, two answers: $(cat engine.json torch.json)"

# oneDNN leaves undone what threads that never came should have done: whatever the environment says of teams, the answer is the same.
shipped=(ground "$source_dir/docs/images/demo.png" "the small red ball left of the blue cube" --json --threads 2 --backend engine)
succeeds "${shipped[@]}"
box "$out" >wanted
for environment in OMP_DYNAMIC=true OMP_THREAD_LIMIT=1 OMP_MAX_ACTIVE_LEVELS=0; do
    env "$environment" "$vglaw" "${shipped[@]}" >"$out" 2>"$err" || die "$environment: $(cat "$err")"
    { cat wanted; box "$out"; } | awk 'NR == 1 { split($0, first) }
        NR == 2 { for (i = 1; i <= 4; ++i) { d = $i - first[i]; if (d < 0) d = -d; if (NF != 4 || d > 0.01) exit 1 } }
        END { exit NR != 2 }' || die "with $environment another answer: $(cat wanted; box "$out")"
done

# The passive baseline and every pooling.
for change in law.kind=none box_head.pool=mean box_head.pool=max; do
    tiny_model other.safetensors --active --set $change
    succeeds ground "$photo" "the red ball" --model other.safetensors --backend check
done

succeeds bench --model tiny.safetensors --runs 3 --tokens 5 --expressions 2
has "$out" '^median [0-9.]+ ms, p10'
has "$out" 'fused multiply-adds at best [0-9.]+ GFLOP/s'
succeeds bench --model tiny.safetensors --runs 3 --tokens 5 --json
has "$out" '"milliseconds":\{"median":[0-9.e-]+,.*"stages_ms":\{"text":'
succeeds bench --model tiny.safetensors --runs 3 --tokens 5 --picture "$photo" --expressions 3
has "$out" '^3 expressions .* on rgb.jpg, from its bytes'
succeeds bench --model tiny.safetensors --runs 2 --tokens 5 --backend torch --json
fails "--backend check" bench --model tiny.safetensors --backend check --tokens 5
fails "none.png" bench --model tiny.safetensors --tokens 5 --picture none.png
fails "text.max_tokens" bench --model tiny.safetensors --tokens 500
misused bench --model tiny.safetensors --runs 0
