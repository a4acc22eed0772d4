# pytracking's own view in Django, which stores each open in SQLite before the answer. Served by gunicorn.
import os

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["PEER_DATABASE"],
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", "timeout": 60},
        }
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY="bench",
    USE_TZ=True,
)

import django
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from pytracking import Configuration
from pytracking.django import OpenTrackingView

django.setup()

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS opens (id INTEGER PRIMARY KEY, metadata TEXT, at INTEGER, agent TEXT)")
connection.close()


class Open(OpenTrackingView):
    def get_configuration(self):
        return Configuration()

    def notify_tracking_event(self, result):
        row = [str(result.metadata), result.timestamp, result.request_data["user_agent"]]
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO opens (metadata, at, agent) VALUES (%s, %s, %s)", row)


def rows(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM opens")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("rows", rows), path("open/<str:path>", Open.as_view())]
application = get_wsgi_application()
