import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

import procrastinate
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from core import events, rate_limits
from core.models import IdempotencyRecord

STALLED_AFTER_SECONDS = 60

logger = logging.getLogger(__name__)


class Patience(procrastinate.BaseRetryStrategy):
    """Try again after 2 s, 4 s, 8 s … at most an hour, for about a day; then give up."""

    ATTEMPTS: Final = 35
    LONGEST_WAIT_SECONDS: Final = 3600

    def is_over(self, job: procrastinate.jobs.Job) -> bool:
        """Tell whether the job is not tried again should it fail now."""
        return job.attempts >= self.ATTEMPTS

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        """Return when to try again; None once it has been tried often enough."""
        if self.is_over(job):
            return None
        wait = min(2 ** (job.attempts + 1), self.LONGEST_WAIT_SECONDS)
        return procrastinate.RetryDecision(retry_in={"seconds": wait})


PATIENT: Final = Patience()


@jobs.task(name="core.tasks.deliver", queue="events", retry=PATIENT)
def deliver(event_id: str, handler: str) -> None:
    events.deliver(event_id=UUID(event_id), handler=handler)


@jobs.periodic(cron="* * * * *")
@jobs.task(
    name="core.tasks.retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True
)
async def retry_stalled_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
    """Run again what a killed worker left unfinished.

    A periodic job of which the next run waits already is given up instead: its
    ``queueing_lock`` lets only one wait.
    """
    manager = context.app.job_manager
    stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS)
    for job in stalled:
        try:
            await manager.retry_job(job)
        except procrastinate.exceptions.UniqueViolation:
            logger.warning(
                "stalled job is queued again already", extra={"job": job.id, "task": job.task_name}
            )
            await manager.finish_job(job, status=procrastinate.jobs.Status.FAILED, delete_job=False)


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="core.tasks.forget_expired", queueing_lock="forget_expired")
def forget_expired(timestamp: int) -> None:
    """Drop idempotency records and rate limit counters whose time is up."""
    oldest = timezone.now() - timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS)
    IdempotencyRecord.objects.filter(created_at__lt=oldest).delete()
    rate_limits.forget_expired(now=timezone.now())


@jobs.periodic(cron="41 3 * * *")
@jobs.task(
    name="core.tasks.forget_finished_jobs", queueing_lock="forget_finished_jobs", pass_context=True
)
async def forget_finished_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
    await context.app.job_manager.delete_old_jobs(nb_hours=72)
