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
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "js_lib_bootstrap5",
    "django_htmx",
    "bihuan.desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bihuan.desk.pages.speaking.Speaking",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "bihuan.desk.urls"
WSGI_APPLICATION = "bihuan.desk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "bihuan.desk.pages.words.environment",
            "context_processors": ["bihuan.desk.pages.words.shared"],
        },
    }
]
FORM_RENDERER = "bihuan.desk.pages.forms.Renderer"
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "home", "login"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

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
WHITENOISE_USE_FINDERS = True  # straight out of the installed packages: nothing has to be collected
