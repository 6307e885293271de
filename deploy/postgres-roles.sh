#!/bin/sh
# Run by the PostgreSQL image when its data folder is new: the role that the service logs in as. It owns nothing;
# `broker store setup` gives it what it needs. psql quotes the password; it is on no command line.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/postgres_service`
CREATE ROLE broker_service LOGIN PASSWORD :'password';
SQL
