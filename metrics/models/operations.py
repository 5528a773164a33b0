"""What keeps typing safe beside the figures themselves: operations already carried out, and who is at a return just now."""

from django.conf import settings
from django.db import models

from metrics.models.returns import MonthlyReturn
from metrics.querysets import EditorQuerySet, OperationQuerySet


class CellOperation(models.Model):
    """One change of one cell that was carried out, under the id its browser gave it, with the answer it got.

    A browser that lost the answer sends the operation again and gets this one, whatever has happened to the cell since.
    """

    monthly_return = models.ForeignKey(MonthlyReturn, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    op_id = models.CharField(max_length=40)
    cell = models.CharField(max_length=100)
    result = models.JSONField()
    applied_at = models.DateTimeField(db_index=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        """An operation of a person on a return is carried out once."""

        constraints = [models.UniqueConstraint(fields=["monthly_return", "user", "op_id"], name="cell_operation_once")]


class Editor(models.Model):
    """Somebody who works on a return, and when they were last seen doing so. Not history: overwritten, and pruned."""

    monthly_return = models.ForeignKey(MonthlyReturn, models.CASCADE, related_name="editors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    objects = EditorQuerySet.as_manager()

    class Meta:
        """A row a person and return."""

        constraints = [models.UniqueConstraint(fields=["monthly_return", "user"], name="editor_once")]
