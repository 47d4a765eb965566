"""Where one logs in, one's account, messages and channels are; and what machines ask about the desk's health."""

from django.urls import path

from bihuan.desk.pages import account, channels, messages, wellness

urlpatterns = [
    path("login/", account.login, name="login"),
    path("login/code/", account.second, name="second"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("messages/", messages.messages_page, name="messages"),
    path("messages/read/", messages.read, name="messages_read"),
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.edit, name="channel_new"),
    path("channels/<int:id>/", channels.edit, name="channel"),
    path("channels/<int:id>/try/", channels.attempt, name="channel_try"),
    path("healthz", wellness.healthz, name="healthz"),
    path("metrics", wellness.metrics, name="metrics"),
]
