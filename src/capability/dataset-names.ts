import { ok, type Result, refuse } from '../result.ts';
import { decodeSegment, encodeSegment } from './dataset-segment.ts';
import { checkDataset, type NameError } from './names.ts';
import { readText } from './text-reading.ts';

/** Names of datasets for texts that are no plain path: natural names and URLs. */

/**
 * Returns the name of the dataset below `under` for a natural name: a path whose segments may
 * have any visible character. Each text has one name, and no two texts have the same.
 *
 * @example
 * ```ts
 * import { encodeDatasetName } from 'hewn/capability';
 *
 * const name = encodeDatasetName('notes', 'plans/Q3: "draft"');
 * console.log(name.ok && name.value); // notes/plans/Q3~3A~ ~22~draft~22~
 * ```
 */
export const encodeDatasetName = (under: string, path: string): Result<string, NameError> =>
  joined(under, encodedPath(path));

/** Returns the text that the name of a dataset stands for, segment by segment. */
export const decodeDatasetName = (name: string): string =>
  name.split('/').map(decodeSegment).join('/');

/** Returns the name for a text that is one segment, whatever characters it has: a title, an id. */
export const encodeDatasetSegment = (under: string, text: string): Result<string, NameError> =>
  joined(under, encodeSegment(text));

/**
 * Returns the name for a URL with the scheme `http` or `https`, or for one without a scheme: the
 * host, and the segments of the path as the server decodes them. A port other than the scheme's is
 * part of the host. The query, the fragment and a slash at the end are not part of the name.
 */
export const encodeDatasetUrl = (under: string, url: string): Result<string, NameError> =>
  joined(under, encodedUrl(url));

function encodedPath(path: string): Result<string, string> {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '.' || segment === '..') return refuse('a dot segment');
    const encoded = encodeSegment(segment);
    if (!encoded.ok) return encoded.error === 'empty' ? refuse('an empty segment') : encoded;
    segments.push(encoded.value);
  }
  return ok(segments.join('/'));
}

/** A host with a dot, and no scheme, port or user info: it has no other reading. */
const WITHOUT_SCHEME = /^[\w-]+(?:\.[\w-]+)+\.?(?:[/?#]|$)/;

function encodedUrl(text: string): Result<string, string> {
  const absolute = WITHOUT_SCHEME.test(text) ? `https://${text}` : text;
  const read = readText(absolute);
  if (!read.ok) return read;
  const { url, forms } = read.value;
  if (!url || !forms.includes('url')) return refuse('not a URL that every reader reads alike');
  const usual = { http: 80, https: 443 }[url.scheme];
  if (usual === undefined) return refuse('not an http or https URL');
  const host = url.port === usual ? url.host : `${url.host}:${url.port}`;
  const segments = [host, ...url.path.split('/').slice(1).map(decodeURIComponent)];
  if (segments.at(-1) === '') segments.pop();
  const encoded = segments.map(encodeSegment);
  const fault = encoded.find((one) => !one.ok);
  if (fault && !fault.ok) return fault;
  return ok(encoded.map((one) => (one.ok ? one.value : '')).join('/'));
}

function joined(under: string, encoded: Result<string, string>): Result<string, NameError> {
  if (!encoded.ok) return refuse({ code: 'name_invalid', kind: 'dataset', why: encoded.error });
  return checkDataset(`${under}/${encoded.value}`);
}
