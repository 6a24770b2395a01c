import * as v from 'valibot';
import { shown } from '../../approval/index.ts';
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
import { effectLines, effectShape, readStopOrder, STOP_FLAGS } from '../effect.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP, type IssuerFlags } from '../issuer.ts';
import { readBefore, readScope } from './scope.ts';

const HELP = `hewn watermark [SCOPE [VALUE] --reason TEXT] [--before TIME] [--wait SECONDS]
               [--issuer URL] [--file FILE] [--json]

Stops everything of a scope that was issued until now, or before TIME, with one entry. What is issued
later is not stopped: who must get nothing more is taken out of the policy, or its key is retired.
SCOPE is all, issuer_key (an ID of hewn keys list), agent, subject, owner, audience or tool. Without
SCOPE, lists the watermarks in force.

  hewn watermark
  hewn watermark owner team:growth --reason "a leaked laptop" --wait 5
  hewn watermark agent spiffe://acme.example/agents/analyst --reason "its image was replaced"
  hewn watermark all --reason "we do not know yet what it was"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

const watermark = {
  scope: v.string(),
  value: v.string(),
  before: v.pipe(v.number(), v.minValue(0), v.maxValue(253_402_300_799)),
};
const listShape = v.object({ watermarks: v.array(v.object(watermark)) });
const answerShape = v.object({ ...watermark, ...effectShape.entries });

export const watermarkCommand: Command = {
  name: 'watermark',
  summary: 'stop all that was issued of a scope; what is stopped so',
  help: HELP,
  run: async (args, at) => {
    const options = {
      ...ISSUER_FLAGS,
      ...STOP_FLAGS,
      before: TEXT,
      json: SWITCH,
    } as const;
    const flags = readFlags(args, options);
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
    const body = {
      ...scope.value,
      reason,
      ...(before.value !== undefined && { before: before.value }),
    };
    const added = await askIssuer(at, values, `watermarks${query}`, answerShape, body);
    if (!added.ok) return added;
    if (values.json === true) at.out(showJson(added.value));
    else at.out([line(added.value), ...effectLines(added.value)].join('\n'));
    return YES;
  },
};

async function list(
  at: Surroundings,
  values: IssuerFlags & { readonly json?: boolean | undefined },
): Promise<Answer> {
  const listed = await askIssuer(at, values, 'watermarks', listShape);
  if (!listed.ok) return listed;
  const { watermarks } = listed.value;
  if (values.json === true) at.out(showJson(listed.value));
  else if (watermarks.length === 0) at.out('no watermark is in force');
  else at.out(watermarks.map(line).join('\n'));
  return YES;
}

const line = (mark: { scope: string; value: string; before: number }): string => {
  const whom = mark.scope === 'all' ? 'all' : `${mark.scope} ${shown(mark.value)}`;
  return `${whom}: issued before ${new Date(mark.before * 1000).toISOString()}`;
};
