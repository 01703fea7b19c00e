"""The page at the root: where everything is, and a query to paste. It needs nothing from anywhere else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tradegraph</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
  pre { background: #f4f4f2; padding: 1rem; overflow-x: auto; border-radius: 4px }
  dt { font-family: ui-monospace, monospace; font-weight: 600 }
</style>
<h1>Tradegraph</h1>
<p>Vendors, purchasing, stock and approvals behind one GraphQL API.</p>
<dl>
  <dt>POST /graphql</dt>
  <dd>Queries and mutations, as JSON. Send <code>Authorization: Bearer</code> with a token or an API key.</dd>
  <dt>WebSocket /graphql</dt>
  <dd>Subscriptions too, in the protocol <code>graphql-transport-ws</code>, with the connection parameter
    <code>authorization</code> of the same value.</dd>
  <dt>POST /export</dt>
  <dd>What a query selects, as CSV, XLSX or JSON lines.</dd>
  <dt>PUT /imports/…/files/…</dt>
  <dd>Files to import, once <code>createImport</code> has told where.</dd>
  <dt><a href="healthz">/healthz</a>, <a href="readyz">/readyz</a>, <a href="metrics">/metrics</a></dt>
  <dd>For those who operate the server.</dd>
</dl>
<p>To begin with:</p>
<pre>curl {{address}}/graphql \\
  -H 'Authorization: Bearer YOUR_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '{"query": "{ me { name roles rights } }"}'</pre>
</html>
"""
MANNERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}


async def page(request: Request) -> HTMLResponse:
    """The page, with the address it was asked for."""
    address = str(request.base_url).rstrip("/")
    safe = address.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
    return HTMLResponse(PAGE.replace("{{address}}", safe), headers=MANNERS)
