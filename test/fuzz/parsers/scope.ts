/** Scopes: a list of grants has one spelling, and contains only valid names. */
import {
  ACTIONS,
  checkDataset,
  checkTool,
  type Grant,
  readScope,
  writeScope,
} from '../../../src/capability/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateText } from './text.ts';

const TOOLS = [
  'crm.search',
  'a:b',
  'x"); allow if true; //',
  'söök tool',
  '100%',
  "!*'()~",
  'a,b=c&d+e',
];
const DATASETS = ['crm/contacts', 'crm/contacts/eu', 'Über/ñ', 'a b/c,d', 'a&b=c@d+e', '(x)!#y'];

const someGrant = (random: Random): Grant => ({
  tool: random.pick(TOOLS as [string, ...string[]]),
  action: random.pick(ACTIONS),
  dataset: random.pick(DATASETS as [string, ...string[]]),
});

export const scope: ParserCampaign = {
  name: 'scope',
  outcomes: { ok: 'seen', scope_invalid: 'seen' },
  cases: 10_000,
  attempt: (random) => {
    const grants = random.list(1, random.chance(0.05) ? 44 : 4, () => someGrant(random));
    const written = writeScope(grants);
    const text = random.chance(0.7) ? mutateText(random, written) : written;
    const read = readScope(text);
    const distinct = new Set(grants.map((grant) => JSON.stringify(grant)));
    if (!read.ok) {
      const unmodified = text === written && distinct.size <= 32;
      claim(!unmodified, 'the scope of valid grants is refused', text);
      return read.error.code;
    }
    // Reads of one dataset count once.
    const counted = new Set(
      read.value.map(({ tool, action, dataset }) =>
        action === 'read' ? dataset : `${tool}\0${action}\0${dataset}`,
      ),
    );
    claim(
      read.value.length >= 1 && counted.size <= 32,
      'more grants than a token can have are accepted',
      text,
    );
    for (const { tool, action, dataset } of read.value) {
      claim(checkTool(tool).ok && checkDataset(dataset).ok, 'an invalid name is accepted', text);
      claim(ACTIONS.includes(action), 'an unknown action is accepted', text);
    }
    // Each grant is spelt exactly as `writeScope` spells it.
    const spelt = new Set(text.split(' '));
    const canonical = new Set(read.value.map((grant) => writeScope([grant])));
    claim(
      spelt.size === canonical.size && [...spelt].every((part) => canonical.has(part)),
      'a grant has two spellings',
      text,
    );
    if (text === written) {
      const same = read.value.every((grant) => distinct.has(JSON.stringify(grant)));
      claim(
        same && read.value.length === distinct.size,
        'the grants differ from the written ones',
        text,
      );
    }
    return 'ok';
  },
};
