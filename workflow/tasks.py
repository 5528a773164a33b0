"""The one Celery task: a bell that names a job. What to do stands in the Job row."""

from celery import shared_task

from workflow import jobs


@shared_task(name="workflow.run_job", ignore_result=True)
def run_job(public_id: str) -> None:
    """Run the named job, unless somebody else does or it is over."""
    jobs.run(public_id)
