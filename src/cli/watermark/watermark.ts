import * as v from 'valibot';
import { printableJson } from '../../approval/index.ts';
import { refuse } from '../../result.ts';
import {
  type Answer,
  type Command,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { effectAnswer, effectLines, effectShape, readStopOrder, STOP_FLAGS } from '../effect.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP, type IssuerFlags } from '../issuer.ts';
import { matchesLine, matchesShape } from './matches.ts';
import { readBefore, readScope, type Scope } from './scope.ts';

const HELP = `hewn watermark [SCOPE [VALUE] --reason TEXT] [--before TIME] [--wait SECONDS]
               [--dry-run] [--even-unknown] [--issuer URL] [--file FILE] [--json]
hewn watermark SCOPE [VALUE] --withdraw --reason TEXT

Stops everything of a scope that was issued until now, or before TIME, with one entry. What is issued
later is not stopped: hewn deny add does that. SCOPE is all, issuer_key (an ID of hewn keys list),
agent, subject, owner, audience or tool. An agent or subject is written as in policies
(local-idp#alice), as in records (https://idp.example#alice), or as a SPIFFE ID. Without SCOPE, lists
the watermarks in force.

A value that no token can name is refused; --even-unknown sets it all the same. --dry-run changes
nothing and says how many living workflows match. --withdraw frees the place of a watermark that can
hit no living token.

  hewn watermark
  hewn watermark owner team:growth --reason "a leaked laptop" --wait 5
  hewn watermark agent local-idp#report-agent --reason "its image was replaced" --dry-run
  hewn watermark all --reason "we do not know yet what it was"

${ISSUER_HELP}
Exit code: 0. 1 with --wait, where it is in the feed and a verifier has not said that it has it, or
none was heard of. 2 it could not be done.`;

const watermark = {
  scope: v.string(),
  value: v.string(),
  before: v.pipe(v.number(), v.minValue(0), v.maxValue(253_402_300_799)),
};
const listShape = v.object({ watermarks: v.array(v.object(watermark)) });
const answerShape = v.object({ ...watermark, matches: matchesShape, ...effectShape.entries });
const dryShape = v.object({ ...watermark, dry_run: v.literal(true), matches: matchesShape });
const withdrawnShape = v.object({
  scope: v.string(),
  value: v.string(),
  epoch: v.number(),
  seq: v.number(),
});

const FLAGS = {
  ...ISSUER_FLAGS,
  ...STOP_FLAGS,
  before: TEXT,
  'dry-run': SWITCH,
  'even-unknown': SWITCH,
  withdraw: SWITCH,
  json: SWITCH,
} as const;

export const watermarkCommand: Command = {
  name: 'watermark',
  summary: 'stop all that was issued of a scope; what is stopped so',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length === 0 && values.reason === undefined) return list(at, values);
    const scope = readScope(positionals);
    if (!scope.ok) return scope;
    const before = readBefore(values.before);
    if (!before.ok) return before;
    const order = readStopOrder(values);
    if (!order.ok) return order;
    const { reason, query } = order.value;
    if (values.withdraw === true) return withdraw(at, values, { ...scope.value, reason });
    const body = {
      ...scope.value,
      reason,
      ...(before.value !== undefined && { before: before.value }),
      ...(values['even-unknown'] === true && { even_unknown: true }),
    };
    if (values['dry-run'] === true) return dryRun(at, values, { ...body, dry_run: true });
    const added = await askIssuer(at, values, `watermarks${query}`, answerShape, body);
    if (!added.ok) return added;
    const { matches } = added.value;
    const lines = [line(added.value), matchesLine(matches), ...effectLines(added.value)];
    at.out(values.json === true ? showJson(added.value) : lines.join('\n'));
    return effectAnswer(added.value, order.value);
  },
};

type Flags = IssuerFlags & {
  readonly json?: boolean | undefined;
  readonly before?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly 'even-unknown'?: boolean | undefined;
};

async function dryRun(at: Surroundings, values: Flags, body: object): Promise<Answer> {
  const dry = await askIssuer(at, values, 'watermarks', dryShape, body);
  if (!dry.ok) return dry;
  const lines = [`${line(dry.value)} (a dry run: nothing was stopped)`];
  lines.push(matchesLine(dry.value.matches));
  at.out(values.json === true ? showJson(dry.value) : lines.join('\n'));
  return YES;
}

async function withdraw(
  at: Surroundings,
  values: Flags,
  body: Scope & { readonly reason: string },
): Promise<Answer> {
  const others = ['before', 'dry-run', 'even-unknown'] as const;
  const other = others.find((flag) => values[flag] !== undefined);
  if (other) return refuse(`--withdraw takes no --${other}`);
  const withdrawn = await askIssuer(at, values, 'watermarks/withdraw', withdrawnShape, body);
  if (!withdrawn.ok) return withdrawn;
  const { epoch, seq } = withdrawn.value;
  const lines = [`${whom(withdrawn.value)}: withdrawn`, `  entry       ${epoch}.${seq}`];
  at.out(values.json === true ? showJson(withdrawn.value) : lines.join('\n'));
  return YES;
}

async function list(at: Surroundings, values: Flags): Promise<Answer> {
  const listed = await askIssuer(at, values, 'watermarks', listShape);
  if (!listed.ok) return listed;
  const { watermarks } = listed.value;
  if (values.json === true) at.out(showJson(listed.value));
  else if (watermarks.length === 0) at.out('no watermark is in force');
  else at.out(watermarks.map(line).join('\n'));
  return YES;
}

const whom = ({ scope, value }: { scope: string; value: string }): string =>
  scope === 'all' ? 'all' : `${scope} ${printableJson(value)}`;

const line = (mark: { scope: string; value: string; before: number }): string =>
  `${whom(mark)}: issued before ${new Date(mark.before * 1000).toISOString()}`;
