"""The admin page: its own application and port, plain server-rendered HTML, every action logged.

It only calls what the commands call: editing (``corpus``), building, comparing and publishing (``index``). Long work
runs in a child process (``job``), so that it can be watched and cancelled and never slows the page.
"""
