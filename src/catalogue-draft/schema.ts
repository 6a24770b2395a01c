import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import type { ListedTool } from '../server-listing/index.ts';

/** One argument, or a member inside one, as a tool's schema has it. */
export interface SchemaPlace {
  readonly pointer: string;
  readonly name: string;
  readonly schema: JsonObject;
  /** Whether a call without it is invalid. */
  readonly isRequired: boolean;
}

/** A list of objects inside an object is as deep as arguments of tools usually go. */
const DEPTH_MAX = 4;

const inputSchema = ({ definition }: ListedTool): JsonObject =>
  isJsonObject(definition.inputSchema) ? definition.inputSchema : {};

/** Returns the top-level arguments of a tool. */
export const argumentsOf = (tool: ListedTool): readonly SchemaPlace[] =>
  membersOf(inputSchema(tool), '', true);

/** Whether a call may have arguments that the schema does not list. JSON Schema allows them. */
export const isOpen = (tool: ListedTool): boolean =>
  inputSchema(tool).additionalProperties !== false;

/** Returns the arguments and everything below them that has a name of its own. */
export const placesOf = (tool: ListedTool): readonly SchemaPlace[] =>
  argumentsOf(tool).flatMap((place) => [place, ...below(place, DEPTH_MAX)]);

function below(place: SchemaPlace, depth: number): readonly SchemaPlace[] {
  if (depth === 0) return [];
  const items = place.schema.items;
  const inner = isJsonObject(items)
    ? membersOf(items, pointerTo(place.pointer, EACH_ELEMENT), place.isRequired)
    : membersOf(place.schema, place.pointer, place.isRequired);
  return inner.flatMap((one) => [one, ...below(one, depth - 1)]);
}

function membersOf(schema: JsonObject, pointer: string, isRequired: boolean): SchemaPlace[] {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return [];
  const needed = Array.isArray(required) ? (required as readonly Json[]) : [];
  return Object.entries(properties).flatMap(([name, member]) => {
    const place = pointerTo(pointer, name);
    // A name that no pointer can have, or that would mean every element of a list.
    if (name === EACH_ELEMENT || readPointer(place) === undefined) return [];
    return [
      {
        pointer: place,
        name,
        schema: isJsonObject(member) ? member : {},
        isRequired: isRequired && needed.includes(name),
      },
    ];
  });
}

/** Whether the value is a text, or a list of texts. Undefined if the schema allows others too. */
export function textForm({ schema }: SchemaPlace): 'text' | 'texts' | undefined {
  if (schema.type === 'string') return 'text';
  const { items } = schema;
  const isList = schema.type === 'array' && isJsonObject(items) && items.type === 'string';
  return isList ? 'texts' : undefined;
}

/** Returns the pointer to the text, or to each text of the list. */
export const pointerToText = (place: SchemaPlace): string =>
  textForm(place) === 'texts' ? pointerTo(place.pointer, EACH_ELEMENT) : place.pointer;
