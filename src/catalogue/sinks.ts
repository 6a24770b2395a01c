import type { JsonScalar } from '../canonical-json.ts';
import {
  type ArgumentConstraints,
  allowsOnlyNothing,
  boundsMember,
  boundsSink,
  type ConstraintAuthor,
  type ConstraintsByPointer,
  covers,
  type Grant,
  isAbsent,
  mayLack,
  memberOf,
  type ObjectShape,
  originsAllowed,
  type Shape,
  shapeOf,
  valuesAllowed,
} from '../capability/index.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { readOrigin, type ValueOrigin } from '../provenance/index.ts';
import type { CatalogueTool } from './catalogue.ts';
import { keepsWhatIsLeftOut } from './sink-mark.ts';
import { type FieldAt, takesOrigin } from './taken-origins.ts';

type Sinks = Pick<CatalogueTool, 'action' | 'sinks' | 'datasets' | 'sink'> &
  Partial<Pick<CatalogueTool, 'arguments'>>;
/** A grant as it would be issued: the request, joined with what the policy requires. */
type Given = Pick<Grant, 'dataset' | 'constraints'>;

/**
 * What limits where a sink can point:
 * - `absent`: no call can bring it, except as null or empty.
 * - `dataset`: the catalogue reads a dataset out of it, and the grant's dataset lies below the root
 *   that the catalogue names. A grant on the root itself, or above it, bounds nothing.
 * - `policy`: what the policy requires bounds it, even if the request has no constraints.
 * - `safe`: the request lists its values, and each of them may be in the hands of an attacker: the
 *   catalogue states it as safe, or it is the person's own.
 * - `origin`: the request says where its value may come from, and the catalogue says that the sink
 *   takes each of these origins.
 * - `request`: only the constraints of the request bound it. An attacker who hijacked the agent
 *   before the request wrote them: `{"exact": "https://evil.example/"}` bounds, and sends
 *   everything there. It counts as closed only if a policy says so explicitly, or a person is
 *   shown the value.
 * - `nothing`: it can point anywhere, or a call can leave out every sink of the tool, which then
 *   uses its default.
 */
export type SinkBound = 'absent' | 'dataset' | 'policy' | 'safe' | 'origin' | 'request' | 'nothing';

/** A sink of a tool and what bounds it. */
export interface BoundSink {
  /** As in the catalogue. */
  readonly pointer: string;
  readonly bound: SinkBound;
}

/**
 * Returns what bounds each sink of the tool.
 *
 * `required` is what the policy alone requires (`joinRequired`). Patterns, globs, prefixes and
 * suffixes count as bounds only there. A bound that is complete only together with constraints of
 * the request counts as the request's. `isSafe` returns whether a value of a sink harms no one,
 * even if an attacker chose it. `fieldAt` returns the mark of a field of any tool's answers:
 * without it, an origin that names one field is not taken.
 */
export function boundSinks(
  tool: Sinks,
  given: Given,
  required: ConstraintsByPointer,
  isSafe: (pointer: string, value: JsonScalar) => boolean = () => false,
  fieldAt: FieldAt = () => undefined,
): readonly BoundSink[] {
  const givenShape = given.constraints && shapeOf(given.constraints.constraints, names(given));
  const requiredShape = shapeOf(required);
  const isAbsentByPolicy = (sink: string) => isAbsent(placeOf(requiredShape, sink));
  const canBeEmpty =
    tool.action !== 'read' &&
    !keepsWhatIsLeftOut(tool) &&
    tool.sinks.every((sink) => !isMapped(tool, sink) && mayBeNothing(placeOf(givenShape, sink))) &&
    !tool.sinks.every(isAbsentByPolicy);
  return tool.sinks.map((pointer) => {
    if (canBeEmpty && !isAbsentByPolicy(pointer)) return { pointer, bound: 'nothing' };
    if (isBoundByDataset(tool, pointer, given.dataset)) return { pointer, bound: 'dataset' };
    const bound = boundOf(readPointer(pointer) ?? [], givenShape, requiredShape);
    const values = bound === 'request' ? valuesAt(given, pointer) : undefined;
    if (values?.every((value) => isSafe(pointer, value))) return { pointer, bound: 'safe' };
    if (bound !== 'request' && bound !== 'nothing') return { pointer, bound };
    const mark = tool.sink?.find(({ argument }) => argument === pointer);
    const taken = (origin: ValueOrigin) =>
      takesOrigin(mark, origin, (value) => isSafe(pointer, value), fieldAt);
    return { pointer, bound: boundByOrigins(originsAt(given, pointer), taken) ?? bound };
  });
}

const names = ({ constraints }: { readonly constraints?: ArgumentConstraints }) =>
  constraints?.arguments;

/** Null and an empty text name no destination, so the tool uses its default for them, too. */
const mayBeNothing = (shape: Shape): boolean =>
  mayLack(shape) || (shape.kind === 'value' && allowsOnlyNothing(shape.constraint));

/**
 * Returns the values that a sink at the top level, or its elements, may have, if they are listed.
 */
function valuesAt({ constraints }: Given, sink: string): readonly JsonScalar[] | undefined {
  const [name = '', ...deeper] = readPointer(sink) ?? [];
  if (deeper.some((segment) => segment !== EACH_ELEMENT)) return undefined;
  const constraint = constraints?.constraints[pointerTo('', name)];
  return constraint && valuesAllowed(constraint);
}

/** One list is enough: every value that the constraint allows comes from one of its origins. */
function boundByOrigins(
  lists: ReturnType<typeof originsAllowed>,
  taken: (origin: ValueOrigin) => ReturnType<typeof takesOrigin>,
): SinkBound | undefined {
  const closing = lists.find((origins) => origins.every((one) => taken(one) === 'taken'));
  if (closing) {
    return closing.every((one) => readOrigin(one)?.kind === 'value') ? 'safe' : 'origin';
  }
  const isStated = lists.some((origins) => origins.every((one) => taken(one) !== 'open'));
  return isStated ? 'request' : undefined;
}

/**
 * Returns where the value of a sink may come from, by the constraint on it, or on the list that has
 * it. A constraint on an object around it allows no object, so the sink has the same origins.
 */
function originsAt({ constraints }: Given, sink: string): ReturnType<typeof originsAllowed> {
  const all = constraints?.constraints ?? {};
  let pointer = '';
  const segments = readPointer(sink) ?? [];
  for (const [index, segment] of segments.entries()) {
    if (segment === EACH_ELEMENT) return [];
    pointer = pointerTo(pointer, segment);
    const constraint = Object.hasOwn(all, pointer) ? all[pointer] : undefined;
    if (constraint === undefined) continue;
    const [star, member, ...deeper] = segments.slice(index + 1);
    if (star === undefined || (star === EACH_ELEMENT && member === undefined)) {
      return originsAllowed(constraint);
    }
    if (star !== EACH_ELEMENT || member === EACH_ELEMENT || deeper.length > 0) return [];
    return originsAllowed(constraint, member);
  }
  return [];
}

function boundOf(
  segments: readonly string[],
  givenShape: ObjectShape | undefined,
  requiredShape: ObjectShape,
): SinkBound {
  const state = givenShape ? stateOf(givenShape, segments, 'request') : 'open';
  if (state === 'absent') return 'absent';
  if (stateOf(requiredShape, segments, 'policy') !== 'open') return 'policy';
  return state === 'bounded' ? 'request' : 'nothing';
}

/** Whether a dataset is read out of the sink, so that every call must bring it. */
const isMapped = ({ datasets }: Sinks, sink: string): boolean =>
  datasets.some((source) => 'argument' in source && source.argument === sink);

/** If several roots are read out of one argument, a grant on all of any root leaves it open. */
const isBoundByDataset = (tool: Sinks, sink: string, dataset: string): boolean =>
  isMapped(tool, sink) &&
  !tool.datasets.some(
    (source) => 'argument' in source && source.argument === sink && covers(dataset, source.under),
  );

/** Returns the shape at a sink, or of the array whose elements the sink means. */
function placeOf(shape: Shape | undefined, sink: string): Shape {
  let place: Shape = shape ?? { kind: 'any' };
  for (const segment of readPointer(sink) ?? []) {
    if (segment === EACH_ELEMENT || place.kind !== 'object') return place;
    place = memberOf(place, segment);
  }
  return place;
}

/**
 * Returns whether a sink can be present, and whether its value is bounded.
 *
 * A constraint on an array bounds its elements, or by `each` the members of the objects in it. One
 * on a scalar denies everything deeper; `present` does neither. If the constraints expect an object
 * where the sink expects an array, the members of the object count.
 */
function stateOf(
  shape: Shape,
  [segment, ...rest]: readonly string[],
  author: ConstraintAuthor,
): 'absent' | 'bounded' | 'open' {
  if (shape.kind === 'any') return 'open';
  if (shape.kind === 'value') {
    if (allowsOnlyNothing(shape.constraint)) return 'absent';
    const [member] = rest;
    if (segment === EACH_ELEMENT && member !== undefined && member !== EACH_ELEMENT) {
      return boundsMember(shape.constraint, member, author);
    }
    return boundsSink(shape.constraint, author) ? 'bounded' : 'open';
  }
  if (segment !== undefined && segment !== EACH_ELEMENT) {
    return stateOf(memberOf(shape, segment), rest, author);
  }
  if (!shape.closed) return 'open';
  const states = [...shape.members.values()].map((member) => stateOf(member, [], author));
  return states.includes('open') ? 'open' : 'bounded';
}
