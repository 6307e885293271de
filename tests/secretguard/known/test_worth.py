"""Which settings are secrets, on the files that real projects have."""

from __future__ import annotations

import pytest

from secretguard.detect.made_up import alnum, base64, hexadecimal
from secretguard.known.worth import STRONG, WEAK, strength, words_of

# pragma: allowlist begin secret
HARMLESS = """
APP_NAME=Laravel
APP_ENV=local
APP_DEBUG=true
APP_URL=http://localhost:8000
APP_TIMEZONE=Europe/Berlin
LOG_CHANNEL=stack
LOG_LEVEL=debug
DB_CONNECTION=mysql
DB_HOST=127.0.0.1
DB_PORT=3306
DB_DATABASE=laravel_production_2
DB_USERNAME=application_user
BROADCAST_DRIVER=log
CACHE_DRIVER=file
SESSION_LIFETIME=120
MEMCACHED_HOST=memcached.internal.example.net
REDIS_PASSWORD=null
REDIS_URL=redis://cache.internal:6379/0
MAIL_MAILER=smtp
MAIL_FROM_ADDRESS=hello@example.com
AWS_DEFAULT_REGION=us-east-1
AWS_BUCKET=acme-production-uploads-2024
S3_ENDPOINT=https://s3.eu-central-1.amazonaws.com
PUSHER_APP_CLUSTER=mt1
NODE_ENV=development
PORT=8080
NEXT_PUBLIC_API_KEY=Zk3Qm8Lw0Rt5Yp2Hn7Vb
VITE_SENTRY_DSN=https://Zk3Qm8Lw0Rt5Yp2Hn7Vb@o1.ingest.sentry.io/1
DJANGO_SETTINGS_MODULE=config.settings.production
ALLOWED_HOSTS=localhost,127.0.0.1,.example.com
CORS_ORIGIN=https://app.example.com
JWT_ALGORITHM=HS256
JWT_EXPIRES_IN=15m
TOKEN_TTL=3600
SECRET_NAME=prod/app/database
KEY_FILE=/run/secrets/app_key
SSH_KEY_PATH=~/.ssh/id_ed25519
PASSWORD_MIN_LENGTH=12
AUTH_TYPE=basic
OPENAI_MODEL=gpt-4o-mini-2024-07-18
GIT_COMMIT=864ed60aa864ed60aa864ed60aa864ed60aa1234
IMAGE_TAG=registry.example.com/app:v1.2.3
RELEASE=2024.11.25-rc1
TENANT=6f1e4c2a-93b1-4f0e-8f2a-0d6f8e7a1b2c
AUTH0_CLIENT_ID=Zk3Qm8Lw0Rt5Yp2Hn7VbXc9D
DATABASE_PASSWORD=password
DB_PASS=postgres
API_KEY=changeme
SECRET_KEY=your-secret-key-here
STRIPE_SECRET=${STRIPE_SECRET_LIVE}
SENTRY_TOKEN=<your token>
FEATURE_FLAGS=new-checkout,dark-mode,beta-search
CRON=0 5 * * 1
USER_AGENT=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36
CLASS=com.example.billing.InvoiceServiceImpl2Factory
LOCALE=en_US.UTF-8
PYTHONPATH=src:lib/python3.11/site-packages
"""

SECRETS = {
    "DB_PASSWORD": "hunter2xyz",
    "DJANGO_SECRET_KEY": "w&!x3k#m1z%p0q" + "v)7n_b+r5t@y8u*j",
    "API_TOKEN": alnum(32, "t"),
    "SESSION_SECRET": hexadecimal(64, "s"),
    "JWT_SECRET": base64(44, "j"),
    "ADMIN_PASSPHRASE": "Tr0ub4dor" + "&3-horse",
    "dbPassword": "xK9!mQ2@",
    "SOME_SERVICE": alnum(24, "u"),
    "CLIENT_SECRET": "6f1e4c2a-93b1-4f0e-8f2a-0d6f8e7a1b2c",
    "smtp.password": "Gg7-Hq9_Lp",
}
# pragma: allowlist end secret


@pytest.mark.parametrize("line", HARMLESS.strip().splitlines())
def test_an_ordinary_setting_is_no_secret(line: str) -> None:
    """What real `.env` files are full of is not known: each of these would be an alarm on innocent text."""
    name, _, value = line.partition("=")
    assert strength(name, value.encode()) is None


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_strong(name: str) -> None:
    """A password under its name, and a random text under any name, count wherever they stand."""
    assert strength(name, SECRETS[name].encode()) == STRONG


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "sunshine"),
        ("DB_PASSWORD", "admin123"),
        ("PASSWORD", "84629173"),
        ("ADMIN_PASSWORD", "s3cr3t"),
        ("SECRET", "my-app-session"),
    ],
)
def test_a_word_as_password_is_weak(name: str, value: str) -> None:
    """A short or low-entropy password counts only beside a name that says secret."""
    assert strength(name, value.encode()) == WEAK


def test_shorter_than_the_shortest_is_never_known() -> None:
    """A four-digit PIN is on every page."""
    assert strength("PIN_SECRET", b"4711") is None
    assert strength("PASSWORD", b"a1b2c") is None


def test_a_value_of_a_store_needs_no_name() -> None:
    """What is kept in Vault under `value` is a secret by where it is kept; its host and user name are none."""
    assert strength("value", b"hunter2xyz") is None
    assert strength("value", b"hunter2xyz", told=True) == STRONG
    assert strength("username", b"application7", told=True) is None
    assert strength("host", b"db7.internal.example", told=True) is None


def test_words_of_a_name() -> None:
    """Every spelling of a name has the same words."""
    for name in ("DB_PASSWORD", "dbPassword", "db.password", "db-password"):
        assert words_of(name) == ["db", "password"]
