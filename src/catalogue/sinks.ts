import {
  type ArgumentConstraints,
  boundsSink,
  type ConstraintAuthor,
  type ConstraintsByPointer,
  covers,
  type Grant,
  isAbsent,
  mayLack,
  memberOf,
  type ObjectShape,
  type Shape,
  shapeOf,
} from '../capability/index.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { CatalogueTool } from './catalogue.ts';

type Sinks = Pick<CatalogueTool, 'action' | 'sinks' | 'datasets'>;
/** A grant as it would be given: what was asked for joined with what the policy requires. */
type Given = Pick<Grant, 'dataset' | 'constraints'>;

/**
 * What says where a sink may be pointed:
 * - `absent`: no call can bring it;
 * - `dataset`: the catalogue reads a dataset out of it, and the grant's dataset lies below the root
 *   that the catalogue names: a grant on the root itself, or above, bounds nothing;
 * - `policy`: what the policy requires bounds it, even if the request had said nothing;
 * - `request`: only the constraints that came with the request do. One who hijacked the agent
 *   before it asked wrote them: `{"exact": "https://evil.example/"}` bounds, and sends everything
 *   there. It counts as closed only where a policy says so of its own accord, or a person is shown
 *   the value;
 * - `nothing`: it can be pointed anywhere; or a call may leave out every sink of the tool, which
 *   then does what it does by default.
 */
export type SinkBound = 'absent' | 'dataset' | 'policy' | 'request' | 'nothing';

export interface BoundSink {
  /** As the catalogue has it. */
  readonly pointer: string;
  readonly bound: SinkBound;
}

/**
 * Each sink of the tool with what bounds it. `required` is what the policy requires by itself
 * (`joinRequired`): patterns, globs, prefixes and suffixes are believed of it alone, and a bound
 * that is only whole with a part of the request's is the request's.
 */
export function boundSinks(
  tool: Sinks,
  given: Given,
  required: ConstraintsByPointer,
): readonly BoundSink[] {
  const asGiven = given.constraints && shapeOf(given.constraints.constraints, names(given));
  const asRequired = shapeOf(required);
  const isAbsentByPolicy = (sink: string) => isAbsent(placeOf(asRequired, sink));
  const canBeEmpty =
    tool.action !== 'read' &&
    tool.sinks.every((sink) => !isMapped(tool, sink) && mayLack(placeOf(asGiven, sink))) &&
    !tool.sinks.every(isAbsentByPolicy);
  return tool.sinks.map((pointer) => {
    if (canBeEmpty && !isAbsentByPolicy(pointer)) return { pointer, bound: 'nothing' };
    if (isBoundByDataset(tool, pointer, given.dataset)) return { pointer, bound: 'dataset' };
    return { pointer, bound: boundOf(readPointer(pointer) ?? [], asGiven, asRequired) };
  });
}

const names = ({ constraints }: { readonly constraints?: ArgumentConstraints }) =>
  constraints?.arguments;

function boundOf(
  segments: readonly string[],
  asGiven: ObjectShape | undefined,
  asRequired: ObjectShape,
): SinkBound {
  const state = asGiven ? stateOf(asGiven, segments, 'request') : 'open';
  if (state === 'absent') return 'absent';
  if (stateOf(asRequired, segments, 'policy') !== 'open') return 'policy';
  return state === 'bounded' ? 'request' : 'nothing';
}

/** A dataset is read out of the sink, so a call has to bring it. */
const isMapped = ({ datasets }: Sinks, sink: string): boolean =>
  datasets.some((source) => 'argument' in source && source.argument === sink);

/** Of several roots that are read out of one argument, any that is granted whole leaves it open. */
const isBoundByDataset = (tool: Sinks, sink: string, dataset: string): boolean =>
  isMapped(tool, sink) &&
  !tool.datasets.some(
    (source) => 'argument' in source && source.argument === sink && covers(dataset, source.under),
  );

/** What the constraints say at a sink, or at the array whose elements it means. */
function placeOf(shape: Shape | undefined, sink: string): Shape {
  let place: Shape = shape ?? { kind: 'any' };
  for (const segment of readPointer(sink) ?? []) {
    if (segment === EACH_ELEMENT || place.kind !== 'object') return place;
    place = memberOf(place, segment);
  }
  return place;
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
    return boundsSink(shape.constraint, author) ? 'bounded' : 'open';
  }
  if (segment !== undefined && segment !== EACH_ELEMENT) {
    return stateOf(memberOf(shape, segment), rest, author);
  }
  if (!shape.closed) return 'open';
  const states = [...shape.members.values()].map((member) => stateOf(member, [], author));
  return states.includes('open') ? 'open' : 'bounded';
}
