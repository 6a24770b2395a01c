import type { JsonScalar } from '../canonical-json.ts';
import type { ConstraintsByPointer, Grant } from '../capability/index.ts';
import {
  type BoundSink,
  boundSinks,
  type Catalogue,
  type CatalogueTool,
  type FieldAt,
  type SinkBound,
} from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { OpenSink, Principal, RefusalReason } from './policy.ts';

/** The pointer to all arguments. */
const ALL_ARGUMENTS = '';

/**
 * Returns what bounds each sink of a grant, given what the policy requires. The sinks of an
 * unlisted tool are unknown, so unless it only reads, all of its arguments count as one open sink.
 */
export function sinkBounds(
  catalogue: Catalogue,
  given: Grant,
  required: ConstraintsByPointer,
  user?: Principal,
): readonly BoundSink[] {
  const entry = catalogue.get(given.tool);
  if (entry) {
    const fieldAt: FieldAt = (tool, pointer) =>
      catalogue.get(tool)?.field?.find((mark) => mark.pointer === pointer);
    return boundSinks(entry, given, required, isSafeFor(entry, user), fieldAt);
  }
  return given.action === 'read' ? [] : [{ pointer: ALL_ARGUMENTS, bound: 'nothing' }];
}

/**
 * A value is safe if the catalogue says so, or if it is the person's own: the value of the claim
 * that has the name of the sink's kind.
 */
function isSafeFor({ sink: marks = [] }: CatalogueTool, user: Principal | undefined) {
  return (pointer: string, value: JsonScalar): boolean => {
    const mark = marks.find(({ argument }) => argument === pointer);
    if (mark === undefined) return false;
    if (mark.safe?.includes(value)) return true;
    if (!mark.takes?.includes('self')) return false;
    const claims = user?.claims ?? {};
    const own = Object.hasOwn(claims, mark.kind) ? [claims[mark.kind]].flat() : [];
    return own.includes(value);
  };
}

const LEFT_OPEN: Readonly<Record<SinkBound, boolean>> = {
  absent: false,
  dataset: false,
  policy: false,
  safe: false,
  origin: false,
  // The agent may have been hijacked before it asked, so its own constraints close nothing.
  request: true,
  nothing: true,
};

/** Returns the sinks that nothing bounds, or only the request. */
export const leftOpen = (bounds: readonly BoundSink[]): readonly BoundSink[] =>
  bounds.filter(({ bound }) => LEFT_OPEN[bound]);

/**
 * Returns the sinks that may stay open: those for which the policy states a reason, or all of them
 * if a person has to approve, because the approval shows them. Any other open sink refuses the
 * grant.
 */
export function allowOpenSinks(
  bounds: readonly BoundSink[],
  opened: ReadonlyMap<string, string>,
  approvalRequired: boolean,
): Result<readonly OpenSink[], RefusalReason> {
  const open: OpenSink[] = [];
  for (const { pointer, bound } of leftOpen(bounds)) {
    const reason = opened.get(pointer);
    if (reason === undefined && !approvalRequired) return refuse({ code: 'sink_open', pointer });
    open.push({
      pointer,
      ...(bound === 'request' && { bound }),
      ...(reason !== undefined && { reason }),
    });
  }
  return ok(open);
}
