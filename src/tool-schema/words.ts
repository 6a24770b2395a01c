import { type ArgumentBound, readArgumentBounds, type ValueBound } from '../bounds/index.ts';
import type { VerifiedCapability } from '../capability/index.ts';

const LINES_MAX = 12; // More arguments would fill the context of a model.
const UNITS_MAX = 400; // Of one line, which may list values.

/** Says what a token requires of the arguments of one tool, a phrase for each. */
export const requiredBy = (capability: VerifiedCapability, tool: string): readonly string[] =>
  describeBounds(readArgumentBounds(capability.blocks, tool));

/** Says what bounds require of each argument, a line for each, without what names datasets. */
function describeBounds(bounds: readonly ArgumentBound[]): readonly string[] {
  const lines = bounds.flatMap(lineOf);
  return [...new Set(lines)].slice(0, LINES_MAX).map(shorten);
}

function lineOf(one: ArgumentBound): readonly string[] {
  switch (one.kind) {
    case 'datasets':
      return [];
    case 'absent':
      return [`${one.pointer} must be left out`];
    case 'members': {
      const where = one.pointer === '' ? 'the arguments' : `the members of ${one.pointer}`;
      return [`${where} are at most: ${one.names.join(', ')}`];
    }
    case 'elements':
      return sentence(`each element of ${one.pointer}`, one.bound);
    case 'value':
      return sentence(`${one.pointer}${one.isOptional ? ', if given,' : ''}`, one.bound);
  }
}

function sentence(subject: string, bound: ValueBound): readonly string[] {
  const says = wordsOf(bound);
  return says === '' ? [] : [`${subject} must ${says}`];
}

/** Says what a bound requires, to be read after "must"; empty if it says nothing. */
export function wordsOf(bound: ValueBound): string {
  if (bound.anyOf) {
    const sides = bound.anyOf.map(wordsOf);
    return sides.includes('') ? '' : sides.join(', or ');
  }
  const phrases = [
    bound.values && `be ${listed(bound.values)}`,
    bound.below && `be or lie below ${listed(bound.below)}`,
    bound.start !== undefined && `start with ${quoted(bound.start)}`,
    bound.end !== undefined && `end with ${quoted(bound.end)}`,
    bound.pattern !== undefined && `match the pattern ${bound.pattern}`,
    bound.host !== undefined && hostWords(bound.host),
    bound.min !== undefined && `be at least ${bound.min}`,
    bound.max !== undefined && `be at most ${bound.max}`,
    bound.lengthMin !== undefined && `have at least ${bound.lengthMin} characters`,
    bound.lengthMax !== undefined && `have at most ${bound.lengthMax} characters`,
    bound.countMin !== undefined && `have at least ${bound.countMin} elements`,
    bound.countMax !== undefined && `have at most ${bound.countMax} elements`,
  ].filter((phrase): phrase is string => typeof phrase === 'string');
  if (phrases.length > 0) return phrases.join(' and ');
  if (bound.types) return `be of type ${bound.types.join(' or ')}`;
  return bound.isNotNull ? 'not be null' : '';
}

const hostWords = (host: string): string =>
  host.startsWith('.')
    ? `have the host ${quoted(host.slice(1))} or one below it`
    : `have the host ${quoted(host)}`;

function listed(values: readonly unknown[]): string {
  const [only, ...others] = values.map(quoted);
  return others.length === 0 ? String(only) : `one of ${[only, ...others].join(', ')}`;
}

const quoted = (value: unknown): string => JSON.stringify(value);

const shorten = (line: string): string =>
  line.length > UNITS_MAX ? `${line.slice(0, UNITS_MAX).toWellFormed()}…` : line;
