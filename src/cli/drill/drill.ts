import { resolve } from 'node:path';
import { ADMIN_API, isSafeUrl } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags, issuerOf } from '../issuer.ts';
import { callerOf, type Outcome, urlOf } from './call.ts';
import { type DrillConfig, type DrilledVerifier, readDrill } from './config.ts';
import { type DrillCapability, obtainForDrill } from './obtain.ts';
import { type DrillResult, renderDrill, toDrillResult } from './report.ts';
import { boundMilliseconds, verdictOf } from './verdict.ts';
import { watch } from './watch.ts';

const DRILL_MARGIN_MILLISECONDS = 10_000; // Beyond the bound, to measure how late a denial is.

export const drillCommand = defineCommand({
  name: 'drill',
  summary: 'revoke a capability, and time the denial at every verifier',
  operands: 'FILE',
  description: `Proves that a revocation arrives. Obtains a capability, uses it at each verifier of FILE, revokes its workflow, and measures the first denial at each verifier against the bound of the tier. The call is repeated, so choose a harmless one. The revoked workflow remains.

FILE is JSON: how to get the capability, and which call to make where.

  { "capability": {
      "audience": "https://gateway.example", "task": "drill",
      "grants": [{ "tool": "mcp/files/read_text_file", "action": "read", "dataset": "files/reports" }],
      "subjectToken": { "env": "SUBJECT_TOKEN" }, "actorToken": { "command": ["fetch-jwt"] } },
    "verifiers": [
      { "name": "gateway", "tier": 1, "mcp": "https://gateway.example/mcp/files",
        "tool": "read_text_file", "arguments": { "path": "reports/q1.md" } },
      { "name": "contacts", "tier": 2, "url": "https://contacts.example/eu", "method": "PUT" } ] }

A secret comes from { "env" }, { "file" } or { "command" }. A client has "clientAssertion" instead of the two tokens. With "dpop": true, the capability is bound to a key, and each call proves it. An existing capability that is bound to no key is { "token", "workflow", "expires" }.`,
  flags: {
    every: {
      kind: 'text',
      value: 'MILLISECONDS',
      description: 'how long to wait between two calls; by default 250',
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn drill drill.json',
    `hewn drill drill.json --json | jq '.verifiers[] | select(.verdict != "in_time")'`,
  ],
  exitCodes: {
    0: 'every verifier denied in time',
    1: 'a verifier was late, never denied, or proved nothing',
    2: 'the drill could not be run',
  },
  run: async ({ flags, operands }, context) => {
    const { every = '250' } = flags;
    if (!/^\d{2,5}$/.test(every)) {
      return refuse('--every must be a number of milliseconds, at least 10');
    }
    const config = await readConfig(context, operands);
    if (!config.ok) return config;
    // Check that we can revoke before we mint. This also rejects an unsafe URL of the issuer.
    const listed = await callIssuer(context, flags, ADMIN_API.watermarks.listWatermarks, {});
    if (!listed.ok) return listed;
    const issuer = await issuerOf(context, flags);
    const obtained = await obtainForDrill(context, issuer, config.value.capability);
    if (!obtained.ok) return obtained;
    const { workflow } = obtained.value;
    context.err(`minted: ${workflow}`);
    const now = () => context.now().getTime();
    const callers = config.value.verifiers.map((verifier) => ({
      verifier,
      call: callerOf(context.fetch, verifier, obtained.value, now),
    }));
    const used = await useEverywhere(context, callers, obtained.value);
    // Revoke even if a use failed, so that the capability does not stay alive.
    const revoked = await revoke(context, flags, obtained.value);
    if (!revoked.ok) return revoked;
    if (!used.ok) return used;
    const { epoch, seq, since } = revoked.value;
    const watching = { since, everyMilliseconds: Number(every) };
    const verifiers = await watchAll(context, callers, obtained.value, watching);
    context.out(
      flags.json ? showJson({ workflow, epoch, seq, verifiers }) : renderDrill(context, verifiers),
    );
    return verifiers.every(({ verdict }) => verdict === 'in_time') ? YES : NO;
  },
});

async function readConfig(
  context: CommandContext,
  operands: readonly string[],
): Promise<Result<DrillConfig, string>> {
  const [file, ...more] = operands;
  if (file === undefined || more.length > 0) return refuse('expected one FILE. See --help');
  const text = await readSource(resolve(context.cwd, file)).catch(() => undefined);
  if (text === undefined) return refuse(`cannot read ${file}`);
  const config = readDrill(text);
  if (!config.ok) return refuse(`${file}: ${config.error}`);
  const unsafe = config.value.verifiers.find((verifier) => !isSafeUrl(urlOf(verifier)));
  return unsafe ? refuse(`refusing to send the token to a non-HTTPS URL: ${unsafe.name}`) : config;
}

interface Caller {
  readonly verifier: DrilledVerifier;
  readonly call: () => Promise<Outcome>;
}

/** Makes one call each, which must be allowed: otherwise a later denial proves nothing. */
async function useEverywhere(
  context: CommandContext,
  callers: readonly Caller[],
  { expires }: DrillCapability,
): Promise<Result<undefined, string>> {
  const left = expires - context.now().getTime();
  const short = callers.find(
    ({ verifier: { tier } }) => boundMilliseconds(tier, 0) + DRILL_MARGIN_MILLISECONDS > left,
  );
  if (short) {
    return refuse(
      `the capability expires before the bound of ${short.verifier.name}, which would prove nothing`,
    );
  }
  const outcomes = await Promise.all(
    callers.map(async ({ verifier, call }) => ({ name: verifier.name, outcome: await call() })),
  );
  for (const { name, outcome } of outcomes) {
    if (outcome.kind === 'allowed') context.err(`${name}: allowed`);
    else {
      const why =
        outcome.kind === 'denied' ? `denied (${outcome.code})` : `not answered (${outcome.why})`;
      return refuse(`${name}: the call is ${why} before anything is revoked`);
    }
  }
  return ok(undefined);
}

async function revoke(context: CommandContext, flags: IssuerFlags, { workflow }: DrillCapability) {
  const call = { params: { id: workflow }, body: { reason: 'hewn drill' } };
  const revoked = await callIssuer(context, flags, ADMIN_API.workflows.revokeWorkflow, call);
  const since = context.now().getTime();
  if (!revoked.ok) {
    return refuse(`${workflow} was not revoked, so revoke it by hand: ${revoked.error}`);
  }
  const { epoch, seq } = revoked.value;
  context.err(`revoked: ${epoch}.${seq}`);
  return ok({ epoch, seq, since });
}

function watchAll(
  context: CommandContext,
  callers: readonly Caller[],
  { expires }: DrillCapability,
  watching: { readonly since: number; readonly everyMilliseconds: number },
): Promise<readonly DrillResult[]> {
  const now = () => context.now().getTime();
  return Promise.all(
    callers.map(async ({ verifier, call }) => {
      const { name, tier } = verifier;
      const bound = boundMilliseconds(tier, Math.max(0, expires - watching.since));
      const observation = await watch({
        ...watching,
        now,
        giveUpMilliseconds: bound + DRILL_MARGIN_MILLISECONDS,
        call,
      });
      const { deniedAt, code = 'no answer' } = observation;
      context.err(
        `${name}: ${deniedAt === undefined ? 'gave up' : `${code} after ${deniedAt} ms`}`,
      );
      return toDrillResult(verifier, bound, observation, verdictOf(tier, bound, observation));
    }),
  );
}
