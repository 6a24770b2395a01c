import { canonicalJson, type Json } from '../../canonical-json.ts';
import type { AuditRecord, RECORD_KINDS } from '../kinds/index.ts';

/** A member of a record that can say something about a person. */
interface PersonalMember {
  /** A member of the record, or a member of one of its objects: `approval.by`. */
  readonly name: string;
  /** Whose it is: the record's own person, or the member's value itself, such as an approver. */
  readonly of: 'record' | 'value';
  /** `naming`: personal only where its content names a person. It is readable otherwise. */
  readonly when: 'always' | 'naming';
}

const always = (...names: readonly string[]): readonly PersonalMember[] =>
  names.map((name) => ({ name, of: 'record', when: 'always' }));

const naming = (...names: readonly string[]): readonly PersonalMember[] =>
  names.map((name) => ({ name, of: 'record', when: 'naming' }));

/** A person who acted in a record of someone else. Erasing one of them leaves the other. */
const person = (name: string): PersonalMember => ({ name, of: 'value', when: 'always' });

/** The parties of any record. An agent is a program, unless its name is that of a person. */
const parties = [always('subject', 'task'), naming('agent', 'owner')].flat();

/** What a caller asked for. Names of datasets and constraints can come from arguments. */
const asked = naming('audience', 'grants');

/**
 * The call of a decision or a dispatch. A caller can write anything in a tool's name, and from the
 * digest of arguments or of an answer, the content can be guessed if it is short.
 */
const called = [naming('method', 'tool', 'datasets', 'hops'), always('request')].flat();
const answered = always('outcome.answer');

/**
 * The personal members of each kind of record. An entry of the log contains commitments in their
 * place, and their values are encrypted beside it. A kind that is missing here does not compile.
 */
export const PERSONAL: {
  readonly [Event in keyof typeof RECORD_KINDS]: readonly PersonalMember[];
} = {
  mint: [
    ...[parties, asked].flat(),
    ...naming('openSinks', 'actors', 'refused'),
    person('approval.by'),
  ],
  refusal: [parties, asked].flat(),
  // A digest of a stranger's input can be guessed if the input is a name.
  refusals: [parties, always('samples')].flat(),
  revocation: [parties, always('reason')].flat(),
  transition: [parties, always('reason')].flat(),
  closing: parties,
  watermark: [parties, always('reason'), naming('value')].flat(),
  denial: [parties, always('reason'), naming('value')].flat(),
  // A holder that is an operator answers by name, too.
  key: [parties, always('reason')].flat(),
  deviation: parties,
  rule_armed: [parties, always('reason')].flat(),
  gap: parties,
  dispatch: [parties, called, always('detail')].flat(),
  outcome: [parties, answered].flat(),
  stream: [parties, naming('endpoint')].flat(),
  version: [parties, always('reason')].flat(),
  log_opened: parties,
  erasure: [parties, naming('reference')].flat(),
  hold: [parties, always('reason')].flat(),
  // An operator answers for what they did by name, as in `actor` of any other record.
  operator: parties,
  checkpoint: parties,
  // With the digests of arguments, which can be guessed if they are short.
  approval_asked: [parties, asked, always('calls')].flat(),
  approval_decided: [...[parties, always('reason')].flat(), person('by')],
  decision: [
    ...[parties, called, answered, always('detail', 'sample')].flat(),
    person('approval.by'),
  ],
};

/** What a record has only to be found and counted. Never personal. */
const PLAIN: ReadonlySet<string> = new Set(['event', 'id', 'at', 'verifier', 'n', 'workflow']);

/** The member of an entry that holds its commitments. No kind of record has one of this name. */
export const COMMITMENTS = 'commitments';

/**
 * The person of a record that names no person. It has a key like any other, which is never erased.
 */
export const NO_PERSON = '';

/** A personal member of one record, with its value and the person whose key hides it. */
export interface PersonalValue {
  readonly name: string;
  readonly value: Json;
  readonly person: string;
}

/** Returns the personal members that a record has, in the order of their names. */
export function personalValuesOf(record: AuditRecord): readonly PersonalValue[] {
  const json = record as unknown as Readonly<Record<string, Json | undefined>>;
  const subject = subjectOf(json);
  const own = subject ?? textOf(json.agent ?? NO_PERSON);
  return membersOf(json)
    .flatMap(({ name, of, when }) => {
      const value = readMember(json, name);
      if (value === undefined) return [];
      if (when === 'naming' && !namesPerson(value, subject)) return [];
      return [{ name, value, person: of === 'value' ? textOf(value) : own }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns the people whose keys hide something of a record, each once. */
export const peopleOf = (record: AuditRecord): readonly string[] => [
  ...new Set(personalValuesOf(record).map(({ person }) => person)),
];

/**
 * A kind of a newer release can have members that this release does not know, so all of them are
 * hidden.
 */
function membersOf(record: Readonly<Record<string, unknown>>): readonly PersonalMember[] {
  const { event } = record;
  const reserved = Object.hasOwn(record, COMMITMENTS) ? always(COMMITMENTS) : [];
  if (typeof event === 'string' && Object.hasOwn(PERSONAL, event)) {
    return [reserved, PERSONAL[event as keyof typeof PERSONAL]].flat();
  }
  return always(...Object.keys(record).filter((name) => !PLAIN.has(name)));
}

/** The subject of a record, or the one that its watermark or denial is about. */
function subjectOf(record: Readonly<Record<string, Json | undefined>>): string | undefined {
  const { subject, scope, value } = record;
  const known = subject ?? (scope === 'subject' ? value : undefined);
  return known === undefined ? undefined : textOf(known);
}

/** A name that was too long for the record is there as a digest, whose text serves as the name. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));

/** Shorter ones would be found everywhere. */
const LOCAL_NAME_CHARACTERS_MIN = 3;

/**
 * Whether a value names a person: it contains an e-mail address, or the record's subject, whole or
 * without the issuer that qualifies it. Hides too much rather than too little.
 */
function namesPerson(value: Json, subject: string | undefined): boolean {
  const text = textOf(value);
  if (subject === undefined || text.includes('@')) return text.includes('@');
  const local = subject.slice(subject.indexOf('#') + 1);
  return [subject, local].some(
    (name) =>
      name.length >= LOCAL_NAME_CHARACTERS_MIN &&
      (text.includes(name) || text.includes(JSON.stringify(name).slice(1, -1))),
  );
}

/** Returns the member of that name; undefined if the record has none. */
function readMember(
  record: Readonly<Record<string, Json | undefined>>,
  name: string,
): Json | undefined {
  const [outer = '', inner] = name.split('.', 2);
  const value = Object.hasOwn(record, outer) ? record[outer] : undefined;
  if (inner === undefined || typeof value !== 'object' || value === null) {
    return inner === undefined ? value : undefined;
  }
  return Object.hasOwn(value, inner) ? (value as Readonly<Record<string, Json>>)[inner] : undefined;
}
