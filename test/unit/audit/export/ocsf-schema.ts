import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Json, JsonObject } from '../../../../src/canonical-json.ts';

/** A checkout of the schema next to this repository. It is not part of it. */
const FOLDER = fileURLToPath(new URL('../../../../../shared/ocsf-schema/', import.meta.url).href);
export const isSchemaThere = existsSync(`${FOLDER}dictionary.json`);

interface Attribute {
  readonly requirement?: string;
  readonly type?: string;
  readonly is_array?: boolean;
  readonly sibling?: string;
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
  readonly '@deprecated'?: unknown;
}
interface Definition {
  readonly uid?: number;
  readonly extends?: string;
  readonly category?: string;
  readonly attributes: Readonly<Record<string, Attribute | readonly string[]>>;
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
}
interface Type {
  readonly regex?: string;
  readonly type?: string;
  readonly max_len?: number;
}

const read = <T>(path: string): T => JSON.parse(readFileSync(`${FOLDER}${path}.json`, 'utf8')) as T;

const CLASS_FILES: Readonly<Record<number, string>> = {
  0: 'events/base_event',
  3003: 'events/iam/authorize_session',
  3004: 'events/iam/entity_management',
  6003: 'events/application/api_activity',
};
const PARENTS: Readonly<Record<string, string>> = {
  base_event: 'events/base_event',
  iam: 'events/iam/iam',
  application: 'events/application/application',
};

/** Returns what is wrong with an event: nothing, if the schema accepts it. */
export function faultsOfEvent(event: JsonObject): readonly string[] {
  const file = CLASS_FILES[event.class_uid as number];
  if (file === undefined) return [`class_uid ${String(event.class_uid)} is unknown`];
  const { profiles = [], version } = event.metadata as { profiles?: string[]; version: string };
  const faults = checkObject(event, resolve(file, new Set(profiles)), '');
  faults.push(...faultsOfClass(event, file));
  if (version !== read<{ version: string }>('version').version) faults.push('version differs');
  if (event.type_uid !== Number(event.class_uid) * 100 + Number(event.activity_id)) {
    faults.push('type_uid differs from class and activity');
  }
  return faults;
}

/** The numbers of a class and its category are not lists in the schema, but follow from its files. */
function faultsOfClass(event: JsonObject, file: string): readonly string[] {
  const { uid = 0, extends: parent = '' } = read<Definition>(file);
  const { category = 'other' } = read<Definition>(PARENTS[parent] ?? file);
  const categories = read<{ attributes: Record<string, { uid: number; caption: string }> }>(
    'categories',
  ).attributes;
  const { uid: categoryUid, caption } = categories[category] ?? {
    uid: 0,
    caption: 'Uncategorized',
  };
  return [
    ...(event.class_uid === categoryUid * 1000 + uid ? [] : ['class_uid differs from its class']),
    ...(event.category_uid === categoryUid ? [] : ['category_uid differs from its class']),
    ...(event.category_name === caption ? [] : ['category_name differs from its class']),
    ...(event.class_name === read<{ caption: string }>(file).caption ? [] : ['class_name differs']),
  ];
}

interface Resolved {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly constraints: Readonly<Record<string, readonly string[]>>;
}

/** Merges a class or an object with its parents, and with the profiles that the event names. */
function resolve(path: string, profiles: ReadonlySet<string>): Resolved {
  const definition = read<Definition>(path);
  const parent = definition.extends;
  const above =
    parent === undefined || parent === 'object'
      ? undefined
      : resolve(
          path.startsWith('events/') ? (PARENTS[parent] ?? '') : `objects/${parent}`,
          profiles,
        );
  const attributes = new Map(above?.attributes);
  const add = (name: string, attribute: Attribute): void => {
    const known = attributes.get(name) ?? {};
    const values = { ...known.enum, ...attribute.enum };
    const merged = { ...known, ...attribute };
    attributes.set(name, Object.keys(values).length > 0 ? { ...merged, enum: values } : merged);
  };
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    if (name !== '$include') add(name, attribute as Attribute);
  }
  for (const include of (definition.attributes.$include ?? []) as readonly string[]) {
    const name = include.replace(/^profiles\/|\.json$/g, '');
    if (!profiles.has(name)) continue;
    const profile = read<Definition>(`profiles/${name}`);
    for (const [member, attribute] of Object.entries(profile.attributes)) {
      add(member, attribute as Attribute);
    }
  }
  return { attributes, constraints: { ...above?.constraints, ...definition.constraints } };
}

/** Compared with the files of the class. */
const IS_OF_CLASS = /^(?:class|category)_uid$/;

const DICTIONARY = isSchemaThere
  ? read<{
      attributes: Record<string, Attribute>;
      types: { attributes: Record<string, Type> };
    }>('dictionary')
  : { attributes: {}, types: { attributes: {} } };

function checkObject(
  value: JsonObject,
  { attributes, constraints }: Resolved,
  at: string,
): string[] {
  const faults: string[] = [];
  for (const [name, { requirement }] of attributes) {
    if (requirement === 'required' && value[name] === undefined)
      faults.push(`${at}${name}: missing`);
  }
  const named = (names: readonly string[]): number =>
    names.filter((name) => value[name] !== undefined).length;
  const { at_least_one: some, just_one: one } = constraints;
  if (some && named(some) === 0) faults.push(`${at}: needs one of ${some.join(', ')}`);
  if (one && named(one) !== 1) faults.push(`${at}: needs exactly one of ${one.join(', ')}`);
  for (const [name, member] of Object.entries(value)) {
    const own = attributes.get(name);
    const known = DICTIONARY.attributes[name];
    if (!own || !known) {
      faults.push(`${at}${name}: unknown`);
      continue;
    }
    const attribute = { ...known, ...own, enum: { ...known.enum, ...own.enum } };
    if (attribute['@deprecated']) faults.push(`${at}${name}: deprecated`);
    const sibling = attribute.sibling === undefined ? undefined : value[attribute.sibling];
    faults.push(...checkMember(member, attribute, `${at}${name}`, sibling));
  }
  return faults;
}

function checkMember(
  member: Json,
  attribute: Attribute,
  at: string,
  sibling: Json | undefined,
): readonly string[] {
  if (attribute.is_array) {
    if (!Array.isArray(member)) return [`${at}: not a list`];
    const items = member as readonly Json[];
    return items.flatMap((item, index) => checkOne(item, attribute.type ?? '', `${at}/${index}`));
  }
  const values = IS_OF_CLASS.test(at) ? {} : (attribute.enum ?? {});
  if (Object.keys(values).length > 0) {
    const found = values[String(member)];
    if (!found) return [`${at}: ${String(member)} is no value of the list`];
    const isCaption = sibling === undefined || member === 99 || sibling === found.caption;
    if (!isCaption) return [`${at}: its text is ${String(sibling)}, not ${found.caption}`];
  }
  return checkOne(member, attribute.type ?? '', at);
}

function checkOne(value: Json, type: string, at: string): readonly string[] {
  const known = DICTIONARY.types.attributes[type];
  if (!known) {
    if (typeof value !== 'object' || value === null) return [`${at}: not an object`];
    // Profiles add nothing inside objects that the events have.
    return checkObject(value as JsonObject, resolve(`objects/${type}`, new Set()), `${at}/`);
  }
  const base = known.type ?? type;
  const isRight: Readonly<Record<string, () => boolean>> = {
    string_t: () => typeof value === 'string',
    integer_t: () => Number.isSafeInteger(value),
    long_t: () => Number.isSafeInteger(value),
    timestamp_t: () => Number.isSafeInteger(value),
    float_t: () => typeof value === 'number',
    boolean_t: () => typeof value === 'boolean',
    json_t: () => true,
  };
  if (isRight[base]?.() !== true) return [`${at}: not ${type}`];
  if (typeof value !== 'string') return [];
  if (known.max_len !== undefined && value.length > known.max_len) return [`${at}: too long`];
  return known.regex === undefined || new RegExp(known.regex).test(value)
    ? []
    : [`${at}: not a ${type}`];
}
