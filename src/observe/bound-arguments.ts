import type { Json } from '../canonical-json.ts';
import type { Constraint } from '../capability/index.ts';
import type { CatalogueTool } from '../catalogue/index.ts';
import { pointerTo, readPointer } from '../json-pointer.ts';
import { type Bound, boundContent, boundSink, type Recorded } from './bound-values.ts';
import type { ObservedCall } from './observed-call.ts';
import { workflowsOf } from './profiles.ts';
import type { LearnedTool, LearnSettings, OpenedSink } from './proposal.ts';

/** What the recorded calls of one tool say about its arguments. */
export interface ArgumentBounds extends Pick<LearnedTool, 'bounds' | 'open' | 'free'> {
  readonly generalised: readonly {
    readonly pointer: string;
    readonly to: Constraint;
    readonly why: string;
    readonly recorded: readonly Recorded[];
  }[];
  readonly undecided: readonly {
    readonly pointer: string;
    readonly why: string;
    readonly records: readonly string[];
  }[];
}

const HIDDEN = 'its recorded values look like a secret or are too long, so the agent names it';
const NAMED = 'the task names it, so the agent does as well when it asks for the capability';
const MISSING = 'calls that name no destination were recorded';

/** Returns bounds for the arguments of a tool in one profile. Sinks are bounded, or undecided. */
export function boundArguments(
  tool: CatalogueTool,
  calls: readonly ObservedCall[],
  settings: LearnSettings,
  unitOf: (call: ObservedCall) => string,
): ArgumentBounds {
  const mapped = mappedArguments(tool);
  const result: Mutable = { bounds: {}, open: [], free: [], generalised: [], undecided: [] };
  for (const name of tool.arguments) {
    const pointer = pointerTo('', name);
    const isIn = (other: string): boolean => other === pointer || other.startsWith(`${pointer}/`);
    // The grant's dataset bounds it.
    if (mapped.some(isIn)) continue;
    const sinks = tool.sinks.filter(isIn);
    const recorded = calls.flatMap((call): Recorded[] => {
      const { id: record, args } = call;
      if (!args || !Object.hasOwn(args, name)) return [];
      return [{ record, value: args[name] as Json, unit: unitOf(call) }];
    });
    const isHidden = calls.some(
      ({ args, cut }) => !args || cut.some((one) => one === '' || isIn(one)),
    );
    const argument = { name, pointer, sinks, recorded, isHidden, calls, settings, unitOf };
    if (sinks.length > 0) takeSink(argument, result);
    else takeContent(argument, result);
  }
  letLack(tool, calls, result, settings);
  return { ...result, open: [...result.open, ...openedByAbsence(tool, result)] };
}

const LACKED =
  'too few workflows to say that it is always passed, and without it the call has a destination less';

/**
 * Lets calls leave out a sink that few workflows passed, as long as another sink is required: only
 * a call without any goes to a default target.
 */
function letLack(
  { sinks }: CatalogueTool,
  calls: readonly ObservedCall[],
  { bounds, generalised }: Mutable,
  { support }: LearnSettings,
): void {
  if (workflowsOf(calls).size >= support) return;
  const required = sinks.filter((sink) => {
    const bound = bounds[sink];
    return bound && !('absent' in bound) && !('optional' in bound);
  });
  for (const pointer of required.slice(1)) {
    const to = { optional: bounds[pointer] } as Constraint;
    bounds[pointer] = to;
    const recorded = calls.map(({ id }) => ({ record: id, unit: id, value: null }));
    generalised.push({ pointer, to, why: LACKED, recorded });
  }
}

/** Returns the arguments that datasets are read out of. */
const mappedArguments = ({ datasets }: CatalogueTool): readonly string[] =>
  datasets.flatMap((source) => ('argument' in source ? [source.argument] : []));

interface Mutable {
  bounds: Record<string, Constraint>;
  open: OpenedSink[];
  free: string[];
  generalised: ArgumentBounds['generalised'][number][];
  undecided: ArgumentBounds['undecided'][number][];
}

interface Argument {
  readonly name: string;
  readonly pointer: string;
  /** The sinks of the catalogue that are this argument, or inside it. */
  readonly sinks: readonly string[];
  readonly recorded: readonly Recorded[];
  /** Some call had a value that its record does not have. */
  readonly isHidden: boolean;
  readonly calls: readonly ObservedCall[];
  readonly settings: LearnSettings;
  readonly unitOf: (call: ObservedCall) => string;
}

function takeSink(argument: Argument, result: Mutable): void {
  const { name, pointer, sinks, recorded, isHidden, calls, settings } = argument;
  if (isHidden) {
    result.open.push(...sinks.map((sink) => openedByRequest(sink, HIDDEN)));
    return;
  }
  if (recorded.length === 0) {
    result.bounds[pointer] = { absent: true };
    return;
  }
  if (isNamedByTasks(argument)) {
    result.open.push(...sinks.map((sink) => openedByRequest(sink, NAMED)));
    return;
  }
  const isOptional = recorded.length < calls.length;
  const places = sinks.every((sink) => isWholeArgument(sink, pointer))
    ? [{ pointer, isSink: true, recorded }]
    : leavesOf(pointer, sinks, recorded);
  for (const place of places ?? []) {
    const lacks = isOptional || place.recorded.length < recorded.length;
    const bound = place.isSink
      ? boundSink(name, place.recorded, settings)
      : { constraint: { optional: { present: true } } as Constraint };
    if (!bound) {
      result.undecided.push(undecidedAt(place.pointer, place.recorded, MIXED));
      continue;
    }
    addBound(result, place.pointer, place.recorded, bound, place.isSink && lacks);
  }
  if (!places) result.undecided.push(undecidedAt(pointer, recorded, NESTED));
}

const MIXED = 'the recorded values have nothing in common that a policy could state';
const NESTED = 'the destination is in a list of objects, or is not in every object';

function takeContent(argument: Argument, result: Mutable): void {
  const { name, pointer, recorded, isHidden, calls, settings, unitOf } = argument;
  const isNeverPassed = recorded.length === 0 && !isHidden;
  const units = new Set(calls.map(unitOf)).size;
  if (isNeverPassed && units >= settings.boundFrom) {
    result.bounds[pointer] = { absent: true };
    return;
  }
  const bound = isHidden || isNeverPassed ? undefined : boundContent(name, recorded, settings);
  if (bound) addBound(result, pointer, recorded, bound, recorded.length < calls.length);
  else result.free.push(pointer);
}

function addBound(
  result: Mutable,
  pointer: string,
  recorded: readonly Recorded[],
  { constraint, why }: Bound,
  isOptional: boolean,
): void {
  const whole = isOptional ? ({ optional: constraint } as Constraint) : constraint;
  result.bounds[pointer] = whole;
  if (why !== undefined) result.generalised.push({ pointer, to: whole, why, recorded });
}

const openedByRequest = (pointer: string, reason: string): OpenedSink => ({
  pointer,
  bound: 'request',
  reason,
});

const undecidedAt = (pointer: string, recorded: readonly Recorded[], why: string) => ({
  pointer,
  why,
  records: recorded.map(({ record }) => record),
});

const isWholeArgument = (sink: string, pointer: string): boolean =>
  sink === pointer || sink === `${pointer}/*`;

/**
 * Whether the task of each call names the value, and different tasks different ones. Then no value
 * of the log bounds the next task, and its own text does.
 */
function isNamedByTasks({ recorded, calls }: Argument): boolean {
  const tasks = new Map(calls.map(({ id, task }) => [id, task]));
  const values = recorded.map(({ record, value }) => ({ task: tasks.get(record), value }));
  const distinct = new Set(values.map(({ value }) => JSON.stringify(value)));
  return (
    distinct.size > 1 &&
    values.every(({ task, value }) =>
      [value].flat().every((one) => typeof one === 'string' && one !== '' && task?.includes(one)),
    )
  );
}

interface Place {
  readonly pointer: string;
  readonly isSink: boolean;
  readonly recorded: readonly Recorded[];
}

/** Returns the scalar members of recorded objects; undefined if a sink cannot be bounded there. */
function leavesOf(
  pointer: string,
  sinks: readonly string[],
  recorded: readonly Recorded[],
): readonly Place[] | undefined {
  if (sinks.some((sink) => readPointer(sink)?.includes('*'))) return undefined;
  const places = new Map<string, Recorded[]>();
  const visit = (at: string, of: Recorded, value: Json): void => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) places.set(at, [...(places.get(at) ?? []), { ...of, value }]);
    else
      for (const [name, member] of Object.entries(value))
        visit(pointerTo(at, name), of, member as Json);
  };
  for (const of of recorded) visit(pointer, of, of.value);
  const isOneShape = [...places.keys()].every(
    (at) => ![...places.keys()].some((other) => other.startsWith(`${at}/`)),
  );
  if (!isOneShape || !sinks.every((sink) => places.has(sink))) return undefined;
  return [...places].map(([at, values]) => ({
    pointer: at,
    isSink: sinks.includes(at),
    recorded: values,
  }));
}

/**
 * A call that may leave out every sink goes to the tool's default target, which counts as open:
 * returns the sinks, so that the policy says why.
 */
function openedByAbsence(tool: CatalogueTool, { bounds, open }: Mutable): readonly OpenedSink[] {
  if (tool.action === 'read' || tool.sinks.length === 0) return [];
  const boundOf = (sink: string) => bounds[sink.replace(/\/\*$/, '')];
  const mapped = mappedArguments(tool);
  const canLack = tool.sinks.every((sink) => {
    const bound = boundOf(sink);
    const isOpen = open.some(({ pointer }) => pointer === sink);
    return !mapped.includes(sink) && !isOpen && bound && ('absent' in bound || 'optional' in bound);
  });
  const isNeverPassed = tool.sinks.every((sink) => {
    const bound = boundOf(sink);
    return bound && 'absent' in bound;
  });
  if (!canLack || isNeverPassed) return [];
  return tool.sinks
    .filter((sink) => 'optional' in (boundOf(sink) ?? {}))
    .map((pointer) => ({ pointer, bound: 'nothing', reason: MISSING }));
}
