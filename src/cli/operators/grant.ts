import { ADMIN_API } from '../../issuer-api/index.ts';
import { isThumbprint } from '../../jwk-thumbprint.ts';
import { OPERATOR_CAPABILITY_SECONDS_MAX } from '../../operator-capability/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { readEnd } from '../duration.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { issuerOf } from '../issuer.ts';
import { orderIssuer, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { showSeconds } from '../terminal/index.ts';
import { keyOf, newSecret, requireNew, writeNewFile } from './capability-file.ts';
import { OWNER_FLAG, PERMISSION_FLAG, UNTIL_TEXT } from './limits.ts';

const { mintCapability } = ADMIN_API.capabilities;
const HOURS_MAX = OPERATOR_CAPABILITY_SECONDS_MAX / 3_600;

export const operatorsGrant = defineCommand({
  name: 'operators grant',
  summary: 'mint an operator capability for a part of what you may do',
  description: `Mints a capability with which its holder does a part of what you may do at the issuer, and writes it to the file of --out, which only its owner can read. Use it with --capability FILE, narrow it with hewn operators narrow, and hand it on with hewn operators hand-on: both work offline.

It counts with a proof of the key that it is bound to. Without --holder that key is made here, and is in the file. It ends at --until, at most ${HOURS_MAX} hours from now, when someone stops it, or when you may no longer do it yourself. An agent that has the file can do exactly what it says.`,
  flags: {
    ...PERMISSION_FLAG,
    ...OWNER_FLAG,
    tool: {
      kind: 'list',
      value: 'TOOL',
      description: 'only for orders about this tool, or "mcp/files/*" for all below it',
    },
    until: { kind: 'text', value: 'TIME', required: true, description: `its end: ${UNTIL_TEXT}` },
    holder: {
      kind: 'text',
      value: 'THUMBPRINT',
      description: 'the key of its holder, as hewn operators key prints it',
    },
    out: { kind: 'text', value: 'FILE', required: true, description: 'the file to write' },
    ...REASON_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn operators grant --permission revoke --until 18:00 --reason "on call" --out all.json',
    'hewn workflows revoke --owner team:growth --reason "incident 7" --capability all.json',
  ],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags }, context) => {
    const { permission, owner, tool, holder, out, reason } = flags;
    if (permission.length === 0) return refuse('--permission PERMISSION is required: see --help');
    const ends = readEnd(context, '--until', flags.until, OPERATOR_CAPABILITY_SECONDS_MAX);
    if (!ends.ok) return ends;
    if (holder !== undefined && !isThumbprint(holder)) {
      return refuse('--holder must be a thumbprint, as hewn operators key prints it');
    }
    const isNew = await requireNew(context, out);
    if (!isNew.ok) return isNew;
    const secret = holder === undefined ? newSecret() : undefined;
    const thumbprint = holder ?? (await keyOf(secret ?? '')).thumbprint;
    const issuer = await issuerOf(context, flags);
    const limits = {
      ...(owner.length > 0 && { owners: [...owner] }),
      ...(tool.length > 0 && { tools: [...tool] }),
    };
    const body = {
      holder: thumbprint,
      grants: permission.map((each) => ({ permission: each, ...limits })),
      ends_at: ends.value,
      reason,
    };
    const minted = await orderIssuer(context, flags, mintCapability, { body });
    // Of an order that waits, the file keeps the key: hewn operators accept adds the capability.
    if (!minted.ok && !minted.error.ok) return minted.error;
    const token = minted.ok ? minted.value.token : undefined;
    const content = { issuer, ...(token && { token }), ...(secret && { secret }) };
    const written = await writeNewFile(context, out, content);
    if (!written.ok) return written;
    if (!minted.ok) return minted.error;
    const { id, ends_at: end } = minted.value;
    context.out(
      flags.json
        ? showAnswer(mintCapability, { ...minted.value, token: '(in the file)' })
        : `${id}  until ${showSeconds(context, end)}, in ${out}`,
    );
    return YES;
  },
});
