"""Receiving files that may be far too large: counted while they arrive, and what is beyond the limit is thrown away unread."""

import functools
import io

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect


class CountedUpload(FileUploadHandler):
    """Passes a file on up to `most` bytes; a larger one arrives empty, with its true size, to be refused by that."""

    def __init__(self, request, most: int):
        """Remember the limit."""
        super().__init__(request)
        self.most = most

    def receive_data_chunk(self, raw_data, start):
        """Hand on what is within the limit."""
        return raw_data if start + len(raw_data) <= self.most else None

    def file_complete(self, file_size):
        """Take over a file beyond the limit, so that the handlers behind do not offer its beginning as the whole."""
        if file_size <= self.most:
            return None
        return UploadedFile(io.BytesIO(b""), self.file_name, self.content_type, file_size, self.charset)


def capped_upload(view):
    """Let a view receive files of at most EVIDENCE_FILE_BYTES each. The cap has to stand before anything reads the form."""
    protected = csrf_protect(view)

    @csrf_exempt
    @functools.wraps(view)
    def receive(request, *args, **kwargs):
        request.upload_handlers.insert(0, CountedUpload(request, settings.EVIDENCE_FILE_BYTES))
        try:
            return protected(request, *args, **kwargs)
        except TooManyFilesSent:
            text = _("At most %(most)d files can be sent at once.") % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES}
            if request.headers.get("X-Requested-With") == "fetch":
                return JsonResponse({"message": text}, status=400)
            messages.error(request, text)
            return redirect("workbench")

    return receive
