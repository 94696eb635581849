from uuid import UUID

import procrastinate
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from imports.services import jobs as services

IMPORT_ATTEMPTS = 3


@jobs.task(
    name="imports.tasks.import_products",
    aliases=[
        "inventory.tasks.import_products"
    ],  # of jobs that wait from before the app was cut out
    queue="imports",
    retry=procrastinate.RetryStrategy(max_attempts=IMPORT_ATTEMPTS, wait=5),
    pass_context=True,
)
def import_products(context: procrastinate.JobContext, job_id: str) -> None:
    """Import an uploaded file; begins again when the worker was killed."""
    try:
        services.run_import(job_id=UUID(job_id))
    except Exception:
        if context.job.attempts + 1 >= IMPORT_ATTEMPTS:
            services.fail_import(
                job_id=UUID(job_id), code="server_error", detail="Something went wrong on our side."
            )
        raise


@jobs.periodic(cron="23 * * * *")
@jobs.task(
    name="imports.tasks.forget_uploads",
    aliases=["inventory.tasks.forget_uploads"],
    queueing_lock="forget_uploads",
)
def forget_uploads(timestamp: int) -> None:
    services.forget_uploads(now=timezone.now())
