import type { Grant } from '../capability/index.ts';
import { type Catalogue, openSinks } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { OpenSink, RefusalReason } from './policy.ts';

/** The whole of the arguments, as a pointer. */
const WHOLE = '';

/**
 * The sinks that a grant leaves open. Of a tool that the catalogue does not have nobody knows them,
 * so one that does more than read leaves open all there is.
 */
export function sinksLeftOpen(
  catalogue: Catalogue,
  { tool, action, constraints }: Grant,
): readonly string[] {
  const entry = catalogue.get(tool);
  if (entry) return openSinks(entry, constraints);
  return action === 'read' ? [] : [WHOLE];
}

/**
 * What may stay open: by the policy's word, with its reason, or because a person is asked, who is
 * shown it. The first of any other refuses the grant.
 */
export function settleSinks(
  left: readonly string[],
  opened: ReadonlyMap<string, string>,
  approvalRequired: boolean,
): Result<readonly OpenSink[], RefusalReason> {
  const open: OpenSink[] = [];
  for (const pointer of left) {
    const reason = opened.get(pointer);
    if (reason === undefined && !approvalRequired) return refuse({ code: 'sink_open', pointer });
    open.push({ pointer, ...(reason !== undefined && { reason }) });
  }
  return ok(open);
}
