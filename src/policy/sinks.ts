import type { ConstraintsByPointer, Grant } from '../capability/index.ts';
import { type BoundSink, boundSinks, type Catalogue, type SinkBound } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { OpenSink, RefusalReason } from './policy.ts';

/** The whole of the arguments, as a pointer. */
const WHOLE = '';

/**
 * What bounds each sink of a grant that is given so, where the policy requires that. Of a tool that
 * the catalogue does not have nobody knows them, so one that does more than read leaves open all
 * there is.
 */
export function sinkBounds(
  catalogue: Catalogue,
  given: Grant,
  required: ConstraintsByPointer,
): readonly BoundSink[] {
  const entry = catalogue.get(given.tool);
  if (entry) return boundSinks(entry, given, required);
  return given.action === 'read' ? [] : [{ pointer: WHOLE, bound: 'nothing' }];
}

const LEFT_OPEN: Readonly<Record<SinkBound, boolean>> = {
  absent: false,
  dataset: false,
  policy: false,
  // The agent may have been hijacked before it asked: its own word closes nothing.
  request: true,
  nothing: true,
};

/** Those that nothing bounds, or only the request. */
export const leftOpen = (bounds: readonly BoundSink[]): readonly BoundSink[] =>
  bounds.filter(({ bound }) => LEFT_OPEN[bound]);

/**
 * What may stay open: by the policy's word, with its reason, or because a person is asked, who is
 * shown it. The first of any other refuses the grant.
 */
export function settleSinks(
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
