import { isJsonObject, type Json } from '../canonical-json.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { pointerTo } from '../json-pointer.ts';
import { ARGUMENT_DEPTH_MAX } from '../limits.ts';
import { mixesAlphabets } from './alphabets.ts';
import { printableJson } from './printable-json.ts';

/** One value in the arguments of a call, on a line of its own. */
export interface CallLine {
  /** Which call it belongs to, counted from 0. */
  readonly call: number;
  /** RFC 6901 pointer of an argument. Absent for the line of the call itself. */
  readonly pointer?: string;
  readonly name: string;
  readonly value: string;
  /** `destination` for an argument that says where something goes, and a warning if needed. */
  readonly label?: string;
}

/** Returns a line for each call and for each value in its arguments, whatever its form. */
export function callLines(calls: Json): readonly CallLine[] {
  if (!Array.isArray(calls)) return [{ call: 0, name: 'Calls', value: printableJson(calls) }];
  return calls.flatMap((call: Json, index) => linesOfCall(call, index, calls.length));
}

function linesOfCall(call: Json, index: number, count: number): readonly CallLine[] {
  const title = count === 1 ? 'Call' : `Call ${index + 1} of ${count}`;
  if (!isJsonObject(call)) return [{ call: index, name: title, value: printableJson(call) }];
  const { tool, action, dataset, args, sinks, ...rest } = call;
  const destinations: readonly Json[] = Array.isArray(sinks) ? sinks : [];
  const datasets = Array.isArray(dataset) ? dataset : [dataset];
  const place = datasets.map((one) => shown(one)).join(' and ');
  const prefix = count === 1 ? '' : `Call ${index + 1}, `;
  return [
    { call: index, name: title, value: `${shown(action)} with ${shown(tool)} on ${place}` },
    ...leavesOf(args ?? null, '', 0).map(({ pointer, value }) => ({
      call: index,
      pointer,
      name: `${prefix}${prefix === '' ? 'Argument' : 'argument'} ${escapeHidden(pointer)}`,
      value: printableJson(value),
      ...(destinations.includes(pointer) && { label: destinationLabel(value) }),
    })),
    ...Object.entries(rest).map(([name, value]) => ({
      call: index,
      name: `${prefix}${escapeHidden(name)}`,
      value: shown(value),
    })),
  ];
}

const destinationLabel = (value: Json): string =>
  typeof value === 'string' && mixesAlphabets(value)
    ? 'destination, with letters that look like others'
    : 'destination';

interface Leaf {
  readonly pointer: string;
  readonly value: Json;
}

/**
 * Lists and objects are shown by what is in them; an empty one has nothing in it, so it is shown.
 */
function leavesOf(value: Json, pointer: string, depth: number): readonly Leaf[] {
  const inner: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((one: Json, index) => [index, one])
    : isJsonObject(value)
      ? Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]]))
      : [];
  if (depth === 0 && isJsonObject(value) && inner.length === 0) return [];
  if (inner.length === 0 || depth > ARGUMENT_DEPTH_MAX) return [{ pointer, value }];
  return inner.flatMap(([name, one]) => leavesOf(one, pointerTo(pointer, name), depth + 1));
}

/** A text stands for itself; everything else is JSON. */
const shown = (value: Json | undefined): string =>
  typeof value === 'string' ? escapeHidden(value) : printableJson(value);
