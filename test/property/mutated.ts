// Files as people write them, and what typing, merging and copying may make of them.
import fc from "fast-check";

/** A spec with something of everything. */
export const APP = `# The counter.
name: counter
version: 1.4.0
description: |
  Counts "things",
  one by one.
source: {type: release, url: "https://example.org/{name}-{version}.tar.gz", sha256: "${"0a".repeat(32)}"}
env:
  port: 8080
  ratio: 1.0
  big: 123456789012345678901234567890
  mode: !atom fast
  pools: [{size: 10, names: [a, !charlist b]}, !tuple [x, 'it''s']]
vm_config: {memory_limit: 512, scheduler_limit: 2, extra_args: [+P, 1000000]}
os_env: {PHX_HOST: example.org, TOKEN: {secret: API_TOKEN}}
depends_on: [broker]
health: {type: http, port: 8080, expect: {status: 204}}
strategy: {type: restart}
hosts: {role: web}
rollout: {max_failures: 2}
retain: 5
`;

export const FLEET = `defaults: {user: deploy, port: 22, root: /opt/releases, supervisor: daemon}
hosts:
  web1: {address: 192.0.2.11, labels: {role: web}, host_key: "ssh-ed25519 AAAAC3Nz root@web1"}
  web2:
    address: "2001:db8::1"
    labels:
      role: web
environments:
  production: {hosts: {role: web}, url: https://shop.example.org}
  staging: {hosts: [web2]}
`;

/** The same spec as JSON and as Erlang terms. */
export const APP_JSON = `{
  "name": "counter",
  "version": "1.4.0",
  "description": "Counts \\"things\\", \\u00e9",
  "source": {"type": "release", "url": "https://example.org/{name}-{version}.tar.gz", "sha256": "${"0a".repeat(32)}"},
  "env": {"port": 8080, "ratio": 1.0, "big": 123456789012345678901234567890, "pools": [{"size": 10}, null, -1.5e3]},
  "os_env": {"PHX_HOST": "example.org", "TOKEN": {"secret": "API_TOKEN"}},
  "depends_on": ["broker"],
  "health": {"type": "http", "port": 8080, "expect": {"status": 204}},
  "strategy": {"type": "restart"},
  "hosts": {"role": "web"},
  "retain": 5
}
`;

export const APP_CONFIG = String.raw`%% The counter.
#{name => counter,
  version => <<"1.4.0">>,
  description => "Counts \"things\", \x{e9}",
  source => #{type => release, url => <<"https://example.org/{name}.tar.gz">>, sha256 => "${"0a".repeat(32)}"},
  env => #{port => 16#1F90, ratio => 1.0, 'Big One' => 123456789012345678901234567890, key => <<1, 255>>,
           pools => [#{size => 10, 1 => $a}, {local, "/tmp/s"}, <<"é"/utf8>>, -1.5e3]},
  os_env => [{<<"PHX_HOST">>, "example.org"}, {"TOKEN", [{secret, 'API_TOKEN'}]}],
  depends_on => [broker],
  health => [{type, http}, {port, 8080}],
  hosts => #{role => web},
  retain => 5}.
`;

/** What means something to YAML, and what often goes wrong. */
const PIECE = fc.constantFrom(
  ..."{ } [ ] : , - ? # & * ! | > ' \" % @ ` ~ . 0 1.0 1e999 .inf null true !atom !tuple !!set !!binary &a *a <<".split(
    " ",
  ),
  ...[
    "\n",
    "\t",
    "  ",
    "\n  ",
    "\r",
    "\r\n",
    "\0",
    "\uFEFF",
    "\u2028",
    "é",
    "🎺",
    "\ud83c",
    ": ",
    "- ",
    "---\n",
    "...\n",
  ],
  ...'#{ }. => << >> [{ }] $ $\\ 16# ~b" /utf8 \'a %% atom Var | :8 \\x{110000} """ -'.split(" "),
  ...["name: ", "source: ", "hosts: ", "{secret: X}", "-1", "99999", "[[[[", "__proto__", "a: b: c", "\\", '"\\q"'],
);

type Edit = { kind: "insert" | "delete" | "duplicate" | "swap"; at: number; to: number; length: number; piece: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("insert", "delete", "duplicate", "swap"),
  at: fc.nat(APP.length),
  to: fc.nat(APP.length),
  length: fc.nat(40),
  piece: PIECE,
});

function edited(text: string, { kind, at, to, length, piece }: Edit): string {
  const [first, second] = [Math.min(at, to), Math.max(at, to)];
  const [a, b] = [text.slice(first, first + length), text.slice(second, second + length)];
  if (kind === "insert") return text.slice(0, at) + piece + text.slice(at);
  if (kind === "delete") return text.slice(0, at) + text.slice(at + length);
  if (kind === "duplicate") return text.slice(0, to) + text.slice(at, at + length) + text.slice(to);
  if (first + length > second) return text;
  return text.slice(0, first) + b + text.slice(first + length, second) + a + text.slice(second + length);
}

/** A text after a few edits. */
export const mutated = (text: string): fc.Arbitrary<string> =>
  fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => edits.reduce(edited, text));

/** Any text at all. */
export const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.oneof(PIECE, fc.string({ maxLength: 3 })), { maxLength: 40 }).map((pieces) => pieces.join("")),
);
