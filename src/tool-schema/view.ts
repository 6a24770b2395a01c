import type { ArgumentBound } from '../bounds/index.ts';
import { covers } from '../capability/index.ts';
import type { CatalogueTool, DatasetSource } from '../catalogue/index.ts';
import { EACH_ELEMENT } from '../json-pointer.ts';

/** What every allowed call of one tool meets. */
export interface ToolView {
  /** The top-level arguments that a call may pass; any if absent. */
  readonly listed?: readonly string[];
  readonly bounds: readonly ArgumentBound[];
}

/**
 * Returns what every allowed call of a tool meets. Undefined if no call can be allowed: some
 * dataset of every call lies outside of what the token covers.
 */
export function viewOf(
  tool: Pick<CatalogueTool, 'arguments' | 'datasets'> | undefined,
  granted: readonly string[],
  bounds: readonly ArgumentBound[],
): ToolView | undefined {
  if (!tool) return { bounds };
  const ofCaveats = bounds.flatMap((one) => (one.kind === 'datasets' ? [one.roots] : []));
  const ofDatasets = boundsOfDatasets(tool.datasets, [granted, ...ofCaveats]);
  return ofDatasets && { listed: tool.arguments, bounds: [...ofDatasets, ...bounds] };
}

/**
 * Returns what the arguments meet that datasets are read out of. Each dataset lies at or below one
 * root of every list. Undefined if one never does.
 */
function boundsOfDatasets(
  sources: readonly DatasetSource[],
  roots: readonly (readonly string[])[],
): readonly ArgumentBound[] | undefined {
  const bounds: ArgumentBound[] = [];
  for (const source of sources) {
    if ('fixed' in source) {
      if (!roots.every((list) => list.some((root) => covers(root, source.fixed)))) return undefined;
      continue;
    }
    const isOptional = source.default !== undefined;
    const place = placeOf(source.argument);
    if (!isOptional && place) bounds.push(present(place));
    for (const list of roots) {
      const below = pathsBelow(source, list);
      if (below === 'none') return undefined;
      if (below === 'any' || !place || source.emptyIsDefault) continue;
      bounds.push(
        place.isEach
          ? { kind: 'elements', pointer: place.pointer, bound: { below } }
          : { kind: 'value', pointer: place.pointer, isOptional, bound: { below } },
      );
    }
  }
  return bounds;
}

interface Place {
  readonly pointer: string;
  readonly isEach: boolean;
}

/** Undefined for a place inside the elements of an array. */
function placeOf(argument: string): Place | undefined {
  const each = `/${EACH_ELEMENT}`;
  const isEach = argument.endsWith(each);
  const pointer = isEach ? argument.slice(0, -each.length) : argument;
  return `${pointer}/`.includes(`${each}/`) ? undefined : { pointer, isEach };
}

/** A call without the argument is denied, and one with an empty list. */
const present = ({ pointer, isEach }: Place): ArgumentBound => ({
  kind: 'value',
  pointer,
  isOptional: false,
  bound: isEach ? { types: ['array'], countMin: 1 } : { types: ['string'] },
});

/**
 * Returns the paths at or below which the text in an argument is, `any` if it may be any text or if
 * the paths cannot be stated, and `none` if no text is allowed.
 */
function pathsBelow(
  source: Exclude<DatasetSource, { readonly fixed: string }>,
  roots: readonly string[],
): readonly string[] | 'any' | 'none' {
  const { under, names = 'plain', root, default: absent } = source;
  if (roots.some((one) => covers(one, under))) return 'any';
  if (absent !== undefined && roots.some((one) => covers(one, absent))) {
    if (!roots.some((one) => covers(under, one))) return 'any';
  }
  const inside = roots.filter((one) => covers(under, one));
  if (inside.length === 0) return absent === undefined ? 'none' : 'any';
  const paths = inside.map((one) => one.slice(under.length + 1));
  // Any other name may be spelt in another way in an argument than in a dataset.
  const isStated = paths.every((path) => /^[\w./-]+$/.test(path));
  if (!isStated || (names !== 'plain' && names !== 'natural')) return 'any';
  if (root === undefined) return paths;
  return paths.map((path) => `${root === '/' ? '' : root}/${path}`);
}
