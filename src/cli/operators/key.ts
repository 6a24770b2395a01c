import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { keyOf, newSecret, writeNewFile } from './capability-file.ts';

export const operatorsKey = defineCommand({
  name: 'operators key',
  summary: 'make the key to which an operator capability is bound',
  description: `Makes a key, writes it to the file of --out, which only its owner can read, and prints its thumbprint. To mint a capability (hewn operators grant --holder) or to hand one on (hewn operators hand-on --to), others need the thumbprint, and never the file. It needs no network.`,
  flags: {
    out: { kind: 'text', value: 'FILE', required: true, description: 'the file to write' },
    ...JSON_FLAG,
  },
  examples: ['hewn operators key --out pager.json'],
  run: async ({ flags: { out, json } }, context) => {
    let secret = newSecret();
    // One in 64 begins with a dash, and would be read as a flag of hand-on.
    while ((await keyOf(secret)).thumbprint.startsWith('-')) secret = newSecret();
    const { thumbprint } = await keyOf(secret);
    const written = await writeNewFile(context, out, { secret });
    if (!written.ok) return written;
    context.out(json ? showJson({ thumbprint, file: out }) : thumbprint);
    return YES;
  },
});
