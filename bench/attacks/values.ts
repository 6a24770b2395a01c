/** Reads the values that constraints list. */
import { findAdditions } from '../../src/approval/index.ts';
import {
  argumentNodes,
  type Constraint,
  type Grant,
  listedValues,
} from '../../src/capability/index.ts';
import { type CatalogueTool, sinkMarkAt } from '../../src/catalogue/index.ts';
import { scalarOf } from '../../src/provenance/index.ts';
import type { Evidence } from '../../src/verifier/index.ts';
import type { Json, JsonObject } from '../agent-authz-bench/index.ts';

/** Returns the values that a workflow may use for an argument; a list of them for a list. */
export function valuesListed(
  grants: readonly Grant[],
  tool: string,
  argument: string,
): readonly Json[] {
  const found = grants
    .filter((grant) => grant.tool === tool)
    .flatMap(({ constraints }) => valuesOf(constraints?.constraints[`/${argument}`]));
  return [...new Map(found.map((value) => [JSON.stringify(value), value])).values()];
}

function valuesOf(constraint: Constraint | undefined): readonly Json[] {
  if (!constraint || 'absent' in constraint) return [];
  const present = 'optional' in constraint ? constraint.optional : constraint;
  const listed = listedValues(present);
  if (!listed) return 'empty' in present ? [null] : [];
  if (listed.kind === 'list')
    return listed.values.length === 0 ? [[]] : listed.values.map((v) => [v]);
  return listed.values;
}

/** Names what a step-up adds: arguments whose values are new, or the tool. */
export function newIn(current: readonly Grant[], wanted: readonly Grant[]): readonly string[] {
  const names = findAdditions(current, wanted).map((one) =>
    'pointer' in one ? one.pointer || '(all arguments)' : '(tool)',
  );
  return [...new Set(names)];
}

/** Names the sinks of a call whose values nothing attests. */
export function unattestedIn(
  tool: CatalogueTool | undefined,
  args: object = {},
  { provenance }: Pick<Evidence, 'provenance'>,
): readonly string[] {
  const attested = new Set(provenance?.used.map(({ pointer }) => pointer));
  const nodes = argumentNodes(args as JsonObject);
  if (!tool || !nodes.ok) return [];
  const names = nodes.value.flatMap((node) => {
    const mark = scalarOf(node) === undefined ? undefined : sinkMarkAt(tool, node.pointer);
    return mark && !attested.has(node.pointer) ? [mark.argument] : [];
  });
  return [...new Set(names)];
}
