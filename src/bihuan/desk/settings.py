"""Django's settings of the desk. Nothing is edited here: the folder and the database come from the environment.

BIHUAN_HOME names the folder of the desk (secret key, SQLite, attachments), DATABASE_URL another database. BIHUAN_TLS=1
says that a proxy in front speaks TLS; docs/operations.md has all of them.
"""

import datetime as dt
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
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "bihuan.desk",
]
MIDDLEWARE = [
    "bihuan.desk.pages.watching.Watching",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bihuan.desk.pages.guarding.guarding",
    "bihuan.desk.pages.speaking.Speaking",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "bihuan.desk.pages.account.Owing",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "bihuan.desk.urls"
CSRF_FAILURE_VIEW = "bihuan.desk.pages.astray.unproven"
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
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
AUTH_USER_MODEL = "desk.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DJANGOS = "django.contrib.auth.password_validation"
VALIDATORS = {
    "bihuan.desk.passwords.Unlike": {"user_attributes": ("code", "name")},
    "bihuan.desk.passwords.LongEnough": {"min_length": 10},
    f"{DJANGOS}.CommonPasswordValidator": {},
    f"{DJANGOS}.NumericPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [{"NAME": name, "OPTIONS": options} for name, options in VALIDATORS.items()]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "bihuan.desk.sessions.Known",
]
AXES_FAILURE_LIMIT = 5  # wrong passwords for one account from one address
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a whole office may share one address
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "bihuan.desk.pages.account.locked"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Bihuan"

SESSION_ENGINE = "bihuan.desk.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

TLS = os.environ.get("BIHUAN_TLS", "").lower() in (
    "1",
    "true",
    "yes",
)  # spoken by a proxy in front of the desk
if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
PROXY = (os.environ.get("BIHUAN_PROXY") or "127.0.0.1") if TLS else ""  # whose word is taken (`proxied`)
API_RATE = int(os.environ.get("BIHUAN_API_RATE") or 600)  # requests a minute of one token
METRICS_TOKEN = os.environ.get("BIHUAN_METRICS_TOKEN", "")

LOGGING_CONFIG = "bihuan.desk.logs.configure"
LOGGING = {"level": os.environ.get("BIHUAN_LOG_LEVEL") or "INFO"}

USE_TZ = True
TIME_ZONE = os.environ.get("BIHUAN_ZONE") or "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # straight out of the installed packages: nothing has to be collected
