import { readKills } from '../../feed/log/index.ts';
import { refuse } from '../../result.ts';
import { type Command, NO, readFlags, SWITCH, showJson, TEXT, YES } from '../command.ts';
import { readPublicKey } from '../feed/source.ts';
import { killLine, readKillList } from './list.ts';

const HELP = `hewn kill verify LIST --public-key HEX --issuer URL [--json]

Reads a list of kill statements as a verifier does, from a file or from the URL that serves it, and
says which hold for this issuer. What else is in the list is passed over by verifiers, and counted.

  hewn kill verify kills.json --public-key 5f0c... --issuer https://issuer.example
  hewn kill verify https://status.example/kills.json --public-key 5f0c... --issuer URL

The issuer may be HEWN_ISSUER instead.
Exit code: 0 every entry holds, 1 some do not or there is none, 2 it could not be read.`;

const FLAGS = {
  'public-key': TEXT,
  issuer: TEXT,
  json: SWITCH,
} as const;

export const killVerify: Command = {
  name: 'kill verify',
  summary: 'which kill statements of a list hold',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const [place, ...more] = positionals;
    if (place === undefined || more.length > 0) return refuse('it takes one LIST. See --help');
    const key = await readPublicKey(values['public-key'] ?? '');
    if (!key) return refuse('--public-key is what hewn kill new-key says: 64 hex digits');
    const issuer = values.issuer ?? at.variable('HEWN_ISSUER');
    if (issuer === undefined) return refuse('--issuer URL says whose tokens are stopped');
    const list = await readKillList(at, place);
    if (!list.ok) return list;
    const kills = await readKills(list.value, { issuer, key });
    const passedOver = list.value.length - kills.length;
    if (values.json === true) at.out(showJson({ kills, passedOver }));
    else {
      const head = `${kills.length} hold, ${passedOver} are passed over`;
      at.out([head, ...kills.map(killLine)].join('\n'));
    }
    return kills.length > 0 && passedOver === 0 ? YES : NO;
  },
};
