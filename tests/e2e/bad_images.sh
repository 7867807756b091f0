# Pictures that cannot be used: one clear line each, exit code 1, nothing left behind.
source "$(dirname "$0")/harness.sh" "$@"

tiny_model tiny.safetensors
try() { # WORD PICTURE
    fails "$1" ground "$2" "the red ball" --model tiny.safetensors --out overlay.png --mask mask.png
}
try no-such-file.jpg no-such-file.jpg
head -c "$(($(stat -c %s "$photo") / 2))" "$photo" >half.jpg
try half.jpg half.jpg
head -c "$(($(stat -c %s "$drawing") / 2))" "$drawing" >half.png
try half.png half.png
: >empty.png
try empty.png empty.png
echo "this is a text" >text.png
try text.png text.png
mkdir folder.png
try folder.png folder.png

# Headers that promise 60,000 x 60,000 pixels. The PNG's checksum is right, so that its size is what is refused.
chunk() { # TYPE, data on stdin: length, type, data, CRC-32 (gzip's trailer holds it, lowest byte first)
    local data
    data=$(od -An -v -tx1 | tr -d ' \n')
    local crc
    crc=$(printf '%b' "$(printf '%s' "$(printf '%s' "$1" | od -An -tx1 | tr -d ' \n')$data" | sed 's/../\\x&/g')" |
        gzip -c | tail -c 8 | head -c 4 | od -An -tx1 | awk '{ print $4 $3 $2 $1 }')
    printf '%b' "$(printf '%08x' "$((${#data} / 2))" | sed 's/../\\x&/g')"
    printf '%s' "$1"
    printf '%b' "$(printf '%s' "$data$crc" | sed 's/../\\x&/g')"
}
{
    printf '\x89PNG\r\n\x1a\n'
    printf '\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0' | chunk IHDR
    printf '\x78\x9c\x03\0\0\0\0\x01' | chunk IDAT
    printf '' | chunk IEND
} >huge.png
try huge.png huge.png
has "$err" 60000
{
    printf '\xff\xd8'
    printf '\xff\xc0\0\x11\x08\xea\x60\xea\x60\x03\x01\x11\0\x02\x11\0\x03\x11\0'
    printf '\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0\0\xff\xd9'
} >huge.jpg
try huge.jpg huge.jpg
