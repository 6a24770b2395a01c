/** The data of the suites as one plain JSON value, to pass into any runtime. */
import { fromBase64Url } from '../../src/encoding.ts';
import { readSamples } from '../conformance/format.ts';
import type { SampleSet } from '../conformance/runner.ts';

export type PackedSet = {
  /** The text of `samples.json`. */
  readonly samples: string;
  /** Tokens in base64url by file name. */
  readonly files: Readonly<Record<string, string>>;
};

export type SuiteData = {
  /** Null if this machine does not have the official data. */
  readonly official: PackedSet | null;
  readonly vectors: PackedSet;
};

export function unpackSet({ samples, files }: PackedSet): SampleSet {
  const read = readSamples(samples);
  if (!read.ok) throw new Error(read.error.problems.join('\n'));
  const tokens = Object.entries(files).map(
    ([name, text]) => [name, fromBase64Url(text) ?? new Uint8Array()] as const,
  );
  return { samples: read.value, files: new Map(tokens) };
}
