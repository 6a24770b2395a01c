/**
 * The words of the constraint `from`: where a value may come from. A grant has them as JSON, and a
 * token and the facts of a call have them as texts. Both forms are defined here alone.
 */

/**
 * Who decided that a value stands in a field:
 *
 * - `self`: it is the account that the workflow runs for.
 * - `own`: the holder of the account, by an earlier act: a contact, a payee that was paid before.
 * - `server`: the service, where no outsider can add anything.
 * - `peer`: another authenticated party, by sending something.
 */
export const FIELD_AUTHORS = ['self', 'own', 'server', 'peer'] as const;
/** Who decided that a value stands in a field: one of `FIELD_AUTHORS`. */
export type FieldAuthor = (typeof FIELD_AUTHORS)[number];

/** What the values of a field or a sink are, such as `iban`. */
export const VALUE_KIND = /^[a-z][a-z0-9-]{0,31}$/;

/** One field of the answers of one tool. */
export interface FieldPlace {
  readonly tool: string;
  /** RFC 6901 pointer into the answer, as the catalogue marks it; empty for the whole answer. */
  readonly pointer: string;
  /** Only answers about this dataset, or one below it. */
  readonly dataset?: string;
  /** Only values of an object that the request of the user names. */
  readonly named?: true;
}

/**
 * Where a value may come from:
 *
 * - `own:iban`: from a field of this kind that this author filled; `own:iban named`: and whose
 *   object the request of the user names.
 * - `{ tool, pointer }`: from this field alone.
 * - `prompt`: from the request of the user. `approved`: a person approved this call.
 * - `self`: what the issuer knows of the person. The mint replaces it by values.
 * - `=text`, `#7.5`: this text, or this number, stands in the grant.
 */
export type ValueOrigin =
  | 'prompt'
  | 'approved'
  | 'self'
  | `${FieldAuthor}:${string}`
  | `=${string}`
  | `#${string}`
  | FieldPlace;

/** An origin, taken apart. */
export type ReadOrigin =
  | { readonly kind: 'prompt' | 'approved' | 'self' }
  | { readonly kind: 'value'; readonly value: string | number }
  | {
      readonly kind: 'field';
      readonly by: FieldAuthor;
      readonly of: string;
      readonly named: boolean;
    }
  | { readonly kind: 'place'; readonly place: FieldPlace };

const NAMED = ' named';
const FIELD = new RegExp(`^(${FIELD_AUTHORS.join('|')}):([^ ]+)(${NAMED})?$`);
/** A number in units with up to six decimals, in the one spelling that JSON and facts share. */
const NUMBER = /^(?!-0$)-?(?:0|[1-9]\d{0,15})(?:\.\d{0,5}[1-9])?$/;

/** Returns what an origin means. Returns undefined for anything else. */
export function readOrigin(origin: unknown): ReadOrigin | undefined {
  if (typeof origin === 'object') return readPlace(origin);
  if (typeof origin !== 'string') return undefined;
  if (origin === 'prompt' || origin === 'approved' || origin === 'self') return { kind: origin };
  if (origin.startsWith('=')) return { kind: 'value', value: origin.slice(1) };
  if (origin.startsWith('#')) return readNumber(origin.slice(1));
  const [, by, of = '', named] = FIELD.exec(origin) ?? [];
  if (by === undefined || !VALUE_KIND.test(of)) return undefined;
  return { kind: 'field', by: by as FieldAuthor, of, named: named !== undefined };
}

function readNumber(text: string): ReadOrigin | undefined {
  const value = Number(text);
  return NUMBER.test(text) && String(value) === text ? { kind: 'value', value } : undefined;
}

const PLACE_MEMBERS: readonly string[] = ['tool', 'pointer', 'dataset', 'named'];

function readPlace(origin: object | null): ReadOrigin | undefined {
  if (origin === null || Array.isArray(origin)) return undefined;
  if (!Object.keys(origin).every((name) => PLACE_MEMBERS.includes(name))) return undefined;
  const { tool, pointer, dataset, named }: Partial<FieldPlace> = origin;
  const isPlace =
    isText(tool) &&
    (pointer === '' || (isText(pointer) && pointer.startsWith('/'))) &&
    (dataset === undefined || isText(dataset)) &&
    (named === undefined || named === true);
  return isPlace && Object.hasOwn(origin, 'tool') && Object.hasOwn(origin, 'pointer')
    ? { kind: 'place', place: origin as FieldPlace }
    : undefined;
}

const PLACE_TEXT_UNITS_MAX = 512; // As long as the longest pointer or dataset.
const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= PLACE_TEXT_UNITS_MAX &&
  value.isWellFormed();

/** Returns the origin that a value is for itself: a text and a number are never the same. */
export const valueOrigin = (value: string | number): `=${string}` | `#${string}` =>
  typeof value === 'number' ? `#${value === 0 ? 0 : value}` : `=${value}`;

/**
 * Returns an origin as the text that tokens and facts have. Two origins have the same text only if
 * they mean the same.
 */
export function originText(origin: ValueOrigin): string {
  if (typeof origin === 'string') return origin;
  const { tool, pointer, dataset, named } = origin;
  const below = dataset === undefined ? '' : `@${escaped(dataset)}`;
  return `${escaped(tool)}#${escaped(pointer)}${below}${named ? NAMED : ''}`;
}

/** No part of a place can end it, and a tool cannot be taken for a value. */
const escaped = (text: string): string =>
  text.replace(/[%#@ ]|^=/g, (character) => encodeURIComponent(character));

/** A value that was read from a marked field, and how. */
export interface ReadField {
  readonly tool: string;
  /** The pointer of the mark, with its `*`. */
  readonly pointer: string;
  readonly by: FieldAuthor;
  /** The kind of the mark. */
  readonly kind: string;
  /** The datasets of the call that read it. A value of several datasets belongs to none of them. */
  readonly datasets: readonly string[];
  readonly named: boolean;
}

/**
 * Returns every origin that a value of a marked field has, as texts: by author and kind, by its
 * place, and by its place within each dataset around the one that was read. Each also as named, if
 * the read was named.
 */
export function fieldOrigins(field: ReadField): readonly string[] {
  const { tool, pointer, by, kind, datasets, named } = field;
  const [dataset, ...others] = datasets;
  const around = dataset === undefined || others.length > 0 ? [] : datasetsAround(dataset);
  const plain = [
    `${by}:${kind}`,
    originText({ tool, pointer }),
    ...around.map((one) => originText({ tool, pointer, dataset: one })),
  ];
  return named ? plain.flatMap((one) => [one, `${one}${NAMED}`]) : plain;
}

/** The dataset itself, and each that it lies below. */
const datasetsAround = (dataset: string): readonly string[] =>
  dataset.split('/').map((_, index, segments) => segments.slice(0, index + 1).join('/'));

/** Returns whether every value that comes from `asked` also comes from `granted`. */
export function coversOrigin(granted: ValueOrigin, asked: ValueOrigin): boolean {
  const text = originText(asked);
  if (originText(granted) === text) return true;
  const [outer, inner] = [readOrigin(granted), readOrigin(asked)];
  if (outer?.kind === 'field' && inner?.kind === 'field') {
    return outer.by === inner.by && outer.of === inner.of && !outer.named;
  }
  if (outer?.kind !== 'place' || inner?.kind !== 'place') return false;
  const [wide, narrow] = [outer.place, inner.place];
  return (
    wide.tool === narrow.tool &&
    wide.pointer === narrow.pointer &&
    (!wide.named || narrow.named === true) &&
    (wide.dataset === undefined ||
      (narrow.dataset !== undefined && `${narrow.dataset}/`.startsWith(`${wide.dataset}/`)))
  );
}
