import { type ArgumentConstraints, leavesOpen } from '../capability/index.ts';
import { pointerTo, readPointer } from '../json-pointer.ts';
import type { CatalogueTool } from './catalogue.ts';

/**
 * The sinks of a tool that a grant with these constraints leaves open: a hijacked agent could point
 * them anywhere. A sink is closed where
 * - the catalogue reads a dataset out of it, because the grant's dataset then bounds it;
 * - a constraint stands at it, or at the array for `*`, and bounds its value (`leavesOpen`);
 * - its argument is none that a call may bring, or a closed object around it has no such member.
 */
export function openSinks(
  tool: Pick<CatalogueTool, 'sinks' | 'datasets'>,
  constraints: ArgumentConstraints | undefined,
): readonly string[] {
  const mapped = new Set(
    tool.datasets.flatMap((source) => ('argument' in source ? [source.argument] : [])),
  );
  return tool.sinks.filter(
    (sink) => !mapped.has(sink) && !(constraints && isClosed(sink, constraints)),
  );
}

function isClosed(sink: string, { arguments: names, constraints }: ArgumentConstraints): boolean {
  const [name = '', ...inner] = readPointer(sink) ?? [];
  if (!names.includes(name)) return true;
  let at = pointerTo('', name);
  for (const segment of inner) {
    const own = Object.hasOwn(constraints, at) ? constraints[at] : undefined;
    if (own) {
      // A constraint on a scalar or on the elements of an array: what lies deeper is refused by it,
      // but for `present`, which takes whatever is there.
      return !leavesOpen(own);
    }
    const below = Object.keys(constraints).filter((pointer) => pointer.startsWith(`${at}/`));
    at = pointerTo(at, segment);
    const isNamed = below.some((pointer) => pointer === at || pointer.startsWith(`${at}/`));
    const isObjectClosed = below.some((pointer) => !('absent' in (constraints[pointer] ?? {})));
    if (!isNamed && isObjectClosed) return true;
  }
  const own = Object.hasOwn(constraints, at) ? constraints[at] : undefined;
  if (own) return !leavesOpen(own);
  // An object is what its members are.
  const members = Object.entries(constraints).filter(([pointer]) => pointer.startsWith(`${at}/`));
  return (
    members.some(([, constraint]) => !('absent' in constraint)) &&
    members.every(([, constraint]) => !leavesOpen(constraint))
  );
}
