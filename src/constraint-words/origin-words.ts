import type { Json } from '../canonical-json.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { type FieldAuthor, readOrigin } from '../provenance/index.ts';

/** Who decided that a value stands in a field, as the end of a sentence about it. */
const AUTHORS: Readonly<Record<FieldAuthor, string>> = {
  self: 'of the own account',
  own: 'that the holder of the account fills',
  server: 'that the service alone fills',
  peer: 'that another party fills',
};

const NAMED = ', of an object that the request of the user names';

/**
 * Returns where a value may come from, as the end of "a value that …". Returns undefined for an
 * origin of a form that is not known.
 */
export function originWords(origin: Json): string | undefined {
  const read = readOrigin(origin);
  switch (read?.kind) {
    case undefined:
      return undefined;
    case 'prompt':
      return 'stands in the request of the user';
    case 'approved':
      return 'a person approves for this call';
    case 'self':
      return 'the issuer knows of the person';
    case 'value':
      return `is ${quoted(read.value)}`;
    case 'field':
      return `was read as ${read.of} from a field ${AUTHORS[read.by]}${read.named ? NAMED : ''}`;
    case 'place': {
      const { tool, pointer, dataset, named } = read.place;
      const what = pointer === '' ? 'an answer' : `${quoted(pointer)} of an answer`;
      const where = dataset === undefined ? '' : ` about ${quoted(dataset)}`;
      return `was read from ${what} of ${quoted(tool)}${where}${named ? NAMED : ''}`;
    }
  }
}

const quoted = (value: string | number): string => escapeHidden(JSON.stringify(value));
