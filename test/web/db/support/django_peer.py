"""Django's ORM over a database that Portico made: evaluates queries, prints their results as JSON.

stdin: {"database": path, "queries": [python expression or [time zone, python expression], ...]}; stdout: [result or {"error": [class, text]}, ...]
"""
import datetime
import decimal
import json
import sys
import types
import uuid

import django
import pytz
from django.conf import settings

request = json.load(sys.stdin)

# Ways back exist only between models of installed applications: this is one without files.
sys.modules['library'] = application = types.ModuleType('library')
application.__path__ = ['.']
settings.configure(
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': request['database']}},
    INSTALLED_APPS=['library'],
    USE_TZ=True,
    TIME_ZONE='UTC',
    DEFAULT_AUTO_FIELD='django.db.models.BigAutoField',
)
django.setup()

from django.db import models  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Avg, Case, Count, Exists, F, Max, Min, OuterRef, Q, RowRange, Subquery, Sum, Value, When, Window  # noqa: E402,F401
from django.db.models import BooleanField, CharField, DateField, FloatField, IntegerField, TextField  # noqa: E402,F401
from django.db.models.functions import *  # noqa: E402,F401,F403
from django.utils import timezone  # noqa: E402


class Model(models.Model):
    class Meta:
        abstract = True
        app_label = 'library'


class Publisher(Model):
    name = models.CharField(max_length=50)
    country = models.CharField(max_length=2)

    class Meta(Model.Meta):
        db_table = 'publisher'


class Author(Model):
    name = models.CharField(max_length=50)
    age = models.IntegerField(null=True)
    born = models.DateField(null=True)
    mentor = models.ForeignKey('self', models.SET_NULL, null=True, related_name='pupils')

    class Meta(Model.Meta):
        db_table = 'author'
        ordering = ['name']


class Profile(Model):
    bio = models.TextField()
    author = models.OneToOneField(Author, models.CASCADE, related_name='profile')

    class Meta(Model.Meta):
        db_table = 'profile'


class Tag(Model):
    label = models.CharField(max_length=30, unique=True)

    class Meta(Model.Meta):
        db_table = 'tag'


class Article(Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    body = models.TextField(default='')
    votes = models.IntegerField(default=0)
    rating = models.FloatField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    featured = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    views = models.BigIntegerField(default=0)
    status = models.CharField(max_length=1, choices=[('d', 'Draft'), ('p', 'Published')], default='d')
    uid = models.UUIDField(null=True)
    meta = models.JSONField(null=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name='articles')
    editor = models.ForeignKey(Author, models.PROTECT, related_name='edited', null=True)
    publisher = models.ForeignKey(Publisher, models.SET_NULL, related_name='articles', null=True)
    tags = models.ManyToManyField(Tag, related_name='articles', db_table='article_tags')

    class Meta(Model.Meta):
        db_table = 'article'


class Comment(Model):
    text = models.CharField(max_length=100)
    score = models.IntegerField(default=0)
    article = models.ForeignKey(Article, models.CASCADE, related_name='comments')
    parent = models.ForeignKey('self', models.CASCADE, null=True, related_name='replies')

    class Meta(Model.Meta):
        db_table = 'comment'


class Document(Model):
    name = models.CharField(max_length=20)
    data = models.JSONField(null=True)

    class Meta(Model.Meta):
        db_table = 'document'


class Moment(Model):
    at = models.DateTimeField(null=True, db_index=True)
    day = models.DateField(null=True)
    turn = models.CharField(max_length=6, default='only')

    class Meta(Model.Meta):
        db_table = 'moment'


zone = pytz.timezone


def dt(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


def plain(value):
    if isinstance(value, models.Model):
        return {'model': type(value).__name__, 'pk': value.pk}
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (value.microsecond // 1000)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2 ** 53:
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, models.QuerySet)):
        return [plain(v) for v in value]
    return value


def places(n, values):
    """SQLite's decimals as Django gives them have as many digits as floating point has."""
    return {k: v.quantize(decimal.Decimal(10) ** -n) for k, v in values.items()}


class RollBack(Exception):
    pass


def evaluate(query):
    """In a transaction that is rolled back: a query may write."""
    name, code = ('UTC', query) if isinstance(query, str) else query
    timezone.activate(name)
    result = None
    try:
        with transaction.atomic():
            result = plain(eval(code, globals()))
            raise RollBack()
    except RollBack:
        return result
    except Exception as error:
        return {'error': [type(error).__name__, str(error.args[0])]}


json.dump([evaluate(query) for query in request['queries']], sys.stdout)
