"""Addresses of the engine: signing in, health, jobs, accounts of the district."""

from django.urls import include, path

from workflow.views import accounts, health, jobs, sessions

engine = [
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs/<uuid:public_id>/", jobs.job_detail, name="job_detail"),
    path("jobs/<uuid:public_id>/status/", jobs.job_status, name="job_status"),
    path("jobs/<uuid:public_id>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<uuid:public_id>/download/", jobs.job_download, name="job_download"),
    path("district/accounts/", accounts.account_list, name="account_list"),
    path("district/accounts/new/", accounts.account_create, name="account_create"),
    path("district/accounts/<int:pk>/disable/", accounts.account_disable, name="account_disable"),
    path("district/accounts/<int:pk>/enable/", accounts.account_enable, name="account_enable"),
    path("district/accounts/<int:pk>/reset/", accounts.account_reset, name="account_reset"),
]
own_account = [
    path("sign-in/", sessions.sign_in, name="login"),
    path("sign-out/", sessions.sign_out, name="logout"),
    path("password/", sessions.password, name="password"),
]
urlpatterns = [
    path("accounts/", include((own_account, "accounts"))),
    path("healthz", health.health, name="health"),
    path("", include((engine, "workflow"))),
]
