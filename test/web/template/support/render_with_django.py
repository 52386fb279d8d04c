"""Renders templates with Django. Reads a JSON list of cases from stdin, writes a JSON list of results to stdout."""

import datetime
import json
import sys

import django
from django.conf import settings

settings.configure(
    USE_TZ=True, TIME_ZONE='UTC', USE_L10N=False, STATIC_URL='/static/', MEDIA_URL='/media/', ROOT_URLCONF=__name__,
    INSTALLED_APPS=[],
)
django.setup()

from django.http import HttpResponse  # noqa: E402
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402


def view(request, **kwargs):
    return HttpResponse()


urlpatterns = [
    path('', view, name='index'),
    path('user/<str:name>/', view, name='user'),
    path('year/<int:year>/<int:month>/', view, name='month'),
]


class Thing:
    """Values that JSON has no form for: an object with attributes, methods and an __html__ of its own."""

    def __init__(self, attributes):
        self.__dict__.update(attributes)

    def greet(self):
        return 'hello <%s>' % self.name

    def add(self, number):
        return number

    def delete(self):
        raise AssertionError('a template has deleted something')

    delete.alters_data = True

    def __str__(self):
        return 'Thing <%s>' % self.name


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if '$date' in value:
        return datetime.datetime.fromisoformat(value['$date'].replace('Z', '+00:00')).astimezone(timezone.utc)
    if '$safe' in value:
        return mark_safe(value['$safe'])
    if '$thing' in value:
        return Thing(decode(value['$thing']))
    if '$number' in value:
        return float(value['$number'])
    return {key: decode(item) for key, item in value.items()}


def render(case):
    engine = Engine(
        loaders=[('django.template.loaders.cached.Loader', [('django.template.loaders.locmem.Loader', case.get('files', {}))])],
        libraries={'cache': 'django.templatetags.cache', 'static': 'django.templatetags.static'},
        string_if_invalid=case.get('stringIfInvalid', ''),
        autoescape=case.get('autoescape', True),
    )
    context = Context(decode(case.get('context', {})), autoescape=case.get('autoescape', True))
    zone = case.get('timeZone', 'UTC')
    try:
        with timezone.override(zone):
            return {'output': engine.from_string(case['template']).render(context)}
    except (TemplateSyntaxError, TemplateDoesNotExist) as error:
        return {'error': type(error).__name__, 'message': str(error)}
    except Exception as error:
        return {'exception': type(error).__name__, 'message': str(error)}


import warnings  # noqa: E402
warnings.simplefilter('ignore')
json.dump([render(case) for case in json.load(sys.stdin)], sys.stdout)
