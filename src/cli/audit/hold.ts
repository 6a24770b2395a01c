import { printableJson } from '../../approval/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { type Screen, showTimestamp } from '../terminal/index.ts';
import { readOperand } from './operand.ts';

interface Hold {
  readonly hold: string;
  readonly subject: string;
  readonly reason: string;
  readonly at: string;
}

export const auditHold = defineCommand({
  name: 'audit hold',
  summary: 'put a legal hold on the records about a person',
  operands: 'SUBJECT',
  description:
    'Puts a legal hold on a person. Until hewn audit release, hewn audit erase refuses the person, and retention keeps their records. Write the subject as records spell it. The person may have no records yet.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ["hewn audit hold 'local-idp#alice' --reason 'case 12 C 345/26'"],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const subject = readOperand(operands, 'SUBJECT');
    if (!subject.ok) return subject;
    const body = { subject: subject.value, reason: flags.reason };
    const held = await orderIssuer(context, flags, ADMIN_API.people.setHold, { body });
    if (!held.ok) return held.error;
    context.out(flags.json ? showJson(held.value) : linesOf(context, held.value).join('\n'));
    return YES;
  },
});

export const auditHolds = defineCommand({
  name: 'audit holds',
  summary: 'list the legal holds',
  description: 'Lists the legal holds, the oldest first.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn audit holds'],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, ADMIN_API.people.listHolds, {});
    if (!listed.ok) return listed;
    const { holds } = listed.value;
    if (flags.json) context.out(showJson(listed.value));
    else
      context.out(
        holds.flatMap((hold) => linesOf(context, hold)).join('\n') || 'there is no legal hold',
      );
    return YES;
  },
});

export const auditRelease = defineCommand({
  name: 'audit release',
  summary: 'release a legal hold',
  operands: 'HOLD',
  description:
    'Releases a legal hold by its id. If it was the last one on the person, hewn audit erase accepts the person again, and retention deletes the records that are due.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    "hewn audit release hold.6c1f5c1e-6d0c-4a6c-9f2b-0d6f1f7f3a55 --reason 'the case is closed'",
  ],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const hold = readOperand(operands, 'HOLD');
    if (!hold.ok) return hold;
    const call = { params: { hold: hold.value }, body: { reason: flags.reason } };
    const released = await orderIssuer(context, flags, ADMIN_API.people.releaseHold, call);
    if (!released.ok) return released.error;
    context.out(flags.json ? showJson(released.value) : `${released.value.hold}: released`);
    return YES;
  },
});

const linesOf = (screen: Screen, { hold, subject, reason, at }: Hold): readonly string[] => [
  `${hold}: ${printableJson(subject)}`,
  `  since       ${showTimestamp(screen, at)}`,
  `  reason      ${printableJson(reason)}`,
];
