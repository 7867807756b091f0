# Configurations that cannot be used: the key is named, and for an unknown one the nearest known.
source "$(dirname "$0")/harness.sh" "$@"

try() { # WORD TOML
    printf '%s\n' "$2" >config.toml
    fails "$1" train config.toml --out run
}
try law.kind $'[law]\nkind = 3'
try lowrank $'[law]\nkind = "lowrnk"'
try law.rank $'[law]\nrank = "big"'
try law.rank $'[law]\nrank = 0'
try text.layers $'[text]\nlayers = 2.5'
try vision.depth $'[vision]\ndepth = 1000000'
try law.rank $'[law]\nrnk = 8'
try vision.patch $'[image]\nsize = 100'
try vision.global_blocks $'[vision]\nglobal_blocks = [1, "two"]'
try config.toml:2 $'[law]\nrank = = 3'
try "a table" 'law = 3'
try law $'[lwa]\nrank = 3'
fails law init config.toml --seed 1 --out model.safetensors
fails no-such.toml train no-such.toml --out run
fails train.batch train "$tiny" --out run --set train.batch=0
fails key=value train "$tiny" --out run --set train.batch
fails data.refer.root train "$tiny" --out run --set data.source=refer
misused train
misused init "$tiny"
succeeds train --keys
has "$out" 'law\.rank'
