import { WATERMARK_SCOPES } from '../../feed/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { type Answer, type CommandContext, defineCommand, showAnswer, YES } from '../command.ts';
import { effectAnswer, effectLines, matchesLine, readWait } from '../effect.ts';
import {
  DRY_RUN_FLAG,
  EVEN_UNKNOWN_FLAG,
  ISSUER_FLAGS,
  JSON_FLAG,
  STOP_EXIT_CODES,
  STOP_FLAGS,
} from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { type Screen, showSeconds } from '../terminal/index.ts';
import { describeScope, readBefore, readScope, type Scope } from './scope.ts';

const { listWatermarks, addWatermark, withdrawWatermark } = ADMIN_API.watermarks;

export const watermarkCommand = defineCommand({
  name: 'watermark',
  summary: 'stop everything issued in a scope, or list the watermarks in force',
  operands: '[SCOPE [VALUE]]',
  operandChoices: WATERMARK_SCOPES,
  description: `Stops everything in a scope that was issued until now, or before --before, with a single entry. Tokens issued later stay valid; hewn deny add stops those too. Without SCOPE, lists the watermarks in force.

SCOPE is all, issuer_key (an ID of hewn keys list), agent, subject, owner, audience or tool. Write an agent or a subject as in policies (local-idp#alice), as in records (https://idp.example#alice), or as a SPIFFE ID.

A value that no token can name is refused; --even-unknown sets it anyway. --withdraw takes back a watermark that no longer stops any unexpired token.`,
  flags: {
    reason: {
      kind: 'text',
      value: 'TEXT',
      description: 'why, for the audit log; required to stop',
    },
    before: {
      kind: 'text',
      value: 'TIME',
      description: 'stop what was issued before then: 30m, 2h or 7d ago, or 2026-11-23T10:00:00Z',
    },
    wait: STOP_FLAGS.wait,
    ...DRY_RUN_FLAG,
    ...EVEN_UNKNOWN_FLAG,
    withdraw: { kind: 'switch', description: 'take a watermark back' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn watermark',
    'hewn watermark owner team:growth --reason "a leaked laptop" --wait 5',
    'hewn watermark agent local-idp#report-agent --reason "its image was replaced" --dry-run',
    'hewn watermark owner team:grwoth --withdraw --reason "a typo"',
    'hewn watermark all --reason "the cause is still unknown"',
  ],
  exitCodes: { ...STOP_EXIT_CODES, ...WAITS_EXIT_CODE },
  run: async ({ flags, operands }, context) => {
    const { reason } = flags;
    if (operands.length === 0 && reason === undefined) return list(context, flags);
    const scope = readScope(operands);
    if (!scope.ok) return scope;
    const before = readBefore(context, flags.before);
    if (!before.ok) return before;
    if (!reason) return refuse('--reason TEXT is required: why, for the audit log');
    const query = readWait(flags.wait);
    if (!query.ok) return query;
    if (flags.withdraw) return withdraw(context, flags, { ...scope.value, reason });
    const body = {
      ...scope.value,
      reason,
      ...(before.value !== undefined && { before: before.value }),
      ...(flags['even-unknown'] && { even_unknown: true as const }),
      ...(flags['dry-run'] && { dry_run: true as const }),
    };
    const call = flags['dry-run'] ? { body } : { query: query.value, body };
    const added = await callIssuer(context, flags, addWatermark, call);
    if (!added.ok) return added;
    const { value } = added;
    const lines =
      'dry_run' in value
        ? [
            `${line(context, value)} (a dry run: nothing was stopped)`,
            matchesLine(context, value.matches),
          ]
        : [
            line(context, value),
            matchesLine(context, value.matches),
            ...effectLines(context, value),
          ];
    context.out(flags.json ? showAnswer(addWatermark, value) : lines.join('\n'));
    return 'dry_run' in value ? YES : effectAnswer(value, query.value);
  },
});

interface WatermarkFlags extends IssuerFlags {
  readonly json: boolean;
  readonly before: string | undefined;
  readonly 'dry-run': boolean;
  readonly 'even-unknown': boolean;
}

async function withdraw(
  context: CommandContext,
  flags: WatermarkFlags,
  body: Scope & { readonly reason: string },
): Promise<Answer> {
  const other = (['before', 'dry-run', 'even-unknown'] as const).find((name) => flags[name]);
  if (other) return refuse(`--withdraw cannot be combined with --${other}`);
  const withdrawn = await orderIssuer(context, flags, withdrawWatermark, { body });
  if (!withdrawn.ok) return withdrawn.error;
  const { epoch, seq } = withdrawn.value;
  const lines = [`${describeScope(withdrawn.value)}: withdrawn`, `  entry       ${epoch}.${seq}`];
  context.out(flags.json ? showAnswer(withdrawWatermark, withdrawn.value) : lines.join('\n'));
  return YES;
}

async function list(context: CommandContext, flags: WatermarkFlags): Promise<Answer> {
  const listed = await callIssuer(context, flags, listWatermarks, {});
  if (!listed.ok) return listed;
  const { watermarks } = listed.value;
  if (flags.json) context.out(showAnswer(listWatermarks, listed.value));
  else if (watermarks.length === 0) context.out('no watermark is in force');
  else context.out(watermarks.map((mark) => line(context, mark)).join('\n'));
  return YES;
}

const line = (screen: Screen, mark: { scope: string; value: string; before: number }): string =>
  `${describeScope(mark)}: issued before ${showSeconds(screen, mark.before)}`;
