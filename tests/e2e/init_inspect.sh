# A model with random weights can be written and looked at; the same seed gives the same bytes.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model a.safetensors --active
tiny_model b.safetensors --active
succeeds inspect a.safetensors --json --tensors
has "$out" '"dtype": "F32"'
cmp a.safetensors b.safetensors || die "one seed, two files"
tiny_model c.safetensors
! cmp -s a.safetensors c.safetensors || die "--active changed nothing"

succeeds inspect a.safetensors
has "$out" '^weight_generator +[0-9]+ +[0-9]+'
succeeds inspect a.safetensors --tensors
has "$out" '^weight_generator\.P +F32 +\[96, 4\]$'
succeeds inspect a.safetensors --json
has "$out" '"kind": "lowrank"'

misused init "$tiny" --seed -1 --out d.safetensors

tiny_model passive.safetensors --set law.kind=none
succeeds inspect passive.safetensors --tensors
! grep -q weight_generator "$out" || die "a passive model has a weight generator"
