#!/bin/sh
# Makes Easel's own user and database on a new PostgreSQL server: a user who may log in, owns that database and
# nothing else. Run by the server's superuser; the password comes in EASEL_PASSWORD.
set -eu
: "${EASEL_PASSWORD:?of the new user}"
psql -v ON_ERROR_STOP=1 --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv password EASEL_PASSWORD
CREATE ROLE easel LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE easel OWNER easel;
REVOKE ALL ON DATABASE easel FROM PUBLIC;
SQL
