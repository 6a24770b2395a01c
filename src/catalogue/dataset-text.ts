import type { Json } from '../canonical-json.ts';
import {
  checkDataset,
  checkPlainDataset,
  encodeDatasetName,
  encodeDatasetSegment,
  encodeDatasetUrl,
  type NameError,
} from '../capability/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { DatasetInArgument, DatasetNames } from './catalogue.ts';

/**
 * Returns the dataset that the text in an argument names. A text that its target could read in two
 * ways is refused, never repaired.
 */
export function datasetOf(value: Json, source: DatasetInArgument): Result<string, string> {
  if (typeof value !== 'string') return refuse('not a string');
  const { under, names = 'plain', root } = source;
  const relative = root === undefined ? ok(value) : belowRoot(value, root);
  if (!relative.ok) return relative;
  const isPath = names === 'plain' || names === 'natural';
  // Only `.` means the root itself: an empty path is the root to some targets, an error to others.
  if (isPath && value === (root ?? '.')) return ok(under);
  if (relative.value === '') return refuse('empty');
  if (isPath && relative.value.startsWith('/')) return refuse('an absolute path');
  const dataset = NAMED[names](under, relative.value);
  return dataset.ok ? dataset : refuse(dataset.error.why);
}

/** By whole segments. A path that is relative, or on a drive of Windows, is below no root. */
function belowRoot(path: string, root: string): Result<string, string> {
  if (path === root) return ok('');
  const start = root === '/' ? root : `${root}/`;
  return path.startsWith(start) ? ok(path.slice(start.length)) : refuse('outside the root');
}

type Named = (under: string, text: string) => Result<string, NameError>;

const NAMED: Readonly<Record<DatasetNames, Named>> = {
  plain: (under, path) => {
    const plain = checkPlainDataset(path);
    return plain.ok ? checkDataset(`${under}/${path}`) : plain;
  },
  natural: encodeDatasetName,
  opaque: encodeDatasetSegment,
  url: encodeDatasetUrl,
};
