import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import {
  inspectOperatorToken,
  keyOf,
  readCapabilityFile,
  replaceCapability,
} from './capability-file.ts';

export const operatorsAccept = defineCommand({
  name: 'operators accept',
  summary: 'put a capability that you were handed beside your key',
  operands: 'FILE',
  description: `Reads a capability that someone minted for your key or handed to it from FILE, and adds it to the file of --key, which you then use with --capability. It checks that the capability is bound to this key. Its signatures are checked by the issuer, at its first use.`,
  flags: {
    key: {
      kind: 'text',
      value: 'FILE',
      required: true,
      description: 'the file of your key, which hewn operators key has written',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn operators accept for-pager.json --key pager.json',
    'hewn workflows list --owner team:growth --capability pager.json',
  ],
  run: async ({ flags, operands }, context) => {
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) return refuse('expected one FILE. See --help');
    const [handed, own] = await Promise.all([
      readCapabilityFile(context, name),
      readCapabilityFile(context, flags.key),
    ]);
    if (!handed.ok) return handed;
    if (!own.ok) return own;
    const { issuer, token } = handed.value;
    const { secret } = own.value;
    if (issuer === undefined || token === undefined) return refuse(`${name} has no capability`);
    if (secret === undefined) return refuse(`${flags.key} has no key`);
    const claims = await inspectOperatorToken(issuer, token);
    if (!claims.ok) return claims;
    const { thumbprint } = await keyOf(secret);
    if (claims.value.holder !== thumbprint) {
      return refuse(`the capability is bound to another key than that of ${flags.key}`);
    }
    const written = await replaceCapability(context, flags.key, { issuer, token, secret });
    if (!written.ok) return written;
    context.out(flags.json ? showJson({ file: flags.key }) : flags.key);
    return YES;
  },
});
