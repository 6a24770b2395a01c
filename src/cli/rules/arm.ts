import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';

const { armRule } = ADMIN_API.rules;

export const rulesArm = defineCommand({
  name: 'rules arm',
  summary: 'let a rule that the breaker holds back act again',
  operands: 'RULE',
  description:
    'Lets a rule that the breaker holds back act again. Find out first whether the rule is wrong or you are under attack: the workflows that it did not stop are in the audit log. Name the rule with its version, as hewn rules list does. It starts from zero: what it had counted does not stop anything now.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn rules arm out-of-scope@2 --reason "the agents were mended in change 1234"'],
  run: async ({ flags, operands }, context) => {
    const [rule, ...more] = operands;
    if (rule === undefined || more.length > 0) {
      return refuse('name one rule with its version: hewn rules list shows them');
    }
    const call = { params: { rule }, body: { reason: flags.reason } };
    const armed = await callIssuer(context, flags, armRule, call);
    if (!armed.ok) return armed;
    context.out(flags.json ? showAnswer(armRule, armed.value) : `${armed.value.rule}  acts again`);
    return YES;
  },
});
