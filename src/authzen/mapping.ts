import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { type Action, checkDataset, checkTool, isAction } from '../capability/index.ts';
import {
  expecting,
  list,
  type Members,
  object,
  oneOf,
  optional,
  optionsFault,
  readOptions,
  text,
} from '../options.ts';
import type { Tier } from '../verifier/index.ts';
import type { AuthzenEntity } from './entities.ts';

/**
 * Maps subjects, actions and resources of AuthZEN to those of Hewn, as plain data.
 *
 * A text such as `{resource.id}` stands for a value of the question: `subject.id`, `resource.id`,
 * `action.name`, or below `subject.properties`, `resource.properties`, `action.properties` and
 * `context`.
 */
export interface AuthzenMapping {
  /** By the type of the subject. */
  readonly subjects: Readonly<Record<string, AuthzenSubject>>;
  /** By the type of the resource. */
  readonly resources: Readonly<Record<string, AuthzenResource>>;
}

/** Subjects of one type. */
export interface AuthzenSubject {
  /** What the id of a subject names. The capability must belong to it. */
  readonly is: 'subject' | 'agent' | 'workflow' | 'owner';
  /** Precedes the id in the name that a capability has, such as `https://idp.example#`. */
  readonly prefix?: string;
  /** All subjects of this type, for a search; or let `candidates` supply them. */
  readonly entities?: readonly Omit<AuthzenEntity, 'type'>[];
}

/** Resources of one type. */
export interface AuthzenResource {
  /**
   * The dataset of a resource: `records/{resource.id}`. A segment `{…}` takes any text and becomes
   * one segment; `{+…}` takes a path and becomes all of its segments.
   */
  readonly dataset: string;
  /** By the name of the action. */
  readonly actions: Readonly<Record<string, AuthzenAction>>;
  /** All resources of this type, for a search; or let `candidates` supply them. */
  readonly entities?: readonly Omit<AuthzenEntity, 'type'>[];
}

/** The call that an action on a resource of one type means. */
export interface AuthzenAction {
  /** As policies and grants name it. */
  readonly tool: string;
  readonly action: Action;
  readonly tier: Tier;
  /** The dataset of this action, in place of the resource's. */
  readonly dataset?: string;
  /**
   * The arguments that constraints bound: texts `{…}` for values of the question, and literals. An
   * argument whose value the question lacks is left out.
   */
  readonly args?: JsonObject;
}

const SUBJECT: Members<AuthzenSubject> = {
  is: oneOf(['subject', 'agent', 'workflow', 'owner']),
  prefix: optional(text),
  entities: optional(list),
};
const RESOURCE: Members<AuthzenResource> = {
  dataset: text,
  actions: object,
  entities: optional(list),
};
const ACTION: Members<AuthzenAction> = {
  tool: expecting('the name of a tool', (value) => checkTool(value as string).ok),
  action: expecting('read, write, delete or execute', isAction),
  tier: oneOf([0, 1, 2, 3]),
  dataset: optional(text),
  args: optional(object),
};
const ENTITY: Members<Omit<AuthzenEntity, 'type'>> = { id: text, properties: optional(object) };

/** Returns the mapping. Throws a TypeError that names what it does not know or cannot use. */
export function readMapping(mapping: AuthzenMapping): AuthzenMapping {
  readOptions(mapping, 'createPdp: mapping', { subjects: object, resources: object });
  for (const [type, subject] of Object.entries(mapping.subjects)) {
    const place = `createPdp: subject \`${type}\``;
    readOptions(subject, place, SUBJECT);
    checkEntities(subject.entities, place);
  }
  for (const [type, resource] of Object.entries(mapping.resources)) {
    const place = `createPdp: resource \`${type}\``;
    readOptions(resource, place, RESOURCE);
    checkEntities(resource.entities, place);
    checkTemplate(resource.dataset, place);
    for (const [name, action] of Object.entries(resource.actions)) {
      const where = `${place}, action \`${name}\``;
      readOptions(action, where, ACTION);
      if (action.dataset !== undefined) checkTemplate(action.dataset, where);
      for (const value of Object.values(action.args ?? {})) checkArgument(value, where);
    }
  }
  return mapping;
}

function checkEntities(entities: readonly unknown[] | undefined, place: string): void {
  for (const entity of entities ?? []) {
    const fault = optionsFault(entity, `${place}: entity`, ENTITY);
    if (fault !== undefined) throw new TypeError(fault);
  }
}

/** A segment that stands for a value, or the whole of an argument that does. */
export const REFERENCE = /^\{(\+?)([^{}+]+)\}$/;

function checkTemplate(template: string, place: string): void {
  const [first = '', ...segments] = template.split('/');
  const literal = [first, ...segments].map((segment) => {
    const [, , path] = REFERENCE.exec(segment) ?? [];
    if (path === undefined) return segment;
    checkPath(path, place);
    return 'x';
  });
  // The first segment is the server's: no question may choose it.
  if (REFERENCE.test(first) || !checkDataset(literal.join('/')).ok) {
    throw new TypeError(
      `${place}: \`${template}\` is not a dataset such as records/{resource.id}.`,
    );
  }
}

function checkArgument(value: Json, place: string): void {
  const [, plus, path] = typeof value === 'string' ? (REFERENCE.exec(value) ?? []) : [];
  if (plus === '+') throw new TypeError(`${place}: {+…} belongs into a dataset.`);
  if (path !== undefined) checkPath(path, place);
}

const PATH =
  /^(?:subject\.id|resource\.id|action\.name|(?:(?:subject|resource|action)\.properties|context)(?:\.[\w-]+)+)$/;
/** They carry the credential, which must not become an argument. */
const CREDENTIAL = /^subject\.properties\.(?:capability|proof)\b/;

function checkPath(path: string, place: string): void {
  if (!PATH.test(path) || CREDENTIAL.test(path)) {
    throw new TypeError(`${place}: {${path}} is not a value of a question.`);
  }
}

/** Returns the value at a path of the mapping; undefined if the question lacks it. */
export function valueAt(question: object, path: string): Json | undefined {
  let value: unknown = question;
  for (const name of path.split('.')) {
    if (!isJsonObject(value as Json) || !Object.hasOwn(value as object, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value as Json;
}
