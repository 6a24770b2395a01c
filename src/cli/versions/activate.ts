import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import type { IssuerFlags } from '../issuer.ts';
import { ACTIVATION_EXIT_CODES, activate } from './order.ts';
import { findId, showStatus } from './stored.ts';

export const versionsActivate = defineCommand({
  name: 'versions activate',
  summary: 'make the issuer decide by a stored version, within a second',
  operands: 'ID',
  description: `Makes a stored version the active one. It may grant, so the audit log records it first: if the log does not answer, nothing changes. Living capabilities stay valid; verifiers judge their calls by the catalogue of the new version.

--expects is the version that must be active now, by its id or the start of it, or none. Name the version that you compared with: the order is refused if someone activated another one since. By default it is the version that is active when the command starts.`,
  flags: {
    ...REASON_FLAG,
    expects: { kind: 'text', value: 'ID', description: 'the version that must be active now' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn versions activate 3f2a91c0 --expects 77b0e2d4 --reason "reviewed in change 1234"',
  ],
  exitCodes: ACTIVATION_EXIT_CODES,
  run: async ({ flags, operands }, context) => {
    const [wanted, unexpected] = operands;
    if (unexpected !== undefined) return refuse('name one version. See --help');
    const id = await findId(context, flags, wanted);
    if (!id.ok) return id;
    const expects = await readExpects(context, flags);
    if (!expects.ok) return expects;
    const order = { id: id.value, expects: expects.value, reason: flags.reason, json: flags.json };
    return activate(context, flags, order);
  },
});

async function readExpects(
  context: CommandContext,
  flags: IssuerFlags & { readonly expects: string | undefined },
): Promise<Result<string | null, string>> {
  if (flags.expects === 'none') return ok(null);
  if (flags.expects !== undefined) return findId(context, flags, flags.expects);
  const status = await showStatus(context, flags);
  return status.ok ? ok(status.value.active?.version ?? null) : status;
}
