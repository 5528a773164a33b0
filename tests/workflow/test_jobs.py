"""Jobs: taken once, never lost, stopped when cancelled, finished once; the broker is only a bell."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_district, make_township, make_user
from workflow import jobs
from workflow.choices import JobState
from workflow.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return make_user("township_clerk", make_township(make_district()))


@pytest.fixture
def work(monkeypatch):
    """A kind of job whose work is a function in a box, and bells that are only counted."""
    box = {"function": lambda job, report: {"artifact": "a.pdf", "notes": []}, "bells": []}
    monkeypatch.setitem(jobs.KINDS, "test", lambda job, report: box["function"](job, report))
    monkeypatch.setattr(jobs, "ring", lambda job: box["bells"].append(job.pk))
    return box


def ask(clerk, key="k1"):
    return jobs.request_job(by=clerk, unit=clerk.unit, kind="test", subject_id=1, key=key, title="t", file_name="f.pdf")


def test_a_job_runs_to_its_end(clerk, work):
    job = ask(clerk)
    jobs.run(job.public_id)
    job.refresh_from_db()
    assert (job.state, job.artifact, job.percent, job.tries) == (JobState.DONE, "a.pdf", 100, 1)


def test_equal_work_is_one_job_and_a_finished_one_serves_others(clerk, work):
    first = ask(clerk)
    assert ask(clerk).pk == first.pk
    jobs.run(first.public_id)
    assert ask(clerk).pk == first.pk
    other = make_user("township_head", clerk.unit)
    served = ask(other)
    assert served.pk != first.pk
    assert (served.state, served.artifact) == (JobState.DONE, "a.pdf")
    assert ask(clerk, key="k2").state == JobState.QUEUED


def test_a_job_is_taken_by_one_worker_only(clerk, work):
    job = ask(clerk)
    assert jobs.take(job.public_id) is not None
    assert jobs.take(job.public_id) is None


def test_a_lapsed_lease_is_taken_over_and_the_first_run_may_not_write(clerk, work):
    job = ask(clerk)
    first = jobs.take(job.public_id)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = jobs.take(job.public_id)
    assert second.fence == first.fence + 1
    with pytest.raises(jobs.JobStopped):
        jobs.write(first, state=JobState.DONE, artifact="stale.pdf")
    jobs.write(second, artifact="fresh.pdf")
    job.refresh_from_db()
    assert job.artifact == "fresh.pdf"


def test_progress_prolongs_the_lease_and_cancelling_stops_the_run(clerk, work):
    job = ask(clerk)

    def cancelled_halfway(running, report):
        report(1, 4)
        assert Job.objects.get(pk=job.pk).percent == 25
        assert jobs.cancel_job(by=clerk, job=job)
        report(2, 4)
        raise AssertionError("must not go on")

    work["function"] = cancelled_halfway
    jobs.run(job.public_id)
    job.refresh_from_db()
    assert (job.state, job.artifact) == (JobState.CANCELLED, "")
    assert not jobs.cancel_job(by=clerk, job=job)


def test_a_stranger_cannot_cancel(clerk, work):
    job = ask(clerk)
    stranger = make_user("township_clerk", make_township(clerk.unit.parent))
    assert not jobs.cancel_job(by=stranger, job=job)


def test_a_crash_goes_back_to_the_queue_and_stops_after_three_tries(clerk, work):
    def crash(job, report):
        raise ZeroDivisionError

    work["function"] = crash
    job = ask(clerk)
    for tries in (1, 2):
        jobs.run(job.public_id)
        job.refresh_from_db()
        assert (job.state, job.tries) == (JobState.QUEUED, tries)
    jobs.run(job.public_id)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ZeroDivisionError" in job.error


def test_a_refusal_is_final_and_tells_the_person_why(clerk, work):
    def refuse(job, report):
        raise jobs.JobFailed("缺字体")

    work["function"] = refuse
    job = ask(clerk)
    jobs.run(job.public_id)
    job.refresh_from_db()
    assert (job.state, job.error, job.tries) == (JobState.FAILED, "缺字体", 1)


def test_the_sweeper_rings_for_whatever_nobody_holds(clerk, work):
    waiting, held, lapsed = ask(clerk, "a"), ask(clerk, "b"), ask(clerk, "c")
    jobs.take(held.public_id)
    jobs.take(lapsed.public_id)
    Job.objects.filter(pk=lapsed.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.sweep() == 2
    assert set(work["bells"]) == {waiting.pk, lapsed.pk}


def test_the_sweeper_does_not_ring_again_at_once(clerk, work):
    job = ask(clerk)
    Job.objects.filter(pk=job.pk).update(rung_at=timezone.now())
    assert jobs.sweep() == 0
    Job.objects.filter(pk=job.pk).update(rung_at=timezone.now() - jobs.BELL_INTERVAL - timedelta(seconds=1))
    assert jobs.sweep() == 1


def test_a_job_that_was_killed_too_often_ends_with_a_reason(clerk, work):
    job = ask(clerk)
    Job.objects.filter(pk=job.pk).update(tries=jobs.MAX_TRIES)
    jobs.run(job.public_id)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert str(jobs.MAX_TRIES) in job.error


def test_a_job_asked_for_in_the_same_moment_is_the_standing_one(clerk, work, monkeypatch):
    first, look = ask(clerk), jobs._standing
    looks = iter([lambda same, by: None, look])
    monkeypatch.setattr(jobs, "_standing", lambda same, by: next(looks)(same, by))
    assert ask(clerk).pk == first.pk
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_clicks_at_once_make_one_job(clerk, work):
    start = Barrier(4)

    def click(_number):
        try:
            start.wait(10)
            return ask(clerk).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    assert Job.objects.count() == len(work["bells"]) == 1


def test_the_sweep_rings_for_the_oldest_first(clerk, work):
    asked = [ask(clerk, key=f"k{number}").pk for number in range(3)]
    Job.objects.update(rung_at=None)
    work["bells"].clear()
    jobs.sweep()
    assert work["bells"] == asked
