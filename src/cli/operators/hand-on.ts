import { appendHop, type HolderKey } from '../../capability/index.ts';
import { isThumbprint } from '../../jwk-thumbprint.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { readOwnCapability, writeNewFile } from './capability-file.ts';
import { narrowingOf, OWNER_FLAG, PERMISSION_FLAG, UNTIL_TEXT } from './limits.ts';

export const operatorsHandOn = defineCommand({
  name: 'operators hand-on',
  summary: 'hand an operator capability to the holder of another key',
  operands: 'FILE',
  description: `Reads an operator capability from FILE, and writes one to --out that is bound to the key of --to and allows only what is named here. The new file has no key: only the holder of that key can use it, so it can be sent over any channel. The receiver runs hewn operators accept. It needs no network. Records of its orders name every key that it went through.`,
  flags: {
    to: {
      kind: 'text',
      value: 'THUMBPRINT',
      required: true,
      description: 'the key of the receiver, as hewn operators key prints it',
    },
    name: {
      kind: 'text',
      value: 'NAME',
      description: 'what records call the receiver; only your signature vouches for it',
    },
    ...PERMISSION_FLAG,
    ...OWNER_FLAG,
    until: { kind: 'text', value: 'TIME', description: `its end: ${UNTIL_TEXT}` },
    out: { kind: 'text', value: 'FILE', required: true, description: 'the file to write' },
    ...JSON_FLAG,
  },
  examples: ['hewn operators hand-on all.json --to NzbLsXh8... --until 18:00 --out for-pager.json'],
  run: async ({ flags, operands }, context) => {
    const [file, ...more] = operands;
    if (file === undefined || more.length > 0) return refuse('expected one FILE. See --help');
    const { to, name, out } = flags;
    if (!isThumbprint(to)) {
      return refuse('--to must be a thumbprint, as hewn operators key prints it');
    }
    const own = await readOwnCapability(context, file);
    if (!own.ok) return own;
    const narrowing = narrowingOf(context, flags);
    if (!narrowing.ok) return narrowing;
    const { token, key, issuer } = own.value;
    const next = { to, ...(name !== undefined && { name }) };
    const handed = await appendHop(token, key as HolderKey, next, narrowing.value);
    if (!handed.ok) return refuse(`it cannot be handed on: ${handed.error.code}`);
    const written = await writeNewFile(context, out, { issuer, token: handed.value });
    if (!written.ok) return written;
    context.out(flags.json ? showJson({ file: out }) : out);
    return YES;
  },
});
