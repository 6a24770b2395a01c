/** Names: an accepted name is returned unchanged, and no similar name has the same meaning. */
import {
  checkAudience,
  checkDataset,
  checkPath,
  checkTool,
  covers,
} from '../../../src/capability/index.ts';
import type { NameError } from '../../../src/capability/names.ts';
import type { Result } from '../../../src/result.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

interface Kind {
  readonly bytesMax: number;
  readonly samples: readonly [string, ...string[]];
  readonly check: (text: string) => Result<string, NameError>;
  /** Equal for texts that some target takes for the same. */
  readonly meaning: (text: string) => string;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
/**
 * A path as a target resolves it: decoded, without dot segments, empty segments and backslashes.
 */
const resolved = (text: string): string => {
  const base = new URL('http://a/');
  base.pathname = decoded(text).replaceAll('\\', '/').replaceAll(/[?#]/g, '_');
  return decoded(base.pathname).replaceAll(/\/+/g, '/').normalize('NFC');
};
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;

const KINDS: readonly [Kind, ...Kind[]] = [
  {
    bytesMax: 128,
    check: checkTool,
    meaning: (text) => text.normalize('NFC'),
    samples: ['crm.search', `mcp/files/read ${CANARY}`, 'söök', 'x"); allow if true; //'],
  },
  {
    bytesMax: 512,
    check: checkDataset,
    meaning: (text) => resolved(`/${text}`),
    samples: ['crm/contacts/eu', 'files/reports/Q3 2026', `a/${CANARY}`, 'Über/ñ', 'a/b/c/d/e/f'],
  },
  {
    bytesMax: 2_048,
    check: checkPath,
    meaning: resolved,
    samples: ['/v1/contacts', '/', `/a/${CANARY}/b`, '/v1/%C3%A9t%C3%A9', '/a/b/'],
  },
  {
    bytesMax: 512,
    check: checkAudience,
    meaning: (text) => new URL(text).href,
    samples: ['https://crm.example', 'http://127.0.0.1:8080/mcp/a', `https://a.example/${CANARY}`],
  },
];

export const names: ParserCampaign = {
  name: 'names',
  outcomes: { ok: 'seen', name_invalid: 'seen' },
  cases: 10_000,
  attempt: (random) => {
    const { samples, check, bytesMax, meaning } = random.pick(KINDS);
    const sample = random.pick(samples);
    const changed = random.chance(0.8) ? mutateText(random, sample) : sample;
    const text = random.chance(0.02) ? changed + 'a/'.repeat(bytesMax) : changed;
    const checked = check(text);
    if (!checked.ok) {
      claim(text !== sample, 'an unmodified name is refused', text);
      claimSilent(checked.error);
      return checked.error.code;
    }
    claim(checked.value === text, 'a name is changed', { text, checked });
    claim(
      Buffer.byteLength(text) <= bytesMax && text !== '',
      'an empty name, or one of unbounded length, is accepted',
      text,
    );
    claim(
      text.isWellFormed() && text.normalize('NFC') === text,
      'a name that is not in NFC is accepted',
      text,
    );
    claim(!INVISIBLE.test(text), 'a name with an invisible character is accepted', text);
    const isResolved = check !== checkDataset || meaning(text) === `/${text.replaceAll('#', '_')}`;
    claim(isResolved, 'a dataset that its target would resolve differently is accepted', text);
    // The neighbour has one more change. If both are accepted, they must not mean the same.
    const neighbour = mutateText(random, text);
    if (neighbour !== text && check(neighbour).ok) {
      const same = meaning(neighbour) === meaning(text);
      const slash = neighbour === `${text}/` || text === `${neighbour}/`;
      const hex = neighbour.toLowerCase() === text.toLowerCase() && text.includes('%');
      const isPath = check === checkPath || check === checkAudience;
      claim(
        !same || (isPath && (slash || hex || text.includes('%') || neighbour.includes('%'))),
        'two accepted names mean the same',
        { text, neighbour },
      );
    }
    const segments = text.split('/');
    const parent = segments.slice(0, 1 + random.below(segments.length)).join('/');
    claim(covers(parent, text), 'a parent does not cover its child', { parent, text });
    claim(
      !covers(text, `${text}-archive`) && !covers(`${text}/x`, text),
      'a dataset covers more than what is below it',
      text,
    );
    return 'ok';
  },
};
