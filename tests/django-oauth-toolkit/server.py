# `django-oauth-toolkit` on 127.0.0.1, at a port that the system chooses.
#
# The first line on stdin is a JSON object:
#
#   { "scopes": { "orders:read": "…" }, "users": ["ada"], "seconds": 3600,
#     "clients": [{ "id": "…", "secret": "…", "grant": "client-credentials" or "authorization-code",
#                   "redirect_uris": ["…"] }] }
#
# and is answered with one line, `{ "issuer": "http://127.0.0.1:…/o" }`. A later line `{ "expire": "token" }` ends an
# access token in the past and is answered with `{}`. The process ends with its stdin, so it cannot outlive the test that
# started it.
#
# Authorization, token, revocation and introspection are the package's own. Its metadata for OpenID Connect leaves out the
# introspection endpoint, which stands in that of RFC 8414 alone, so that it is added here; and a user signs in by name.
import json
import os
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

asked = json.loads(sys.stdin.readline())

import django
from django.conf import settings
from jwcrypto import jwk

APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"]

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    LOGIN_URL="/login",
    USE_TZ=True,
    # One thread serves, so that there is one connection, which is the database.
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=APPS,
    # Tables are made as they are now, without the history of how they became so, which takes seconds.
    MIGRATION_MODULES={app.rpartition(".")[2]: None for app in APPS},
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "SCOPES": asked["scopes"],
        "ACCESS_TOKEN_EXPIRE_SECONDS": asked["seconds"],
        "PKCE_REQUIRED": False,
        "OIDC_RSA_PRIVATE_KEY": jwk.JWK.generate(kty="RSA", size=2048).export_to_pem(True, None).decode(),
    },
)
django.setup()

from datetime import timedelta

from django.contrib.auth import get_user_model, login
from django.core.management import call_command
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model
from oauth2_provider.views import ConnectDiscoveryInfoView


class Metadata(ConnectDiscoveryInfoView):
    def get(self, request, *args, **kwargs):
        metadata = json.loads(super().get(request, *args, **kwargs).content)
        metadata["introspection_endpoint"] = request.build_absolute_uri("/o/introspect/")
        return JsonResponse(metadata)


def sign_in(request):
    if request.method == "GET":
        return HttpResponse('<form method="post"><input name="username"></form>')
    user = get_user_model().objects.get(username=request.POST["username"])
    login(request, user)
    return HttpResponseRedirect(request.GET["next"])


urlpatterns = [
    path("login", sign_in),
    path("o/.well-known/openid-configuration", Metadata.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


def fill():
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in asked["users"]:
        get_user_model().objects.create_user(name)
    for client in asked["clients"]:
        get_application_model().objects.create(
            client_id=client["id"],
            client_secret=client["secret"],
            client_type="confidential",
            authorization_grant_type=client["grant"],
            hash_client_secret=False,
            algorithm="RS256",
            redirect_uris=" ".join(client.get("redirect_uris", [])),
            skip_authorization=True,
        )


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def serve():
    from django.core.wsgi import get_wsgi_application

    fill()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    server.timeout = 0.05
    tell({"issuer": f"http://127.0.0.1:{server.server_port}/o"})
    while True:
        server.handle_request()
        while commands:
            expire(commands.pop(0)["expire"])
            tell({})


def expire(token):
    found = get_access_token_model().objects.get(token=token)
    found.expires = timezone.now() - timedelta(minutes=10)
    found.save()


def tell(line):
    print(json.dumps(line), flush=True)


def read():
    for line in sys.stdin:
        commands.append(json.loads(line))
    os._exit(0)


commands = []
threading.Thread(target=read, daemon=True).start()
serve()
