import { canonicalJson, isPlain } from '../canonical-json.ts';
import { toHex, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';

/** The files of a policy and the catalogue that it was written for. They change together. */
export interface Version {
  /** The text of each policy file, by its name, such as `policy/reports.datalog`. */
  readonly policy: Readonly<Record<string, string>>;
  /** The tool catalogue, in TOML. */
  readonly catalogue: string;
}

/**
 * What brings a version to an issuer: a person, or a command with the version of a folder. A
 * command sees by it that a person activated a version since.
 */
export const VERSION_SOURCES = ['operator', 'deploy', 'dev', 'serve'] as const;

export type VersionSource = (typeof VERSION_SOURCES)[number];

/** The name of the catalogue in faults and diffs: it has none of its own in a version. */
export const CATALOGUE_FILE = 'catalogue';

/** A policy of more files has not been split, it has been scattered. */
export const VERSION_FILES_MAX = 64;
const FILE_NAME_CHARACTERS_MAX = 128; // As long as a path that a person reads.
/**
 * Of the canonical form: fifteen files of the largest policy, or a catalogue and eleven. It is also
 * what is sent and stored, and a value of SQLite has at most 2 MB.
 */
export const VERSION_BYTES_MAX = 1024 * 1024;

/**
 * Segments of letters, digits and a few marks, and the ending of a policy. The name is shown to
 * people, is a key of the version and is the path where `hewn versions show --to` writes the file,
 * so it cannot lead out of a folder, and is no member that every object has.
 */
const FILE_NAME =
  /^(?:[\p{L}\p{N}_@+-][\p{L}\p{N}_.@+ -]*\/)*[\p{L}\p{N}_@+-][\p{L}\p{N}_.@+ -]*\.datalog$/u;

const VERSION_ID = /^[0-9a-f]{64}$/;

/** Returns whether a text is written as the id of a version. */
export const isVersionId = (text: string): boolean => VERSION_ID.test(text);

/**
 * Reads a version of exactly these members. Returns what is wrong with its form, in a sentence; its
 * content is checked by `checkVersion` of `src/policy`.
 */
export function readVersion(value: unknown): Result<Version, string> {
  if (!isPlain(value)) return refuse('a version must be an object with policy and catalogue');
  const { policy, catalogue, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return refuse(`unknown member ${JSON.stringify(unknown)}`);
  if (typeof catalogue !== 'string') return refuse('catalogue must be the text of a TOML file');
  if (!isPlain(policy)) return refuse('policy must be an object of texts by file name');
  const files = Object.entries(policy);
  if (files.length === 0) return refuse('policy has no file');
  if (files.length > VERSION_FILES_MAX) {
    return refuse(`policy has ${files.length} files; at most ${VERSION_FILES_MAX} are allowed`);
  }
  for (const [name, text] of files) {
    const why = nameFault(name);
    if (why !== undefined) return refuse(`the file name ${JSON.stringify(name)} ${why}`);
    if (typeof text !== 'string') return refuse(`${name} must be a text`);
  }
  const version = { policy: policy as Version['policy'], catalogue };
  const texts = [catalogue, ...Object.values(version.policy)];
  if (!texts.every((text) => text.isWellFormed())) {
    return refuse('a text has half of a character (a lone surrogate)');
  }
  const bytes = versionBytes(version);
  if (bytes > VERSION_BYTES_MAX) {
    return refuse(`it has ${bytes} bytes; at most ${VERSION_BYTES_MAX} are allowed`);
  }
  return ok(version);
}

function nameFault(name: string): string | undefined {
  if (name.length > FILE_NAME_CHARACTERS_MAX) {
    return `has more than ${FILE_NAME_CHARACTERS_MAX} characters`;
  }
  if (!FILE_NAME.test(name)) {
    return 'must be a relative path to a .datalog file, of letters, digits and . _ @ + -, whose segments do not begin with a dot';
  }
  return name.normalize('NFC') === name ? undefined : 'must be in Unicode form NFC';
}

/** Returns the size of a version: the bytes of its canonical form. */
export const versionBytes = (version: Version): number => utf8(canonical(version)).length;

const canonical = ({ policy, catalogue }: Version): string => canonicalJson({ policy, catalogue });

/**
 * Returns the id of a version: the SHA-256 of its RFC 8785 form, in lower-case hex. The order of
 * the files and of the members does not matter, and every character of a text does.
 */
export const versionId = (version: Version): Promise<string> => sha256(canonical(version));

/** Returns the SHA-256 of a catalogue's UTF-8 bytes, in lower-case hex. Feed heads name it. */
export const catalogueHash = (catalogue: string): Promise<string> => sha256(catalogue);

const sha256 = async (text: string): Promise<string> =>
  toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
