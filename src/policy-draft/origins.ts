/** What a drafted policy requires of a sink: that its value comes from where the catalogue says. */
import {
  type Catalogue,
  type CatalogueTool,
  type SinkMark,
  TAKEN_BY_DEFAULT,
} from '../catalogue/index.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { type ValueOrigin, valueOrigin } from '../provenance/index.ts';

/** A required constraint as JSON, at the argument that it is about. */
export interface RequiredOrigins {
  readonly pointer: string;
  readonly constraint: object;
}

/**
 * Returns the constraint that a sink needs. Undefined for a sink for which no constraint can be
 * written: one in a list within a list, or in an object within the objects of a list.
 */
export function requiredOrigins(tool: CatalogueTool, sink: string): RequiredOrigins | undefined {
  const segments = readPointer(sink) ?? [];
  const each = segments.indexOf(EACH_ELEMENT);
  const [named, inside] =
    each < 0 ? [segments, []] : [segments.slice(0, each), segments.slice(each + 1)];
  const [member, ...deeper] = inside;
  if (member === EACH_ELEMENT || deeper.length > 0) return undefined;
  const mark = tool.sink?.find(({ argument }) => argument === sink);
  const from = originsOf(mark);
  const pointer = named.reduce((path, segment) => pointerTo(path, segment), '');
  const value = optionalOrigins(from, mark?.optional);
  if (each < 0) return { pointer, constraint: value };
  const list = member === undefined ? { every: { from } } : { eachHas: { [member]: value } };
  return { pointer, constraint: mark?.optional ? { orEmpty: list } : list };
}

/** Frameworks send null or an empty text for an argument that a model left out. */
function optionalOrigins(from: readonly ValueOrigin[], optional: SinkMark['optional']): object {
  if (optional === undefined) return { from };
  // An empty text would not keep what is there.
  if (optional === 'unchanged') return { optional: { anyOf: [{ from }, { exact: null }] } };
  return { anyOf: [{ from }, { empty: true }] };
}

function originsOf(mark: SinkMark | undefined): readonly ValueOrigin[] {
  const { kind = '', takes = TAKEN_BY_DEFAULT, safe = [] } = mark ?? {};
  const origins = takes.flatMap((source): readonly ValueOrigin[] => {
    if (source === 'prompt' || source === 'approved') return [source];
    const [by = '', named] = source.split(' ');
    const field = `${by}:${kind}${named === undefined ? '' : ' named'}` as ValueOrigin;
    return source === 'self' ? ['self', field] : [field];
  });
  const values = safe.flatMap((value) =>
    typeof value === 'string' || typeof value === 'number' ? [valueOrigin(value)] : [],
  );
  return [...origins, ...values];
}

/** Says where a sink takes its value from, with the reason of each field that counts. */
export function reasonOfOrigins(catalogue: Catalogue, tool: CatalogueTool, sink: string): string {
  const mark = tool.sink?.find(({ argument }) => argument === sink);
  const { kind, takes = TAKEN_BY_DEFAULT, safe = [] } = mark ?? {};
  const fields = [...catalogue.values()].flatMap(({ name, field = [] }) =>
    field.flatMap((one) => {
      const isTaken = one.kind === kind && takes.includes(one.by);
      const isTakenNamed = one.kind === kind && takes.includes(`${one.by} named`);
      if (!isTaken && !isTakenNamed) return [];
      const where = one.pointer === '' ? `the answer of ${name}` : `${one.pointer} of ${name}`;
      const named = isTaken ? '' : ', if the request of the user names what was read';
      return [`${where} (${one.by}: ${one.reason})${named}`];
    }),
  );
  const places = [
    ...(takes.includes('prompt') ? ['the request of the user'] : []),
    ...(takes.includes('self') ? ['the claims of the person'] : []),
    ...fields,
    ...(safe.length > 0 ? ['the values that the catalogue calls safe'] : []),
    ...(takes.includes('approved') ? ['a call that a person has approved'] : []),
  ];
  const what = kind === undefined ? sink : `${sink} (${kind})`;
  const notes = [
    ...(mark?.optional ? ['A call may leave it out.'] : []),
    ...(sink.includes(`/${EACH_ELEMENT}/`)
      ? ['Other members of these objects may be anything.']
      : []),
  ];
  return [`A value of ${what} comes from ${places.join('; ')}.`, ...notes].join(' ');
}
