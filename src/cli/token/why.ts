import { resolve } from 'node:path';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { inspectToken, isAction, type TokenClaims } from '../../capability/index.ts';
import { describeCall, parseCatalogue } from '../../catalogue/index.ts';
import {
  type DeniedCall,
  type Explanation,
  explainDenial,
  type Known,
} from '../../explain/index.ts';
import { FeedClient } from '../../feed/index.ts';
import { describeRule, type HistoryRule } from '../../history/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readSource } from '../../source-file.ts';
import {
  createVerifier,
  type Denial,
  type Feed,
  TIERS,
  type Tier,
  type VerifyRequest,
} from '../../verifier/index.ts';
import {
  type Answer,
  type CommandContext,
  defineCommand,
  type FlagValues,
  NO,
  showJson,
  YES,
} from '../command.ts';
import { renderExplanation } from '../explanation.ts';
import { describeFeedError } from '../feed/errors.ts';
import { FEED_FLAGS, readFeedSource } from '../feed/source.ts';
import { paint, renderFacts } from '../terminal/index.ts';
import { ROOT_KEY_FLAG } from './inspect.ts';
import { POLICY_FLAGS, readKnown } from './known.ts';
import { readToken } from './read-token.ts';

const text = (value: string, description: string) =>
  ({ kind: 'text', value, description }) as const;

const WHY_FLAGS = {
  tool: { kind: 'text', value: 'NAME', required: true, description: 'the tool of the call' },
  action: text('NAME', 'the action of the call: read, write, delete or execute'),
  dataset: { kind: 'list', value: 'PATH', description: 'a dataset that the call touches' },
  args: text('JSON', 'the arguments of the call, such as {"path":"private/diary.md"}'),
  catalogue: text('FILE', 'take action, datasets and tier from this catalogue, by the arguments'),
  tier: text('N', 'the tier of the route, from 0 to 3; by default 0, or that of the catalogue'),
  ...POLICY_FLAGS,
  ...ROOT_KEY_FLAG,
  ...FEED_FLAGS,
} as const;

export const tokenWhy = defineCommand({
  name: 'token why',
  summary: 'say whether a capability allows a call, and why not',
  operands: '[FILE]',
  description: `Judges a call by a capability from FILE or standard input, as a verifier does, and explains a denial: what was checked in order, and what would have been allowed. It makes no call and uses no secret. The proof of the holder's key is taken as given. With --catalogue, an allowed call is printed with the rules over history that it still has to meet: hewn workflows show says what is used of them.

The public feed of the issuer has the root keys and the stops, as for hewn feed status: a token that was revoked, suspended or matched by a watermark is denied, and so is one whose key was withdrawn. With --root-key, asks no network and looks for no stop.

With --policy, asks the policy in these files whether it would grant the call, and names the file and the line of the rule that refuses it, or of the nearest one. It needs a name for each identity issuer in the token, as in [identity] of hewn.toml. hewn audit why explains a call that was made, by the policy that decided.`,
  flags: WHY_FLAGS,
  examples: [
    'hewn token why cap.txt --tool mcp/files/write_file --action write --dataset files/private',
    `hewn token why cap.txt --catalogue policy/tools.toml \\
  --tool mcp/files/read_text_file --args '{"path":"private/diary.md"}'`,
    `hewn token why cap.txt --policy policy --identity local-idp=http://127.0.0.1:9400 \\
  --tool mcp/files/write_file --action write --dataset files/private`,
  ],
  exitCodes: { 0: 'the call is allowed', 1: 'the call is denied', 2: 'it could not be judged' },
  run: async ({ flags, operands }, context) => {
    const token = await readToken(context, operands);
    if (!token.ok) return token;
    const claims = await inspectToken(token.value);
    if (!claims.ok) return refuse(`this is not a capability: ${claims.error.code}`);
    const described = await readCall(context, flags);
    if (!described.ok) return described;
    const known = await readKnown(context, flags, claims.value);
    if (!known.ok) return known;
    if ('denied' in described.value) {
      return print(context, explainDenial(described.value.denied, known.value), flags.json);
    }
    const trust = await readTrust(context, flags, claims.value);
    if (!trust.ok) return trust;
    const { holder, authority } = claims.value;
    const verifier = createVerifier({
      ...trust.value,
      audience: authority.audience,
      now: () => context.now().getTime(),
    });
    const { call, rules } = described.value;
    const request = { ...call, ...(holder !== undefined && { holder }) };
    const decision = await verifier.verify(token.value, request);
    if (trust.value.keys !== 'feed') context.err('no feed was read, so no stop was looked for');
    if (decision.allowed) return printAllowed(context, decision.stale, rules, flags.json);
    const { denial } = decision;
    if (trust.value.keys === 'feed' && denial.code === 'signature_invalid') {
      context.err(keysLine(trust.value.feed));
    }
    return explain(context, denial, claims.value, { request, known: known.value }, flags.json);
  },
});

type Flags = FlagValues<typeof WHY_FLAGS>;

interface ReadCall {
  readonly call: VerifyRequest;
  /** Rules over history that bound the tool. Only the issuer can judge by them. */
  readonly rules: readonly HistoryRule[];
}

/** Reads the call, or the denial of a call that the catalogue does not describe. */
async function readCall(
  context: CommandContext,
  flags: Flags,
): Promise<Result<ReadCall | { readonly denied: DeniedCall }, string>> {
  const args = readArgs(flags.args);
  if (!args.ok) return args;
  const tier = Number(flags.tier ?? 0);
  if (!(tier in TIERS)) return refuse('--tier must be a number from 0 to 3');
  const { tool } = flags;
  if (flags.catalogue !== undefined) {
    if (flags.action !== undefined || flags.dataset.length > 0) {
      return refuse('with --catalogue, leave out --action and --dataset');
    }
    const read = await readSource(resolve(context.cwd, flags.catalogue)).catch(() => undefined);
    const catalogue = read === undefined ? undefined : parseCatalogue(read);
    if (!catalogue?.ok) return refuse(`${flags.catalogue} is not a catalogue: run hewn check`);
    const call = describeCall(catalogue.value, tool, args.value ?? {});
    if (call.ok) {
      const stated = flags.tier === undefined ? call.value.tier : (tier as Tier);
      const { history = [] } = catalogue.value.get(tool) ?? {};
      const rules = history.filter(({ tools }) => tools.includes(tool));
      return ok({ call: { ...call.value, tier: stated }, rules });
    }
    const { code, ...detail } = call.error;
    return ok({ denied: { code, tool, detail: detail as Record<string, string> } });
  }
  const { action } = flags;
  if (!isAction(action) || flags.dataset.length === 0) {
    return refuse('--action and --dataset are required, or --catalogue FILE, which has both');
  }
  const call: VerifyRequest = {
    tool,
    action,
    dataset: flags.dataset,
    tier: tier as Tier,
    ...(args.value && { args: args.value }),
  };
  return ok({ call, rules: [] });
}

function readArgs(given: string | undefined): Result<JsonObject | undefined, string> {
  if (given === undefined) return ok(undefined);
  try {
    const args: unknown = JSON.parse(given);
    return isJsonObject(args) ? ok(args) : refuse('--args must be a JSON object');
  } catch (error) {
    return refuse(`--args is not JSON: ${(error as Error).message}`);
  }
}

interface Trust {
  readonly issuer: string;
  readonly keys: 'feed' | readonly { readonly id: number; readonly publicKey: string }[];
  readonly feed: Feed;
}

/** Reads the feed of the issuer, or takes the root keys and no feed. */
async function readTrust(
  context: CommandContext,
  flags: Flags,
  { authority }: TokenClaims,
): Promise<Result<Trust, string>> {
  const given = flags['root-key'];
  if (given.some((key) => !/^[0-9a-f]{64}$/.test(key))) {
    return refuse('--root-key must be a public key: 64 lower-case hex digits');
  }
  if (given.length > 0) {
    const head = {
      epoch: 0,
      seq: 0,
      issued_at: Math.floor(context.now().getTime() / 1000),
      keys: [],
    };
    const feed: Feed = {
      head,
      find: () => undefined,
      shard: () => feed,
      refresh: async () => ({ ok: true }),
    };
    const keys = given.map((publicKey, id) => ({ id, publicKey }));
    return ok({ issuer: authority.issuer, keys, feed });
  }
  const shard = flags.shard ?? String(authority.shard ?? 0);
  const source = await readFeedSource(context, { ...flags, shard });
  if (!source.ok) return source;
  const client = new FeedClient({
    ...source.value,
    now: () => context.now().getTime(),
    report: () => undefined, // The command prints its own answer.
    fetch: (path, init) =>
      context.fetch(`${source.value.issuer}${path}`, { ...init, redirect: 'error' }),
  });
  const head = await client.refresh();
  if (!head.ok) return refuse(describeFeedError(head.error));
  return ok({ issuer: source.value.issuer, keys: 'feed', feed: client });
}

/** A token says by which key it was signed, but only the feed says which keys count. */
const keysLine = ({ head }: Feed): string =>
  `the feed accepts the root keys ${head?.keys.map(({ id }) => id).join(', ') || '(none)'}: the token was altered, or its key was withdrawn`;

function printAllowed(
  context: CommandContext,
  stale: boolean,
  rules: readonly HistoryRule[],
  asJson: boolean,
): Answer {
  const history = rules.map((rule) => ({ rule: rule.id, words: describeRule(rule) }));
  if (asJson) {
    context.out(showJson({ allowed: true, stale, ...(history.length > 0 && { history }) }));
    return YES;
  }
  context.out(paint(context, 'good', 'allowed'));
  const lines = history.map(({ rule, words }) => ({
    name: 'history',
    value: `${rule}: ${words}`,
  }));
  if (lines.length > 0) context.out(renderFacts(context, lines).join('\n'));
  return YES;
}

function explain(
  context: CommandContext,
  denial: Denial,
  { authority }: TokenClaims,
  { request: call, known }: { readonly request: VerifyRequest; readonly known: Known },
  asJson: boolean,
): Answer {
  const { code, ...detail } = denial;
  const { workflow, agent } = authority;
  const denied: DeniedCall = {
    code,
    detail: detail as Record<string, string | number>,
    workflow,
    agent,
    tool: call.tool,
    action: call.action,
    datasets: [call.dataset].flat(),
  };
  return print(context, explainDenial(denied, known), asJson);
}

function print(context: CommandContext, explanation: Explanation, asJson: boolean): Answer {
  const lines = renderExplanation(context, explanation);
  context.out(asJson ? showJson({ allowed: false, ...explanation }) : lines.join('\n'));
  return NO;
}
