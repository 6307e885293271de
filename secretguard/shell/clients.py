"""Programs that call other hosts, and where their command lines say which. One row a program; hot path, data alone.

Options stand in one text each, between spaces: looking a word up in it costs a hook less than building sets does.
"""

from __future__ import annotations

URLS, FIRST, EVERY, COPIES, LINKS, IMAGE, DATABASE, HTTPIE, SOCKET, SOCAT, DNS, NOTHING = range(12)
"""What the words that are no options are: URLs with or without a scheme · the first is a host · each is one ·
`host:path` or a path · only what has a scheme counts · container images · a connection URL or `host=` ·
`[METHOD] URL` · host and port in two words · socat's addresses · names to look up and `@server` · no host at all."""


class Client:
    """`words` says what operands are. `hosts` are options whose value names a host, `valued` others that take one.

    `calls` are the subcommands that call at all (empty: every use does), and then `words` counts after them. `unsaid`
    is what is called where the command line names no host; "" where that is then no call. `silent` are options with
    which nothing is called.
    """

    __slots__ = ("calls", "hosts", "silent", "unsaid", "valued", "words")

    def __init__(
        self, words: int, hosts: str = "", valued: str = "", calls: str = "", unsaid: str = "", silent: str = ""
    ) -> None:
        self.words = words
        self.hosts = f" {hosts} "
        self.valued = f" {valued} "
        self.calls = f" {calls} " if calls else ""
        self.unsaid = unsaid
        self.silent = f" --help --version {silent} "


_CURL = Client(
    URLS,
    "-x --proxy --preproxy --url --socks4 --socks4a --socks5 --socks5-hostname --doh-url --proxy1.0 --connect-to "
    "--resolve",
    "-E -K -C -b -c -d -D -F -P -H -m -o -U -Q -r -e -X -Y -y -t -z -T -u -A -w --abstract-unix-socket --alt-svc "
    "--aws-sigv4 --cacert --capath --cert --cert-type --ciphers --config --connect-timeout --continue-at --cookie "
    "--cookie-jar --create-file-mode --crlfile --curves --data --data-ascii --data-binary --data-raw --data-urlencode "
    "--delegation --dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --dump-header --egd-file --engine "
    "--etag-compare --etag-save --expect100-timeout --form --form-string --ftp-account --ftp-alternative-to-user "
    "--ftp-method --ftp-port --ftp-ssl-ccc-mode --happy-eyeballs-timeout-ms --header --hostpubmd5 --hostpubsha256 "
    "--hsts --interface --json --keepalive-time --key --key-type --krb --libcurl --limit-rate --local-port "
    "--login-options --mail-auth --mail-from --mail-rcpt --max-filesize --max-redirs --max-time --netrc-file --noproxy "
    "--oauth2-bearer --output --output-dir --parallel-max --pass --pinnedpubkey --proto --proto-default --proto-redir "
    "--proxy-cacert --proxy-capath --proxy-cert --proxy-cert-type --proxy-ciphers --proxy-crlfile --proxy-header "
    "--proxy-key --proxy-key-type --proxy-pass --proxy-pinnedpubkey --proxy-service-name --proxy-tls13-ciphers "
    "--proxy-user --pubkey --quote --random-file --range --rate --referer --request --request-target --retry "
    "--retry-delay --retry-max-time --sasl-authzid --service-name --speed-limit --speed-time --stderr --telnet-option "
    "--time-cond --tls-max --tls13-ciphers --trace --trace-ascii --unix-socket --upload-file --url-query --user "
    "--user-agent --variable --write-out",
    unsaid="what its configuration names",
    silent="-h -V",
)
_WGET = Client(
    URLS,
    "--base -B",
    "-o -a -e -i -t -O -T -w -Q -P -U -l -A -R -D -I -X --output-document --output-file --append-output --execute "
    "--input-file --tries --timeout --wait --quota --directory-prefix --user-agent --level --accept --reject --domains "
    "--header --post-data --post-file --body-data --body-file --method --user --password --http-user --http-password "
    "--referer --ca-certificate --certificate --private-key --limit-rate --cut-dirs --load-cookies --save-cookies "
    "--max-redirect --bind-address --default-page --config",
    unsaid="what a file names",
    silent="-h -V",
)
_SSH = Client(
    FIRST,
    "-J -W",
    "-B -b -c -D -E -e -F -I -i -L -l -m -O -o -p -P -Q -R -S -w",
    silent="-V -Q -G",
)
_COPY = Client(
    COPIES,
    "-J",
    "-c -F -i -l -o -P -S -D -X -e --rsh -f --exclude --include --filter --files-from --port --password-file --bwlimit "
    "--timeout --chmod --chown --log-file --out-format --partial-dir --backup-dir -T -M -B",
)
_NETCAT = Client(
    SOCKET,
    "-x --proxy",
    "-C -I -i -M -m -O -P -p -q -s -T -V -W -w -X -e -c -g -G -o --exec --sh-exec --source --source-port "
    "--idle-timeout --wait --proxy-type --proxy-auth --output",
    silent="-l -h --listen",
)
_POSTGRES = Client(
    DATABASE,
    "-h --host",
    "-c -f -F -L -l -o -p -P -R -T -t -U -v -j -n -N -S -Z -s -E --command --file --field-separator --log-file "
    "--output --port --pset --record-separator --table-attr --username --set --variable --format --schema --table "
    "--exclude-table --jobs --role",
    unsaid="its configured server",
    silent="-? -V",
)
_MYSQL = Client(
    DATABASE,
    "-h --host",
    "-D -e -P -u -S --database --execute --port --user --socket --protocol --default-character-set --where "
    "--result-file --ignore-table",
    unsaid="its configured server",
    silent="-? -V",
)
_IMAGES = Client(
    IMAGE,
    "-H --host --registry",
    "-c -l --context --config --log-level -u -p --username --password --platform -f --filter --authfile --creds -v "
    "--volume -e --env --publish --name --network --net -w --workdir --user --env-file --mount --entrypoint -h "
    "--hostname --label -m --memory --cpus --restart --add-host --device --gpus --ulimit --cap-add --cap-drop "
    "--security-opt --tmpfs --pull -t --tag --build-arg --file --target --project-name --profile",
    calls="pull push login manifest search copy run create build buildx up",
)
_NPM_CALLS = (
    "install i in add ci publish unpublish view info show audit outdated update up upgrade login logout whoami ping "
    "search deprecate owner access token team org dist-tag create init exec dlx x star"
)
_NPM = Client(
    LINKS,
    "--registry --proxy --https-proxy",
    "--prefix -w --workspace --tag --userconfig --cache -C --dir -F --filter --otp --access --loglevel --before",
    calls=_NPM_CALLS,
    unsaid="its configured registry",
    silent="--offline -h -v",
)
_PIP = Client(
    LINKS,
    "-i --index-url --extra-index-url -f --find-links --proxy --index --default-index",
    "-r -c -t -e --requirement --constraint --target --editable --platform --python-version --implementation --abi "
    "--prefix --root --cert --client-cert --cache-dir --log --timeout --retries --trusted-host --no-binary "
    "--only-binary --python --with -p --from --spec --group --extra --build-constraint",
    calls="install download wheel index search add sync lock run tool update upgrade publish inject self build upload "
    "reinstall",
    unsaid="its configured package index",
    silent="--no-index --offline -h -V",
)
_TWINE = Client(
    LINKS,
    "--repository-url",
    "-u -p -r --username --password --repository --cert --config-file",
    calls="upload register",
    unsaid="its configured package index",
)
_GH = Client(
    LINKS,
    "--hostname",
    "-R --repo -X --method -F -f --field --raw-field -H --header -q --jq -t --template -b --body -B --base --title "
    "-l --label -a --assignee --input --json -L --limit -F --body-file",
    calls="api auth browse cache codespace cs copilot attestation gist issue label org pr project release repo ruleset "
    "run search secret ssh-key gpg-key status variable workflow mr ci snippet variable",
    unsaid="the forge that it is configured for",
)
_CLOUD = Client(
    LINKS,
    "--endpoint-url --endpoint --api-endpoint-overrides",
    "--region --profile --output --query --project --account --configuration --subscription --resource-group -g -n "
    "--name --cli-input-json --ca-bundle",
    calls="*",
    unsaid="its configured endpoint",
    silent="-h",
)
_KUBERNETES = Client(
    LINKS,
    "-s --server --kube-apiserver --repo",
    "-n --namespace --context --cluster --kubeconfig --user --token -f --filename -l --selector -o --output -c "
    "--container -p --patch --as --as-group --kube-context --values --set --version --tail --since --timeout -k",
    calls="*",
    unsaid="its configured cluster",
    silent="-h --client",
)
_VAULT = Client(
    LINKS,
    "-address -agent-address",
    "-namespace -field -format -method -path -ca-cert -client-cert -client-key",
    calls="*",
    unsaid="its configured server",
    silent="-h -help -v",
)
_REDIS = Client(
    LINKS,
    "-h -u",
    "-p -a -n -r -i -d -D --user --pass --cert --key --cacert --sni -s",
    unsaid="its configured server",
    silent="-v",
)
_MONGO = Client(
    LINKS,
    "--host",
    "-u -p --username --password --port --eval --db -d -c --collection -o --out --authenticationDatabase -f --file -q "
    "--query",
    unsaid="its configured server",
)
_INFRASTRUCTURE = Client(
    LINKS,
    "",
    "-var -var-file -target -out -backend-config",
    calls="init plan apply destroy refresh import get login providers",
    unsaid="its configured providers",
    silent="-help -version",
)
_PACKAGES = Client(
    LINKS,
    "--registry --index --source -s --repo",
    "-C --manifest-path --features --git --branch --tag --rev -v --version -f --from-file -t -o -c",
    calls="install update upgrade add get fetch publish download mod push yank search bundle outdated require "
    "create-project dist-upgrade full-upgrade makecache tap owner login",
    unsaid="its configured package source",
    silent="--offline --local --no-download",
)

CLIENTS = {
    "curl": _CURL,
    "wget": _WGET, "wget2": _WGET,
    "aria2c": Client(LINKS, "--all-proxy --http-proxy --https-proxy", "-o -d -i -x -s -j -l"),
    "http": Client(HTTPIE, "--proxy", "-a -A -p -o --auth --auth-type --session --timeout --verify --print --output"),
    "https": Client(HTTPIE, "--proxy", "-a -A -p -o --auth --auth-type --session --timeout --verify --print --output"),
    "xh": Client(HTTPIE, "--proxy", "-a -A -p -o --auth --auth-type --session --timeout --verify --print --output"),
    "ssh": _SSH, "autossh": _SSH, "mosh": _SSH, "ssh-copy-id": _SSH, "sftp": _SSH,
    "ssh-keyscan": Client(EVERY, "", "-f -p -T -t"),
    "scp": _COPY, "rsync": _COPY, "sshfs": _COPY,
    "ftp": Client(FIRST), "lftp": Client(FIRST, "", "-e -u -p -f -c"), "tftp": Client(FIRST),
    "nc": _NETCAT, "ncat": _NETCAT, "netcat": _NETCAT, "telnet": Client(SOCKET, "", "-l -n -b -e"),
    "socat": Client(SOCAT),
    "openssl": Client(NOTHING, "-connect -host -proxy", "", calls="s_client"),
    "ping": Client(FIRST, "", "-c -i -s -t -W -w -I -Q -p -l -m"), "traceroute": Client(FIRST, "", "-f -m -p -q -w"),
    "tracepath": Client(FIRST, "", "-l -m -p"), "mtr": Client(FIRST, "", "-c -i -s -m"),
    "whois": Client(NOTHING, "-h --host", "-p", unsaid="a registry of names"),
    "nmap": Client(EVERY, "", "-p -T -iL -oN -oX -oG -oA -e -S -g --script --script-args --top-ports"),
    "dig": Client(DNS, "", "-b -c -f -k -p -q -t -x -y"), "nslookup": Client(DNS), "host": Client(DNS, "", "-t -c -W"),
    "psql": _POSTGRES, "pg_dump": _POSTGRES, "pg_dumpall": _POSTGRES, "pg_restore": _POSTGRES, "pgbench": _POSTGRES,
    "createdb": _POSTGRES, "dropdb": _POSTGRES, "pg_isready": _POSTGRES, "vacuumdb": _POSTGRES,
    "mysql": _MYSQL, "mariadb": _MYSQL, "mysqldump": _MYSQL, "mariadb-dump": _MYSQL, "mysqladmin": _MYSQL,
    "redis-cli": _REDIS, "valkey-cli": _REDIS,
    "mongosh": _MONGO, "mongo": _MONGO, "mongodump": _MONGO, "mongorestore": _MONGO, "mongoexport": _MONGO,
    "etcdctl": Client(NOTHING, "--endpoints", "--cacert --cert --key --user", unsaid="its configured server"),
    "docker": _IMAGES, "podman": _IMAGES, "nerdctl": _IMAGES, "buildah": _IMAGES, "skopeo": _IMAGES, "crane": _IMAGES,
    "npm": _NPM, "pnpm": _NPM, "yarn": _NPM, "bun": _NPM,
    "npx": Client(LINKS, "--registry", "-p --package -c", unsaid="its configured registry", silent="--offline"),
    "pip": _PIP, "pip3": _PIP, "uv": _PIP, "pipx": _PIP, "poetry": _PIP, "pipenv": _PIP, "pdm": _PIP, "hatch": _PIP,
    "uvx": Client(LINKS, "--index --default-index", "--with --from -p", unsaid="its configured package index"),
    "twine": _TWINE,
    "gh": _GH, "glab": _GH,
    "aws": _CLOUD, "az": _CLOUD, "gcloud": _CLOUD, "gsutil": _CLOUD, "doctl": _CLOUD, "flyctl": _CLOUD, "s3cmd": _CLOUD,
    "rclone": _CLOUD, "mc": _CLOUD, "heroku": _CLOUD, "vercel": _CLOUD, "netlify": _CLOUD, "wrangler": _CLOUD,
    "kubectl": _KUBERNETES, "oc": _KUBERNETES, "helm": _KUBERNETES, "k9s": _KUBERNETES,
    "vault": _VAULT, "bao": _VAULT,
    "terraform": _INFRASTRUCTURE, "tofu": _INFRASTRUCTURE, "pulumi": _INFRASTRUCTURE,
    "cargo": _PACKAGES, "gem": _PACKAGES, "bundle": _PACKAGES, "go": _PACKAGES, "composer": _PACKAGES,
    "apt": _PACKAGES, "apt-get": _PACKAGES, "apk": _PACKAGES, "dnf": _PACKAGES, "yum": _PACKAGES, "brew": _PACKAGES,
    "mail": Client(NOTHING, unsaid="its configured mail server"),
    "sendmail": Client(NOTHING, unsaid="its configured mail server"),
}  # fmt: skip
"""Program → its client. git, whose subcommands differ more, is read by `hosts.py` itself."""

LOCAL_CALLS = " config configure completion help version alias extension plugin explain kustomize template lint "
"""Subcommands that call nobody, of programs whose others all do (`calls` is `*`)."""

LOCAL = (
    " echo printf cat tac head tail less more grep egrep fgrep rg ag sed awk gawk mawk nawk jq yq tr cut sort uniq wc "
    "ls stat file test [ [[ true false cd pushd popd cp mv mkdir touch tee diff cmp find tree set export declare local "
    "readonly unset alias read type which command man sleep date comm paste fold column basename dirname realpath "
    "readlink rm ln chmod chown patch base64 xxd od hexdump sha256sum md5sum tar zip unzip gzip gunzip vi vim nano "
)
"""Programs that call nobody: a URL among their words is text."""
