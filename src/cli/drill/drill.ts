import { resolve } from 'node:path';
import * as v from 'valibot';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type Command,
  NO,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { effectShape } from '../effect.ts';
import {
  askIssuer,
  goesSafely,
  ISSUER_FLAGS,
  ISSUER_HELP,
  type IssuerFlags,
  issuerOf,
} from '../issuer.ts';
import { readSource } from '../source-file.ts';
import { callerOf, type Outcome, target } from './call.ts';
import { type DrillConfig, type DrilledVerifier, readDrill } from './config.ts';
import { type Drilled, obtainDrilled } from './obtain.ts';
import { type Drill, drillOf, drillTable } from './telling.ts';
import { boundMilliseconds, verdictOf } from './verdict.ts';
import { watch } from './watch.ts';

const DRILL_MARGIN_MILLISECONDS = 10_000; // Beyond the bound, to see how late late is.

const HELP = `hewn drill FILE [--every MILLISECONDS] [--issuer URL] [--file FILE] [--json]

Proves that a revocation arrives: gets a capability, uses it at each verifier of FILE, revokes its
workflow, and times the first denial at each of them against the bound of its route's tier. The call
is made again and again, so it should be one that may be. What is left is a revoked workflow.

  hewn drill drill.json
  hewn drill drill.json --json | jq '.verifiers[] | select(.verdict != "in_time")'

FILE is JSON, with how to get the capability and which call to make where:

  { "capability": {
      "audience": "https://gateway.example", "task": "drill",
      "grants": [{ "tool": "mcp/files/read_text_file", "action": "read", "dataset": "files/reports" }],
      "subjectToken": { "env": "SUBJECT_TOKEN" }, "actorToken": { "command": ["fetch-jwt"] } },
    "verifiers": [
      { "name": "gateway", "tier": 1, "mcp": "https://gateway.example/mcp/files",
        "tool": "read_text_file", "arguments": { "path": "reports/q1.md" } },
      { "name": "contacts", "tier": 2, "url": "https://contacts.example/eu", "method": "PUT" } ] }

A secret is from { "env" }, { "file" } or { "command" }. In place of the two tokens, a client has
"clientAssertion"; with "dpop": true, the capability is bound to a key, and each call proves it. A
capability from elsewhere, bound to none, is { "token", "workflow", "expires" }.

${ISSUER_HELP}
Exit code: 0 each was in time, 1 one was late, never denied or unproven, 2 it could not be done.`;

const FLAGS = { ...ISSUER_FLAGS, every: TEXT, json: SWITCH } as const;

export const drillCommand: Command = {
  name: 'drill',
  summary: 'revoke something, and time the denial at every verifier',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const { every = '250', json } = values;
    if (!/^\d{2,5}$/.test(every)) return refuse('--every is a number of milliseconds, from 10');
    const config = await readConfig(at, positionals);
    if (!config.ok) return config;
    // Who could not revoke must not mint: and no token goes to an issuer at no safe place.
    const asked = await askIssuer(at, values, 'watermarks', v.object({}));
    if (!asked.ok) return asked;
    const drilled = await obtainDrilled(at, issuerOf(at, values), config.value.capability);
    if (!drilled.ok) return drilled;
    at.err(`minted: ${drilled.value.workflow}`);
    const now = () => at.now().getTime();
    const callers = config.value.verifiers.map((verifier) => ({
      verifier,
      call: callerOf(at.fetch, verifier, drilled.value, now),
    }));
    const used = await useEverywhere(at, callers, drilled.value);
    // Whatever came of using it, nothing of it stays alive.
    const revoked = await revoke(at, values, drilled.value);
    if (!revoked.ok) return revoked;
    if (!used.ok) return used;
    const { epoch, seq, since } = revoked.value;
    const watching = { since, everyMilliseconds: Number(every) };
    const verifiers = await watchAll(at, callers, drilled.value, watching);
    const isGood = verifiers.every(({ verdict }) => verdict === 'in_time');
    const { workflow } = drilled.value;
    at.out(json === true ? showJson({ workflow, epoch, seq, verifiers }) : drillTable(verifiers));
    return isGood ? YES : NO;
  },
};

async function readConfig(
  at: Surroundings,
  positionals: readonly string[],
): Promise<Result<DrillConfig, string>> {
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return refuse('it takes one FILE. See --help');
  const text = await readSource(resolve(at.cwd, file)).catch(() => undefined);
  if (text === undefined) return refuse(`${file} cannot be read`);
  const config = readDrill(text);
  if (!config.ok) return refuse(`${file}: ${config.error}`);
  const unsafe = config.value.verifiers.find((verifier) => !goesSafely(target(verifier)));
  return unsafe ? refuse(`${unsafe.name} is at no https URL: the token stays here`) : config;
}

interface Caller {
  readonly verifier: DrilledVerifier;
  readonly call: () => Promise<Outcome>;
}

/** One call each, which has to be allowed: a denial after the revocation proves nothing else. */
async function useEverywhere(
  at: Surroundings,
  callers: readonly Caller[],
  { expires }: Drilled,
): Promise<Result<undefined, string>> {
  const left = expires - at.now().getTime();
  const short = callers.find(
    ({ verifier: { tier } }) => boundMilliseconds(tier, 0) + DRILL_MARGIN_MILLISECONDS > left,
  );
  if (short) {
    return refuse(
      `the capability ends before the bound of ${short.verifier.name}: its end proves nothing`,
    );
  }
  const outcomes = await Promise.all(
    callers.map(async ({ verifier, call }) => ({
      name: verifier.name,
      outcome: await call(),
    })),
  );
  for (const { name, outcome } of outcomes) {
    const { kind } = outcome;
    if (kind === 'allowed') at.err(`${name}: allowed`);
    else {
      const why = kind === 'denied' ? `denied (${outcome.code})` : `not answered (${outcome.why})`;
      return refuse(`${name}: the call is ${why} before anything is revoked, which proves nothing`);
    }
  }
  return ok(undefined);
}

async function revoke(at: Surroundings, values: IssuerFlags, { workflow }: Drilled) {
  const path = `workflows/${encodeURIComponent(workflow)}/revoke`;
  const revoked = await askIssuer(at, values, path, effectShape, { reason: 'hewn drill' });
  const since = at.now().getTime();
  if (!revoked.ok) {
    return refuse(`${workflow} is not revoked, do it by hand: ${revoked.error}`);
  }
  const { epoch, seq } = revoked.value;
  at.err(`revoked: ${epoch}.${seq}`);
  return ok({ epoch, seq, since });
}

function watchAll(
  at: Surroundings,
  callers: readonly Caller[],
  { expires }: Drilled,
  watching: { readonly since: number; readonly everyMilliseconds: number },
): Promise<readonly Drill[]> {
  const now = () => at.now().getTime();
  return Promise.all(
    callers.map(async ({ verifier, call }) => {
      const { name, tier } = verifier;
      const bound = boundMilliseconds(tier, Math.max(0, expires - watching.since));
      const seen = await watch({
        ...watching,
        now,
        giveUpMilliseconds: bound + DRILL_MARGIN_MILLISECONDS,
        call,
      });
      const { deniedAt, code = 'no answer' } = seen;
      at.err(`${name}: ${deniedAt === undefined ? 'given up' : `${code} after ${deniedAt} ms`}`);
      return drillOf(verifier, bound, seen, verdictOf(tier, bound, seen));
    }),
  );
}
