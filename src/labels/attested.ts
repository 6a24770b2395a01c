import type { JsonObject } from '../canonical-json.ts';
import type { Provenance } from '../provenance/index.ts';
import { valuesAt } from './values-at.ts';

/**
 * The origins that count for a URL. A stranger chose what is only `peer`: an agent that may request
 * any of many such pages says something by its choice.
 */
const COUNTS = /^(?:prompt|(?:self|own|server):\S+|peer:\S+ named)(?: named)?$/;

/** Returns the texts in a call that the request of the user or a read field attests. */
export function attestedTexts(
  provenance: Provenance | undefined,
  args: JsonObject,
): readonly string[] {
  const used = provenance?.used ?? [];
  const pointers = used.filter(({ origin }) => COUNTS.test(origin)).map(({ pointer }) => pointer);
  return [...new Set(pointers)]
    .flatMap((pointer) => valuesAt(args, pointer))
    .filter((value) => typeof value === 'string');
}
