"""`__proto__` and its kin in what the server is sent and in what the phone reads: nothing becomes a
property of every object. The phone's own modules run in Node here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Cast, send
from tests.making import answers, event
from tests.node import NODE

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__")
POLLUTION = (
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'
    '"level":"emergency","events":[{"__proto__":{"polluted":true}}]}'
)
PROBE = """
import { pathToFileURL } from "node:url";
const [root, ...modules] = process.argv.slice(2);
const before = Object.getOwnPropertyNames(Object.prototype).sort().join();
const poison = (name) => {
  const made = JSON.parse(POLLUTION);
  for (const key of KEYS) {
    Object.defineProperty(made, key, { value: made[key] ?? { polluted: true }, enumerable: true,
      configurable: true, writable: true });
  }
  return made;
};
let called = 0;
for (const module of modules) {
  let loaded;
  try {
    loaded = await import(pathToFileURL(`${root}/${module}`));
  } catch (error) {
    continue; // it wants a page around it
  }
  for (const [name, value] of Object.entries(loaded)) {
    if (typeof value !== "function" || `${value}`.startsWith("class ")) continue;
    for (const wrap of [
      (x) => [x, x, x, x],
      (x) => [[x], [x], x],
      (x) => ["__proto__", x, "constructor"],
      (x) => [{ data: x, body: x, record: x, answers: x, facts: x, rules: x }, x],
    ]) {
      try {
        called += 1;
        const answer = value(...wrap(poison()));
        if (answer && typeof answer.then === "function") answer.then(() => {}, () => {});
      } catch { /* it refuses: good */ }
    }
    if ({}.polluted !== undefined
      || Object.getOwnPropertyNames(Object.prototype).sort().join() !== before) {
      console.log(JSON.stringify({ polluted: `${module} ${name}` }));
      process.exit(1);
    }
  }
}
await new Promise((done) => setImmediate(done));
console.log(JSON.stringify({ called, is_clean: {}.polluted === undefined
  && Object.getOwnPropertyNames(Object.prototype).sort().join() === before }));
process.exit(0);
"""


@pytest.mark.fault(106)
@pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
def test_the_server_takes_no_key_that_means_something_to_javascript(started: Cast) -> None:
    for key in KEYS:
        for made in (
            {**event(started.ana), key: {"polluted": True}},
            event(started.ana, answers={**answers(), key: True}),
            event(started.ana, verdict={"level": "expected", "reasons": ["N2_ON_TRACK"], key: 1}),
        ):
            result = send(started.ana, made)[0]
            assert (result["status"], result["problem"]["kind"]) == ("rejected", "invalid"), key
    told = started.ana.get("/api/v1/changes").text
    assert not any(f'"{key}"' in told for key in KEYS)


@pytest.mark.fault(106)
def test_nothing_that_the_phone_reads_becomes_a_property_of_every_object(tmp_path: Path) -> None:
    """Every function that a module hands out, called with poisoned objects in every place."""
    js = ROOT / "static" / "js"
    modules = sorted(
        str(path.relative_to(js))
        for path in js.rglob("*.js")
        if path.parent.name in ("store", "outbox", "triage", "patient", "check_in", "account")
        or path.name == "api.js"
    )
    assert len(modules) > 30
    probe = tmp_path / "probe.mjs"
    probe.write_text(
        PROBE.replace("POLLUTION", json.dumps(POLLUTION)).replace("KEYS", json.dumps(KEYS))
    )
    done = subprocess.run(
        [NODE, "--no-warnings", probe, js, *modules],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.get("is_clean") is True, found
    assert found["called"] > 300


def test_the_probe_sees_a_module_that_pollutes(tmp_path: Path) -> None:
    (tmp_path / "bad.js").write_text(
        "const all = {};\n"
        "export function merge(x) { for (const key of Object.keys(x)) {\n"
        "  for (const inner of Object.keys(x[key])) (all[key] ??= {})[inner] = x[key][inner]; } }\n"
    )
    (tmp_path / "package.json").write_text('{"type": "module"}')
    probe = tmp_path / "probe.mjs"
    probe.write_text(
        PROBE.replace("POLLUTION", json.dumps(POLLUTION)).replace("KEYS", json.dumps(KEYS))
    )
    done = subprocess.run(
        [NODE, "--no-warnings", probe, tmp_path, "bad.js"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {"polluted": "bad.js merge"}
