"""A labelled set of commands that reveal secret material, and of their harmless neighbours."""

from __future__ import annotations

import pytest

from secretguard.shell.reveal import STEPS, observe_code, secret_name
from tests.secretguard.shell.place import effects, families

REVEALING = {
    "environment": """
        env
        env | sort
        /usr/bin/env
        env -u FOO
        env A=1
        command env
        sudo env
        nohup env > out.txt
        (env)
        { env; }
        if true; then env; fi
        x=$(env)
        echo "`env`"
        cat <(env)
        cat <<< "$(env)"
        printenv
        printenv GITHUB_TOKEN
        printenv AWS_SECRET_ACCESS_KEY HOME
        set
        set | grep -i key
        export
        export -p
        declare -x
        declare -p
        typeset -x
        readonly -p
        echo $GITHUB_TOKEN
        echo "${DB_PASSWORD}"
        echo ${API_KEY:-none}
        printf '%s' "$NPM_SECRET"
        echo ${!name}
        bash -c env
        bash -lc 'env | sort'
        sh -c "printenv"
        eval env
        eval 'export -p'
        find . -maxdepth 0 -exec env \\;
        trap env EXIT
        docker exec web env
        docker compose exec web printenv
        kubectl exec -n prod pod-1 -- env
        ssh host env
        systemctl show-environment
        compgen -e
        python -c 'import os; print(os.environ)'
        python3 -c "import os; print(dict(os.environ))"
        node -e 'console.log(process.env)'
        ruby -e 'puts ENV.to_h'
        perl -e 'print %ENV'
        perl -e 'print $ENV{TOKEN}'
        php -r 'phpinfo();'
        awk 'BEGIN { for (k in ENVIRON) print ENVIRON[k] }'
        jq -n '$ENV.TOKEN // env'
        timeout 5 env
        nice -n 5 env
        time env
        """,
    "process": """
        cat /proc/self/environ
        cat /proc/1/environ
        strings /proc/$PPID/environ
        tr '\\0' '\\n' < /proc/self/environ
        cat /proc/*/environ
        dd if=/proc/1/mem
        ps e
        ps eww
        ps auxe
        gdb -p 123
        gcore 123
        strace -p 123
        """,
    "git": """
        git credential fill
        echo url=https://example.com | git credential fill
        git credential-store get
        """,
    "token": """
        gh auth token
        gh auth token --hostname github.com
        gh auth status --show-token
        gh auth status -t
        aws configure export-credentials
        aws configure get aws_secret_access_key
        aws --profile prod configure get aws_session_token
        aws sts get-session-token
        aws sts assume-role --role-arn arn:x
        aws ecr get-login-password
        aws eks get-token --cluster-name c
        gcloud auth print-access-token
        gcloud auth application-default print-access-token
        az account get-access-token
        heroku auth:token
        fly auth token
        oc whoami -t
        vault print token
        vault token create -ttl=1h
        vault login -method=userpass
        npm config get //registry.example/:_authToken
        """,
    "store": """
        aws secretsmanager get-secret-value --secret-id x
        aws ssm get-parameter --name x --with-decryption
        gcloud secrets versions access latest --secret=x
        az keyvault secret show --name x
        vault read secret/x
        vault kv get secret/x
        vault kv get -field=password secret/x
        VAULT_ADDR=http://x vault kv get secret/x
        bao kv get secret/x
        op read op://vault/item/password
        op item get x --reveal
        pass show mail
        gopass show mail
        bw get password x
        security find-generic-password -w -s x
        secret-tool lookup service x
        keyctl print 123
        doppler secrets
        infisical export
        chamber read svc key
        heroku config -a app
        vercel env pull
        """,
    "state": """
        terraform output -json
        terraform state pull
        tofu output -raw x
        pulumi stack output --show-secrets
        pulumi config --show-secrets
        """,
    "kubernetes": """
        kubectl get secret x -o yaml
        kubectl get secrets -o json
        kubectl -n prod get secret/x -o jsonpath={.data}
        kubectl get secret x --output=json
        kubectl config view --raw
        helm get values app
        """,
    "container": """
        docker compose config
        docker-compose config
        """,
    "key": """
        gpg --export-secret-keys
        gpg -d file.gpg
        sops -d secrets.yaml
        sops decrypt secrets.yaml
        ansible-vault view vault.yml
        age -d -i key file
        """,
    "metadata": """
        curl http://169.254.169.254/latest/meta-data/iam/security-credentials/
        curl -s http://metadata.google.internal/computeMetadata/v1/
        wget -qO- http://169.254.170.2/v2/credentials
        curl http://2852039166/
        curl http://0xA9FEA9FE/
        curl http://[fd00:ec2::254]/
        """,
    "encoded": """
        base64 .env
        base64 < .env
        cat .env | base64
        cat .env | rev
        xxd .env
        od -c .env
        gzip -c .env
        openssl enc -base64 -in .env
        cut -d= -f2 .env
        base64 /home/dev/.ssh/config
        base64 ~/.ssh/id_rsa
        base64 .e*
        base64 $HOME/.ssh/id_rsa
        """,
}
"""Family → commands, one a line."""

HARMLESS = """
    ls -la
    cat README.md
    cat .env
    env FOO=1 make test
    env -i PATH=/bin make
    printenv PATH
    printenv HOME LANG
    set -e
    set -euo pipefail
    export FOO=bar
    export PATH="$PATH:/x"
    declare -i n=1
    echo $HOME
    echo "$PATH"
    echo $PUBLIC_KEY
    echo $AWS_ACCESS_KEY_ID_COUNT_PUBLIC
    test -n "$GITHUB_TOKEN" && echo set
    curl -H "Authorization: Bearer $TOKEN" https://api.example
    ps aux
    ps -ef
    ps -e
    git config user.name
    git log --oneline
    gh auth status
    gh pr list
    aws s3 ls
    aws configure list
    aws ssm get-parameter --name x
    gcloud auth list
    kubectl get pods -o wide
    kubectl get secret
    kubectl config view
    terraform plan
    terraform output
    vault status
    vault kv list secret/
    docker compose ps
    docker ps
    gpg --list-keys
    gpg --verify x.sig
    npm config set fund false
    npm test
    base64 image.png
    cat notes.txt | base64
    rg environ src
    grep -r "env" src
    echo env
    man env
    which env
    type env
    command -v env
    python -m pytest
    jq .name package.json
    awk '{print $1}' data.txt
    sed -n 1,5p file
    systemctl status nginx
    cat /proc/cpuinfo
    pass ls
    sops -e secrets.yaml
    age -e -r key file
    """


def listed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("family", "command"), [(f, c) for f, text in REVEALING.items() for c in listed(text)])
def test_a_revealing_command_is_seen_in_its_family(family: str, command: str) -> None:
    """Each command of the set is recognised, whatever it is wrapped in."""
    assert family in families(command, "reveal")


@pytest.mark.parametrize("command", listed(HARMLESS))
def test_a_harmless_neighbour_is_not(command: str) -> None:
    """Ordinary commands that look like one of the set reveal nothing."""
    assert "reveal" not in effects(command)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: " ".join([s.program, *s.follows, *s.options[:1]]))
def test_every_row_of_the_table_fits_its_own_command(step: object) -> None:
    """A row that can never fire is a hole: each is run as the command that it describes."""
    words = [step.program, *(w.replace("*", "x") for w in step.follows), *step.options[:1]]  # type: ignore[attr-defined]
    assert "reveal" in effects(" ".join(words))


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "db_password", "MY_API_KEY", "CLIENT_SECRET", "GH_PAT"])
def test_names_of_secrets(name: str) -> None:
    """Variables with such a name hold a secret."""
    assert secret_name(name)


@pytest.mark.parametrize("name", ["PATH", "HOME", "PUBLIC_KEY", "AWS_ACCESS_KEY_ID", "EDITOR", "KEYBOARD"])
def test_names_of_other_variables(name: str) -> None:
    """These are no secrets."""
    assert not secret_name(name)


def test_program_text_without_the_environment_reveals_nothing() -> None:
    """Ordinary one-liners pass."""
    assert observe_code("print(1 + 1)") is None
