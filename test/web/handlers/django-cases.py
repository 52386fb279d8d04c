"""Runs the rows of middleware-cases.ts on the Django that is installed: JSON in, a JSON list of traces out."""
import json
import logging
import sys
import types

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"], DEBUG=False, ROOT_URLCONF="case_urls", SECRET_KEY="k", MIDDLEWARE=[], LOGGING_CONFIG=None
)

import django
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.http import Http404, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory
from django.urls import clear_url_caches, path
from django.utils.deprecation import MiddlewareMixin

django.setup()
logging.disable(logging.CRITICAL)

HOOKS = {
    "req": "process_request",
    "view": "process_view",
    "exc": "process_exception",
    "tpl": "process_template_response",
    "res": "process_response",
}
trace = []


class Deferred(SimpleTemplateResponse):
    def __init__(self, name, action):
        super().__init__("template.html")
        self.case = (name, action)

    @property
    def rendered_content(self):
        name, action = self.case
        trace.append("RENDER")
        if action == "deferred error":
            raise ValueError(name)
        if action == "deferred notfound":
            raise Http404(name)
        return "@" + name


def act(name, action, passing=None):
    if action == "respond":
        return HttpResponse("@" + name)
    if action.startswith("deferred"):
        return Deferred(name, action)
    if action == "none":
        return None
    if action == "error":
        raise ValueError(name)
    if action == "notfound":
        raise Http404(name)
    if action == "denied":
        raise PermissionDenied(name)
    if action == "suspicious":
        raise SuspiciousOperation(name)
    return passing


def view_of(word, action):
    def view(request):
        trace.append(word)
        return act(word, action, HttpResponse("@" + word))

    return view


def hook_of(word, short, action):
    def hook(self, request, *rest):
        trace.append(word)
        if action == "urlconf":
            request.urlconf = "case_other_urls"
        return act(word, action, rest[0] if short in ("tpl", "res") else None)

    return hook


def class_of(row):
    members = {HOOKS[short]: hook_of(f"{row['name']}.{short}", short, action) for short, action in row["hooks"].items()}
    if row.get("unused"):

        def init(self, get_response):
            raise MiddlewareNotUsed(row["name"])

        members["__init__"] = init
    return type(row["name"], (MiddlewareMixin,), members)


def layer_of(row):
    def factory(get_response):
        def layer(request):
            trace.append(f"{row['name']}.in")
            early = act(f"{row['name']}.in", row["in"])
            if early is not None:
                return early
            response = get_response(request)
            trace.append(f"{row['name']}.out")
            return act(f"{row['name']}.out", row["out"], response)

        return layer

    return factory


def handler_of(name, action, status):
    def handler(request, exception=None):
        if action == "error":
            raise ValueError(name)
        return HttpResponse("@" + name, status=status)

    return handler


def run(row):
    trace.clear()
    urls = types.ModuleType("case_urls")
    urls.urlpatterns = [path("", view_of("VIEW", row.get("view", "pass")))]
    if "handler404" in row:
        urls.handler404 = handler_of("handler404", row["handler404"], 404)
    if "handler500" in row:
        urls.handler500 = handler_of("handler500", row["handler500"], 500)
    other = types.ModuleType("case_other_urls")
    other.urlpatterns = [path("", view_of("OTHER", "pass"))]
    middleware = types.ModuleType("case_middleware")
    names = []
    for index, one in enumerate(row["middleware"]):
        setattr(middleware, f"M{index}", class_of(one) if "hooks" in one else layer_of(one))
        names.append(f"case_middleware.M{index}")
    sys.modules.update(case_urls=urls, case_other_urls=other, case_middleware=middleware)
    clear_url_caches()
    settings.MIDDLEWARE = names
    response = WSGIHandler().get_response(RequestFactory().get("/nothing/" if row.get("missing") else "/"))
    body = response.content.decode()
    return " ".join([*trace, "->", f"{response.status_code}" + (f" {body[1:]}" if body.startswith("@") else "")])


def attempt(row):
    try:
        return run(row)
    except Exception as error:
        return " ".join([*trace, f"!! {type(error).__name__}"])


got_request_exception.connect(lambda **_: trace.append("SIGNAL"), weak=False)
print(json.dumps([attempt(row) for row in json.load(sys.stdin)]))
