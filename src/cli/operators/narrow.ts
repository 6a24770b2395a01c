import { narrow } from '../../capability/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { readCapabilityFile, readOwnCapability, writeNewFile } from './capability-file.ts';
import { narrowingOf, OWNER_FLAG, PERMISSION_FLAG, UNTIL_TEXT } from './limits.ts';

export const operatorsNarrow = defineCommand({
  name: 'operators narrow',
  summary: 'write an operator capability that allows less',
  operands: 'FILE',
  description: `Reads an operator capability from FILE, and writes one to --out that allows only what is named here, until --until, with the same key. It needs no network, and no one needs to know. The holder of the new file cannot get back to what FILE allows. FILE stays as it is.`,
  flags: {
    ...PERMISSION_FLAG,
    ...OWNER_FLAG,
    until: { kind: 'text', value: 'TIME', description: `its end: ${UNTIL_TEXT}` },
    out: { kind: 'text', value: 'FILE', required: true, description: 'the file to write' },
    ...JSON_FLAG,
  },
  examples: ['hewn operators narrow all.json --owner team:growth --until 18:00 --out growth.json'],
  run: async ({ flags, operands }, context) => {
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) return refuse('expected one FILE. See --help');
    const own = await readOwnCapability(context, name);
    if (!own.ok) return own;
    const narrowing = narrowingOf(context, flags);
    if (!narrowing.ok) return narrowing;
    const smaller = await narrow(own.value.token, narrowing.value);
    if (!smaller.ok) return refuse(`it cannot be narrowed: ${smaller.error.code}`);
    const file = await readCapabilityFile(context, name);
    if (!file.ok) return file;
    const written = await writeNewFile(context, flags.out, { ...file.value, token: smaller.value });
    if (!written.ok) return written;
    context.out(flags.json ? showJson({ file: flags.out }) : flags.out);
    return YES;
  },
});
