import { toSeconds } from '../../clock.ts';
import { ADMIN_API, DENIAL_SCOPES } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { effectAnswer, effectLines, matchesLine, readWait } from '../effect.ts';
import {
  DRY_RUN_FLAG,
  EVEN_UNKNOWN_FLAG,
  ISSUER_FLAGS,
  JSON_FLAG,
  STOP_EXIT_CODES,
  STOP_FLAGS,
} from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { readTime } from '../time.ts';
import { describeScope } from '../watermark/scope.ts';
import { describeEnd, readDeniedScope } from './scope.ts';

export const denyAdd = defineCommand({
  name: 'deny add',
  summary: 'deny an agent, subject, owner or tool, and stop its tokens or calls',
  operands: 'SCOPE VALUE',
  operandChoices: DENIAL_SCOPES,
  description: `Denies an agent, a subject, an owner or a tool until --until, or until hewn deny lift. Nothing is minted, continued, stepped up or approved for it, and its existing tokens are stopped. For a tool, every verifier denies the calls, and workflows keep their other tools.

Write an agent or a subject as for hewn watermark. Adding the same denial again replaces its reason and its end.`,
  flags: {
    ...STOP_FLAGS,
    until: {
      kind: 'text',
      value: 'TIME',
      description: 'when the denial ends: in 30m, 2h or 7d, or 2026-11-23T18:00:00Z',
    },
    ...DRY_RUN_FLAG,
    ...EVEN_UNKNOWN_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn deny add agent local-idp#report-agent --reason "it came back after a revocation"',
    'hewn deny add tool mcp/files/delete_file --until 2h --reason "a server bug"',
  ],
  exitCodes: STOP_EXIT_CODES,
  run: async ({ flags, operands }, context) => {
    const scope = readDeniedScope(operands);
    if (!scope.ok) return scope;
    const until = readTime('until', flags.until, context.now(), 'ahead');
    if (!until.ok) return until;
    const query = readWait(flags.wait);
    if (!query.ok) return query;
    const body = {
      ...scope.value,
      reason: flags.reason,
      ...(until.value !== undefined && { until: toSeconds(until.value) }),
      ...(flags['even-unknown'] && { even_unknown: true as const }),
      ...(flags['dry-run'] && { dry_run: true as const }),
    };
    const call = flags['dry-run'] ? { body } : { query: query.value, body };
    const added = await callIssuer(context, flags, ADMIN_API.denials.addDenial, call);
    if (!added.ok) return added;
    const { value } = added;
    const lines =
      'dry_run' in value
        ? [`${describeScope(value)}: not denied (a dry run)`, matchesLine(context, value.matches)]
        : [
            `${describeScope(value)}: denied ${describeEnd(context, value)}`,
            matchesLine(context, value.matches),
            ...effectLines(context, value),
          ];
    context.out(flags.json ? showAnswer(ADMIN_API.denials.addDenial, value) : lines.join('\n'));
    return 'dry_run' in value ? YES : effectAnswer(value, query.value);
  },
});
