import * as v from 'valibot';
import { refuse } from '../../result.ts';
import { type Command, readFlags, SWITCH, showJson, TEXT, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { readDenied, whom } from './denied.ts';

const HELP = `hewn deny lift SCOPE VALUE --reason TEXT [--issuer URL] [--file FILE] [--json]

Lifts a denial: the issuer mints for it again, and verifiers allow the calls of a tool again. Tokens
that the denial of an agent, a subject or an owner has stopped stay dead; the agent asks for another.

  hewn deny lift agent local-idp#report-agent --reason "its image was replaced"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

const answerShape = v.object({
  scope: v.string(),
  value: v.string(),
  epoch: v.number(),
  seq: v.number(),
});

export const denyLift: Command = {
  name: 'deny lift',
  summary: 'mint for it again',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { ...ISSUER_FLAGS, reason: TEXT, json: SWITCH });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const scope = readDenied(positionals);
    if (!scope.ok) return scope;
    const { reason } = values;
    if (!reason) return refuse('--reason TEXT is missing: why goes to the audit log');
    const body = { ...scope.value, reason };
    const lifted = await askIssuer(at, values, 'denials/lift', answerShape, body);
    if (!lifted.ok) return lifted;
    const { epoch, seq } = lifted.value;
    const lines = [`${whom(lifted.value)}: lifted`, `  entry       ${epoch}.${seq}`];
    at.out(values.json === true ? showJson(lifted.value) : lines.join('\n'));
    return YES;
  },
};
