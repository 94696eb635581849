"""Customers buy while the shop's processes are killed; nothing may be lost or done twice.

``python -m benchmarks.crashes`` kills web server, its workers and the job worker twenty times
and the database once, with SIGKILL, while eight clients place, pay and cancel orders over HTTP.
Then it lets everything settle and compares what was answered with what is stored and mailed.
"""
