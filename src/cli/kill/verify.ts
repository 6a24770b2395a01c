import { readKills } from '../../feed/log/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { readPublicKey } from '../feed/source.ts';
import { JSON_FLAG } from '../flags.ts';
import { killLine, readKillList } from './list.ts';

export const killVerify = defineCommand({
  name: 'kill verify',
  summary: 'list the kill statements that verifiers obey',
  operands: 'LIST',
  description:
    'Reads a list of kill statements as a verifier does, from a file or from the URL that serves it, and prints those that are valid for this issuer. Verifiers ignore every other entry; this command counts them.',
  flags: {
    'public-key': {
      kind: 'text',
      value: 'HEX',
      required: true,
      description: 'the public half that hewn kill new-key printed: 64 hex digits',
    },
    issuer: {
      kind: 'text',
      value: 'URL',
      description: 'the issuer whose tokens are stopped; by default HEWN_ISSUER',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn kill verify kills.json --public-key 5f0c... --issuer https://issuer.example',
    'hewn kill verify https://status.example/kills.json --public-key 5f0c... --issuer URL',
  ],
  exitCodes: {
    0: 'every entry is valid',
    1: 'some entries are not valid, or the list is empty',
    2: 'the list cannot be read',
  },
  run: async ({ flags, operands }, context) => {
    const [place, ...more] = operands;
    if (place === undefined || more.length > 0) return refuse('expected one LIST. See --help');
    const key = await readPublicKey(flags['public-key']);
    if (!key)
      return refuse('--public-key must be the 64 hex digits that hewn kill new-key printed');
    const issuer = flags.issuer ?? context.variable('HEWN_ISSUER');
    if (issuer === undefined) return refuse('--issuer URL is required: whose tokens are stopped');
    const list = await readKillList(context, place);
    if (!list.ok) return list;
    const kills = await readKills(list.value, { issuer, key });
    const passedOver = list.value.length - kills.length;
    const lines = [
      `${kills.length} valid, ${passedOver} ignored`,
      ...kills.map((kill) => killLine(context, kill)),
    ];
    context.out(flags.json ? showJson({ kills, passedOver }) : lines.join('\n'));
    return kills.length > 0 && passedOver === 0 ? YES : NO;
  },
});
