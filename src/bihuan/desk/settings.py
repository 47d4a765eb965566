"""Django's settings of the desk. Nothing is edited here: the folder and the database come from the environment.

BIHUAN_HOME names the folder of the desk (secret key, SQLite, attachments), DATABASE_URL another database.
"""

import os
from pathlib import Path

from bihuan.desk.database import database

HOME = Path(os.environ.get("BIHUAN_HOME") or "desk").absolute()
KEY = HOME / "secret.key"

SECRET_KEY = os.environ.get("BIHUAN_SECRET_KEY") or (KEY.read_text().strip() if KEY.exists() else "")
DEBUG = False
ALLOWED_HOSTS = (os.environ.get("BIHUAN_HOSTS") or "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bihuan.desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bihuan.desk.urls"
WSGI_APPLICATION = "bihuan.desk.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
AUTH_USER_MODEL = "desk.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

USE_TZ = True
TIME_ZONE = os.environ.get("BIHUAN_ZONE") or "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
STATIC_URL = "static/"
