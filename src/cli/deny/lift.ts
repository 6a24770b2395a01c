import { ADMIN_API, DENIAL_SCOPES } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { describeScope } from '../watermark/scope.ts';
import { readDeniedScope } from './scope.ts';

export const denyLift = defineCommand({
  name: 'deny lift',
  summary: 'lift a denial',
  operands: 'SCOPE VALUE',
  operandChoices: DENIAL_SCOPES,
  description:
    'Lifts a denial: the issuer mints for it again, and verifiers allow the calls of a tool again. Tokens that the denial of an agent, a subject or an owner has stopped stay invalid; the agent must ask for new ones.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn deny lift agent local-idp#report-agent --reason "its image was replaced"'],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const scope = readDeniedScope(operands);
    if (!scope.ok) return scope;
    const body = { ...scope.value, reason: flags.reason };
    const lifted = await orderIssuer(context, flags, ADMIN_API.denials.liftDenial, { body });
    if (!lifted.ok) return lifted.error;
    const { epoch, seq } = lifted.value;
    const lines = [`${describeScope(lifted.value)}: lifted`, `  entry       ${epoch}.${seq}`];
    context.out(
      flags.json ? showAnswer(ADMIN_API.denials.liftDenial, lifted.value) : lines.join('\n'),
    );
    return YES;
  },
});
