"""A project as bare as Django allows: no middleware at all, the desk's tables, its database settings, Jinja2."""

import os
from pathlib import Path

from bihuan.desk.database import sqlite

SECRET_KEY = Path(os.environ["BARE_KEY"]).read_text().strip()  # the desk's: its sessions hold here too
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "bihuan.desk"]
MIDDLEWARE: list[str] = []
if os.environ.get("BARE_LOGIN"):  # what `startproject` puts there, and a login that is asked for
    INSTALLED_APPS += ["django.contrib.sessions", "django.contrib.messages"]
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
ROOT_URLCONF = "benchmarks.desk.http.bare.urls"
DATABASES = {"default": sqlite(Path(os.environ["BARE_DATABASE"]))}
AUTH_USER_MODEL = "desk.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "jinja2"],
        "OPTIONS": {"trim_blocks": True, "lstrip_blocks": True},
    }
]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LOGGING_CONFIG = None
