import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { showTimestamp } from '../terminal/index.ts';
import { readOperand } from './operand.ts';

export const auditErase = defineCommand({
  name: 'audit erase',
  summary: 'erase what the audit logs say about a person',
  operands: 'SUBJECT',
  description: `Erases the personal members of all records about a person: the issuer deletes the key that they are encrypted under. Write the subject as records spell it. What the logs prove stays, and so does what was given out before: receipts, exports and backups.

It cannot be undone. It is complete when the command says so: for 30 days, the point-in-time recovery of the platform can bring the key back. A legal hold on the person refuses it.

Workflows of the person that are still running write new records under a new key. Revoke them first.`,
  flags: {
    reference: {
      kind: 'text',
      value: 'TEXT',
      description: 'the number of a case, for the audit log: nothing about the person',
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ["hewn audit erase 'local-idp#alice' --reference DSR-1042"],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const subject = readOperand(operands, 'SUBJECT');
    if (!subject.ok) return subject;
    const { reference } = flags;
    const body = { subject: subject.value, ...(reference !== undefined && { reference }) };
    const erased = await orderIssuer(context, flags, ADMIN_API.people.erasePerson, { body });
    if (!erased.ok) return erased.error;
    const { erasure, at, complete_at, living, recorded } = erased.value;
    const lines = [
      `erased at ${showTimestamp(context, at)}`,
      `  complete    ${showTimestamp(context, complete_at)}: until then, point-in-time recovery can bring the key back`,
      `  workflows   ${living} still running; they write new records under a new key`,
      '  backups     those made before have the key: delete them',
      `  record      ${erasure}${recorded ? '' : ' (not in the log yet; the issuer retries)'}`,
    ];
    context.out(flags.json ? showJson(erased.value) : lines.join('\n'));
    return YES;
  },
});
