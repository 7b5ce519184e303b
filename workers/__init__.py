"""Celery: tasks, pipeline, schedule, migrations."""

from core import memory

memory.starting()  # before the modules of this package are imported
