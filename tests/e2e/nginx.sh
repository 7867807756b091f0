# deploy/nginx.conf, with other ports and a certificate of its own, in front of a real server: TLS, limits, what is not for the outside.
source "$(dirname "$0")/harness.sh" "$@"
source "$source_dir/tests/e2e/serving.sh"
for needed in nginx openssl; do
    if ! PATH=$PATH:/usr/sbin command -v $needed >/dev/null; then
        echo "SKIPPED: there is no $needed; tools/setup.sh deploy installs it"
        exit 77
    fi
done
PATH=$PATH:/usr/sbin

start_server --threads 1
name=vglaw.example.org
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" 2>/dev/null
plain=$(free_port) tls=$(free_port)
sed -E -e "s,127\.0\.0\.1:8080,127.0.0.1:$port," -e "s,/etc/letsencrypt/live/[^/]*/fullchain.pem,$folder/certificate.pem," \
    -e "s,/etc/letsencrypt/live/[^/]*/privkey.pem,$folder/key.pem," \
    -e "s,listen (\[::\]:)?80;,listen 127.0.0.1:$plain;," -e "s,listen (\[::\]:)?443 ,listen 127.0.0.1:$tls ," "$source_dir/deploy/nginx.conf" |
    awk '!/listen/ || !seen[$0]++' >site.conf # both families became one address
mkdir temporary
cat >nginx.conf <<CONF
daemon off;
pid $folder/nginx.pid;
error_log $folder/error.log;
worker_processes 1;
events { worker_connections 256; }
http {
    access_log $folder/access.log;
    client_body_temp_path $folder/temporary/body;
    proxy_temp_path $folder/temporary/proxy;
    fastcgi_temp_path $folder/temporary/fastcgi;
    uwsgi_temp_path $folder/temporary/uwsgi;
    scgi_temp_path $folder/temporary/scgi;
    include $folder/site.conf;
}
CONF
chmod 755 "$folder" # its workers have another user
nginx -t -c "$folder/nginx.conf" -p "$folder" >test.txt 2>&1 || die "nginx refuses deploy/nginx.conf: $(cat test.txt)"
! grep -q warn test.txt || die "nginx warns of deploy/nginx.conf: $(cat test.txt)"
nginx -c "$folder/nginx.conf" -p "$folder" >nginx.out 2>&1 &
nginx=$!
trap '[[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true; kill "$nginx" 2>/dev/null || true; wait "$nginx" 2>/dev/null || true; rm -rf "$folder"' EXIT

ask() { # PATH [CURL OPTION...]: over TLS, the certificate checked
    local path=$1
    shift
    curl -sS --max-time 30 --cacert certificate.pem --resolve "$name:$tls:127.0.0.1" "https://$name:$tls$path" "$@"
}
for ((i = 0; i < 200; ++i)); do
    if ask /healthz >/dev/null 2>&1; then break; fi
    sleep 0.05
done
status() { ask "$@" -o /dev/null -w '%{http_code}'; }
[[ $(status /healthz) == 200 ]] || die "no way through: $(cat error.log)"
[[ $(curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' -H "Host: $name" "http://127.0.0.1:$plain/x?y=1") == "301 https://$name/x?y=1" ]] ||
    die "plain HTTP is not sent to TLS"
ask / -D head.txt >page.html
cmp page.html "$source_dir/vglaw/serve/page/index.html" || die "the page is another behind nginx"
has head.txt '^[Ss]trict-[Tt]ransport-[Ss]ecurity: max-age='
! grep -iE '^server: nginx/' head.txt || die "nginx tells its version"

# A grounding goes through whole, and is the one that the server gives without it.
ask /v1/ground -F "image=@$photo" -F "expression=the red ball" >through.json
curl -sS "$url/v1/ground" -F "image=@$photo" -F "expression=the red ball" >straight.json
part() { sed -E 's/"(milliseconds|request_id)":(\{[^}]*\}|"[^"]*"),?//g' "$1"; }
cmp <(part through.json) <(part straight.json) || die "another answer through nginx"

# Too large: refused, by nginx or by the server; and what the server takes, nginx lets through.
limit=$(sed -nE 's/.*client_max_body_size ([0-9]+)m;/\1/p' "$source_dir/deploy/nginx.conf")
head -c $(((limit + 1) << 20)) /dev/zero >large.bin
[[ $(status /v1/ground -F "image=@large.bin" -F "expression=x") == 413 ]] || die "a body over the limit is not answered with 413"
head -c 3000000 /dev/zero >medium.bin
[[ $(status /v1/ground -F "image=@medium.bin" -F "expression=x") =~ ^(400|415|422)$ ]] || die "3 MB do not reach the server"

# Not for the outside: here every client is this machine, so the rule is turned round.
[[ $(status /metrics) == 200 ]] || die "this machine's monitoring is refused"
sed -i -E 's/allow (127\.0\.0\.1|::1);//' site.conf
kill -HUP "$nginx"
for path in /metrics /readyz; do
    # The worker with the old rules goes on answering for a moment.
    for ((i = 0, refused = 0; i < 400 && refused < 5; ++i)); do
        if [[ $(status $path) == 403 ]]; then ((++refused)); else refused=0; fi
    done
    ((refused == 5)) || die "$path is open to the outside"
done
[[ $(status /healthz) == 200 ]] || die "everything is closed"

# Too fast: 429 for who asks without pause.
ask '/healthz?[1-400]' -o /dev/null -w '%{http_code}\n' >codes.txt
has codes.txt '^429$'
has codes.txt '^200$'

# The server is gone: said at once, not hung.
stop_server
sleep 1 # the rate's burst
[[ $(status /v1/models) == 502 ]] || die "a server that is gone is not answered with 502"
