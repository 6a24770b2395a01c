import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, NO, showAnswer, YES } from '../command.ts';
import { renderExplanation } from '../explanation.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { paint, renderFacts, showTimestamp } from '../terminal/index.ts';

const { explainDecision } = ADMIN_API.explanations;

export const auditWhy = defineCommand({
  name: 'audit why',
  summary: 'explain why a recorded call was denied, and by whose rule',
  operands: 'ID',
  description:
    'Explains a decision record: what was checked in order, the file and the line of the rule that refuses, what would have been allowed, and the change that would allow it. The issuer computes it from the record and from the policy that decided. To judge a call that was not made, use hewn token why.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn audit why nWk3Zq0yB7uXv2aL-2.118',
    `hewn audit search --code no_grant --since 1h --json | jq -r '.record.id' | head -1`,
  ],
  exitCodes: { 0: 'the call was allowed', 1: 'the call was denied' },
  run: async ({ flags, operands }, context) => {
    const [id, ...more] = operands;
    if (id === undefined || more.length > 0) {
      return refuse('name one decision record by its id: hewn audit search --json shows it');
    }
    const shown = await callIssuer(context, flags, explainDecision, { params: { id } });
    if (!shown.ok) return shown;
    const { at, workflow = '', tool = '', allowed, code, summary, checks } = shown.value;
    const instead = shown.value.allowed_instead;
    const answer = allowed ? YES : NO;
    if (flags.json) {
      context.out(showAnswer(explainDecision, shown.value));
      return answer;
    }
    const facts = [
      { name: 'at', value: showTimestamp(context, at) },
      ...(workflow ? [{ name: 'workflow', value: workflow }] : []),
      ...(tool ? [{ name: 'tool', value: tool }] : []),
    ];
    const isExplained = !!(code && summary && checks && instead);
    const explained = isExplained
      ? renderExplanation(context, {
          ...shown.value,
          code,
          summary,
          checks,
          allowed_instead: instead,
        })
      : [allowed ? paint(context, 'good', 'allowed') : paint(context, 'bad', 'denied')];
    context.out([...explained, ...renderFacts(context, facts)].join('\n'));
    return answer;
  },
});
