import type { ValueBound } from '../bounds/index.ts';
import { readPointer } from '../json-pointer.ts';
import type { ToolView } from './view.ts';

/** What is known of the value at one place in the arguments, and of what lies below it. */
export interface Place {
  readonly bounds: readonly ValueBound[];
  readonly elements: readonly ValueBound[];
  readonly isRequired: boolean;
  readonly members: ReadonlyMap<string, Place>;
  /** The members that it may have; any if absent. */
  readonly closed: ReadonlySet<string> | undefined;
  readonly absent: ReadonlySet<string>;
}

interface Growing extends Place {
  bounds: ValueBound[];
  elements: ValueBound[];
  isRequired: boolean;
  members: Map<string, Growing>;
  closed: Set<string> | undefined;
  absent: Set<string>;
}

const growing = (): Growing => ({
  bounds: [],
  elements: [],
  isRequired: false,
  members: new Map(),
  closed: undefined,
  absent: new Set(),
});

/** Returns the bounds of a tool by the place that they are about. */
export function boundTree({ listed, bounds }: ToolView): Place {
  const root = growing();
  if (listed) close(root, listed);
  for (const one of bounds) {
    if (one.kind === 'datasets') continue;
    const segments = one.pointer === '' ? [] : readPointer(one.pointer);
    if (!segments) continue;
    switch (one.kind) {
      case 'members':
        close(placeAt(root, segments, !one.isOptional), one.names);
        break;
      case 'absent': {
        const [name] = segments.slice(-1);
        if (name !== undefined) placeAt(root, segments.slice(0, -1), false).absent.add(name);
        break;
      }
      case 'value':
        placeAt(root, segments, !one.isOptional).bounds.push(one.bound);
        break;
      case 'elements':
        placeAt(root, segments, false).elements.push(one.bound);
        break;
    }
  }
  return root;
}

/** A value that is required makes everything above it required. */
function placeAt(root: Growing, segments: readonly string[], isRequired: boolean): Growing {
  let place = root;
  for (const segment of segments) {
    const inner = place.members.get(segment) ?? growing();
    place.members.set(segment, inner);
    if (isRequired) inner.isRequired = true;
    place = inner;
  }
  return place;
}

function close(place: Growing, names: readonly string[]): void {
  const { closed } = place;
  place.closed = new Set(closed ? names.filter((name) => closed.has(name)) : names);
}
