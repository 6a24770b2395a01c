import {
  type ArgumentConstraints,
  type ConstraintAuthor,
  type ConstraintsByPointer,
  isAbsent,
  leavesOpen,
  memberOf,
  type Shape,
  shapeOf,
} from '../capability/index.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { CatalogueTool } from './catalogue.ts';

type Sinks = Pick<CatalogueTool, 'sinks' | 'datasets'>;

/**
 * What says where a sink may be pointed:
 * - `absent`: no call can bring it, whoever wanted that;
 * - `dataset`: the catalogue reads a dataset out of it, so that the grant's dataset bounds it;
 * - `policy`: what the policy requires bounds it, even if the request had said nothing;
 * - `request`: only the constraints that came with the request do. One who hijacked the agent
 *   before it asked wrote them: `{"exact": "https://evil.example/"}` bounds, and sends everything
 *   there. It counts as closed only where a policy says so of its own accord, or a person is shown
 *   the value;
 * - `nothing`: it can be pointed anywhere.
 */
export type SinkBound = 'absent' | 'dataset' | 'policy' | 'request' | 'nothing';

export interface BoundSink {
  /** As the catalogue has it. */
  readonly pointer: string;
  readonly bound: SinkBound;
}

/**
 * Each sink of the tool with what bounds it. `given` is what the grant would be given with: what
 * was asked for joined with what the policy requires. `required` is what the policy requires by
 * itself (`joinRequired`): patterns, globs, prefixes and suffixes are believed of it alone, and a
 * bound that is only whole with a part of the request's is the request's.
 */
export const boundSinks = (
  tool: Sinks,
  given: ArgumentConstraints | undefined,
  required: ConstraintsByPointer,
): readonly BoundSink[] =>
  tool.sinks.map((pointer) => ({ pointer, bound: boundOf(tool, pointer, given, required) }));

function boundOf(
  tool: Sinks,
  sink: string,
  given: ArgumentConstraints | undefined,
  required: ConstraintsByPointer,
): SinkBound {
  const isMapped = tool.datasets.some((source) => 'argument' in source && source.argument === sink);
  if (isMapped) return 'dataset';
  const segments = readPointer(sink) ?? [];
  const asGiven = given && shapeOf(given.constraints, given.arguments);
  const state = asGiven ? stateOf(asGiven, segments, 'request') : 'open';
  if (state === 'absent') return 'absent';
  if (stateOf(shapeOf(required), segments, 'policy') !== 'open') return 'policy';
  return state === 'bounded' ? 'request' : 'nothing';
}

/**
 * The sinks that a grant with these constraints leaves open, where whoever wrote the constraints is
 * trusted as a policy is.
 */
export function openSinks(
  tool: Sinks,
  constraints: ArgumentConstraints | undefined,
): readonly string[] {
  return boundSinks(tool, constraints, constraints?.constraints ?? {})
    .filter(({ bound }) => bound === 'nothing')
    .map(({ pointer }) => pointer);
}

/**
 * A constraint on an array bounds its elements, and one on a scalar refuses whatever lies deeper;
 * `present` does neither. Where an object stands in place of the array, its members are what
 * counts.
 */
function stateOf(
  shape: Shape,
  [segment, ...rest]: readonly string[],
  author: ConstraintAuthor,
): 'absent' | 'bounded' | 'open' {
  if (shape.kind === 'any') return 'open';
  if (shape.kind === 'value') {
    if (isAbsent(shape)) return 'absent';
    return leavesOpen(shape.constraint, author) ? 'open' : 'bounded';
  }
  if (segment !== undefined && segment !== EACH_ELEMENT) {
    return stateOf(memberOf(shape, segment), rest, author);
  }
  if (!shape.closed) return 'open';
  const states = [...shape.members.values()].map((member) => stateOf(member, [], author));
  return states.includes('open') ? 'open' : 'bounded';
}
