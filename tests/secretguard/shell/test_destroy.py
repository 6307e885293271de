"""A labelled set of commands that cannot be undone, and of ordinary work beside them."""

from __future__ import annotations

import pytest

from secretguard.shell.analyse import analyse
from secretguard.shell.destroy import STEPS
from secretguard.shell.words import Place
from tests.secretguard.shell.place import effects, is_secret
from tests.secretguard.shell.test_reveal import listed

DESTROYING = """
    rm -rf /
    rm -rf /*
    rm -rf ~
    rm -rf ~/
    rm -rf "$HOME"
    rm -rf $HOME/Documents
    rm -rf ${HOME}
    rm -fr /home/dev
    rm -r -f ../other
    rm -rf ..
    rm -rf .
    rm -rf ./
    rm -rf *
    rm -rf ./*
    rm -rf /w/project
    rm -rf /w/project/
    rm -rf .git
    rm -rf "$DIR"
    rm -rf $DIR/
    rm -rf $(pwd)
    rm -rf `pwd`
    rm -rf -- /etc
    rm --recursive --force /etc
    sudo rm -rf /var/lib/postgresql
    sudo -u root rm -rf /srv
    rm /etc/passwd
    rm ~/.ssh/known_hosts
    cd / && rm -rf tmp
    cd .. && rm -rf src
    cd "$X" && rm -rf build
    (cd /; rm -rf home)
    bash -c 'rm -rf /'
    bash -c "rm -rf $X"
    sh -c 'cd / && rm -rf *'
    eval "rm -rf /"
    find / -name '*.log' -delete
    find . -delete
    find ~ -type f -delete
    find . -name x -exec rm -rf / {} +
    find / -name core -exec rm -f {} ;
    xargs rm -rf < list.txt
    ls | xargs rm -rf
    ssh host 'rm -rf /srv/data'
    docker exec db rm -rf /var/lib/postgresql
    timeout 10 rm -rf /
    env X=1 rm -rf /
    nohup rm -rf / &
    command rm -rf /
    \\rm -rf /
    'rm' -rf /
    r"m" -rf /
    $'rm' -rf /
    $'\\x72m' -rf /
    /bin/rm -rf /
    chmod -R 777 /
    chown -R me ~
    truncate -s 0 /etc/hosts
    shred -u key
    dd if=/dev/zero of=/dev/sda
    echo x > /dev/sda
    mkfs.ext4 /dev/sdb1
    wipefs -a /dev/sdb
    git reset --hard
    git reset --hard HEAD~3
    git -C sub reset --hard
    git -c core.x=1 reset --hard origin/main
    git clean -fd
    git clean -xdf
    git clean --force
    git checkout .
    git checkout -- .
    git checkout -- src/a.py
    git checkout HEAD~1 .
    git checkout -f main
    git restore .
    git restore --staged --worktree .
    git push --force
    git push -f origin main
    git push --force-with-lease
    git push origin +main
    git push origin :branch
    git push --delete origin branch
    git push --mirror
    git branch -D feature
    git stash drop
    git stash clear
    git reflog expire --expire=now --all
    git gc --prune=now
    git filter-branch --tree-filter x
    git filter-repo --path x
    git update-ref -d refs/heads/x
    git worktree remove --force ../x
    psql -c 'DROP TABLE users'
    psql -c "drop   database prod"
    psql <<< "TRUNCATE users;"
    mysql -e 'DELETE FROM users'
    sqlite3 a.db 'drop table x'
    mongosh --eval 'db.dropDatabase()'
    redis-cli FLUSHALL
    redis-cli -n 1 flushdb
    dropdb prod
    rails db:reset
    python manage.py flush
    alembic downgrade base
    npx prisma migrate reset
    terraform destroy
    terraform -chdir=x destroy
    terraform apply -auto-approve
    terraform state rm x
    pulumi destroy --yes
    kubectl delete ns prod
    kubectl -n prod delete pod x
    kubectl drain node
    helm uninstall app
    aws s3 rb s3://b --force
    aws s3 rm s3://b/x --recursive
    aws ec2 terminate-instances --instance-ids i
    aws rds delete-db-instance --db-instance-identifier x
    aws kms schedule-key-deletion --key-id x
    gcloud compute instances delete x
    gcloud projects delete x
    az group delete -n x
    az vm delete -n x
    gsutil rm -r gs://b
    docker system prune -af
    docker volume rm x
    docker compose down -v
    npm publish
    npm unpublish x
    cargo publish
    twine upload dist/*
    gh repo delete x
    vault kv destroy -versions=1 secret/x
    vault secrets disable kv
    vault lease revoke -prefix aws/
    crontab -r
    shutdown now
    rsync -a --delete a/ b/
    python -c 'import shutil; shutil.rmtree("/")'
    node -e 'fs.rmSync("/", {recursive: true})'
    """

ORDINARY = """
    rm file.txt
    rm -f build/out.o
    rm *.pyc
    rm -rf build
    rm -rf ./build dist node_modules
    rm -rf /w/project/build
    rm -rf build/*
    rm -rf "src/old name"
    cd src && rm -rf __pycache__
    rm -rf /tmp/scratch
    rmdir empty
    find . -name '*.pyc' -delete
    find build -type d -empty -delete
    find . -name x -exec grep foo {} +
    chmod -R u+w build
    chmod 600 key
    mv a b
    cp -r a b
    truncate -s 0 log.txt
    echo x > file
    dd if=a of=b
    git reset
    git reset --soft HEAD~1
    git reset HEAD file
    git clean -n
    git checkout main
    git checkout -b feature
    git restore --staged file
    git restore --staged .
    git push
    git push origin main
    git push -u origin feature
    git branch -d merged
    git branch --list
    git stash
    git stash pop
    git rebase main
    git commit -am "reset --hard and push --force"
    git log --grep="push --force"
    git worktree add ../x
    psql -c 'select 1'
    psql -c "delete from users where id = 1"
    sqlite3 a.db '.tables'
    redis-cli GET x
    terraform plan
    terraform apply
    terraform fmt
    kubectl get pods
    kubectl apply -f x.yaml
    helm upgrade app .
    aws s3 ls
    aws ec2 describe-instances
    gcloud compute instances list
    docker system df
    docker compose down
    docker rm container
    npm install
    npm run publish-docs
    npm test
    cargo build
    gh pr create
    vault kv put secret/x a=b
    crontab -l
    rsync -a a/ b/
    echo rm -rf /
    echo "git reset --hard"
    grep -r 'rm -rf' .
    printf '%s' 'drop table x'
    make clean
    python manage.py migrate
    """


@pytest.mark.parametrize("command", listed(DESTROYING))
def test_what_cannot_be_undone_is_seen(command: str) -> None:
    """Each command of the set is recognised, whatever it is wrapped in and however it is quoted."""
    assert "destroy" in effects(command)


@pytest.mark.parametrize("command", listed(ORDINARY))
def test_ordinary_work_is_not(command: str) -> None:
    """Deleting inside the project, and commands that only mention destruction, pass."""
    assert "destroy" not in effects(command)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: " ".join([s.program, *s.follows, *s.options[:1]]))
def test_every_row_of_the_table_fits_its_own_command(step: object) -> None:
    """A row that can never fire is a hole: each is run as the command that it describes."""
    words = [step.program, *(w.replace("*", "x") for w in step.follows), *step.options[:1]]  # type: ignore[attr-defined]
    assert "destroy" in effects(" ".join(words))


def test_a_temporary_directory_that_holds_the_home_is_not_scratch() -> None:
    """`/tmp` may be emptied freely, but not where the person lives below it."""
    place = Place("/tmp/x/home/project", "/tmp/x/home/project", "/tmp/x/home")
    found = analyse("rm -rf /tmp/x/other", place, is_secret)
    assert [o.effect for o in found.observations] == ["destroy"]
