"""Celery: tasks, pipeline, schedule, migrations."""
