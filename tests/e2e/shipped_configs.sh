# Every configuration in configs/ is read without complaint. A key at the top level that nobody knows is refused last, after
# every table was read: when it is all the program complains of, the rest is fine.
source "$(dirname "$0")/harness.sh" "$@"

for config in "$source_dir"/configs/*.toml; do
    fails "no_such_key" train "$config" --out run --set no_such_key=1
done
# What the keys say together (this divides that) is checked when a network is made; the published one takes too long here.
for config in "$source_dir"/configs/scenes-*.toml; do
    succeeds init "$config" --out model.safetensors
done
# Sweeps: every combination can be trained.
for sweep in "$source_dir"/configs/sweeps/*.toml; do
    succeeds sweep "$sweep" --dry-run
    has "$out" '^waiting'
done
