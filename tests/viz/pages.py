"""Pages opened from disk, and everything that they complain about."""

from pathlib import Path

LOCAL = ("file:", "data:", "blob:", "about:")


class Pages:
    """Opens files in a browser and collects errors and requests for anything but files."""

    def __init__(self, browser):
        self.browser = browser
        self.contexts = []
        self.complaints = []

    def open(self, path, **options):
        """Open a file in a window of its own; options are those of Playwright's contexts."""
        context = self.browser.new_context(
            **({"viewport": {"width": 1280, "height": 900}} | options)
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        page.on("request", self._asked)
        page.goto(Path(path).resolve().as_uri())
        return page

    def close(self):
        for context in self.contexts:
            context.close()

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request):
        if not request.url.startswith(LOCAL):
            self.complaints.append(f"request: {request.url}")
