import { diffWordsWithSpace } from 'diff';
import type { Json } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import type { MemberChange } from './changes.ts';

const EDITS_MAX = 400; // Of one text: the work grows with the square.
const PIECES_MAX = 6;

/** Says in words what changed in a tool's definition; empty if the values say it all. */
export function wordsOfChange({ pointer, before, after }: MemberChange): readonly string[] {
  const [member, ...path] = readPointer(pointer) ?? [];
  if (typeof before === 'string' && typeof after === 'string') {
    return [`the ${placeOf(member, path)} is another`, ...textChanges(before, after)];
  }
  if (member === 'annotations') {
    const hint = path.join('.') || 'all annotations';
    return [`the server now says ${show(after)} for ${hint}, and said ${show(before)} before`];
  }
  const argument = argumentIn(path);
  if (member !== 'inputSchema' || argument === undefined) return [];
  const { name, rest } = argument;
  if (rest.length === 0) {
    if (before === undefined) return [`argument "${name}" is new`];
    if (after === undefined) return [`argument "${name}" is gone`];
  }
  return [`argument "${name}" has another ${rest.join('/') || 'schema'}`];
}

const show = (value: Json | undefined): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);

function placeOf(member: string | undefined, path: readonly string[]): string {
  const argument = argumentIn(path);
  if (member !== 'inputSchema' || !argument) return [member, ...path].join('/');
  return `${argument.rest.join('/')} of argument "${argument.name}"`;
}

/** `/properties/NAME/…`. */
function argumentIn([keyword, name, ...rest]: readonly string[]) {
  return keyword === 'properties' && name !== undefined ? { name, rest } : undefined;
}

/** What was added to a text, and what was taken out of it. */
function textChanges(before: string, after: string): readonly string[] {
  const parts = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  if (!parts) return [];
  const changed = parts.filter(({ added, removed }) => added || removed);
  return changed
    .slice(0, PIECES_MAX)
    .map(({ added, value }) => `${added ? 'added' : 'removed'}: ${JSON.stringify(value.trim())}`);
}
