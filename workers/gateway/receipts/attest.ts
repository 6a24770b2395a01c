import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import { argumentNodes } from '../../../src/capability/index.ts';
import { describeCall } from '../../../src/catalogue/index.ts';
import { labelsOfCall } from '../../../src/labels/index.ts';
import type { IssuedReceipts } from '../../../src/receipts/index.ts';
import { report } from '../../../src/report.ts';
import type { Judging } from '../catalogues.ts';
import { modeOf } from '../observe/index.ts';
import type { Upstreams } from '../upstream/index.ts';
import type { Receipts } from './receipts.ts';

/** The parts of a gateway that attest answers. */
interface Attesting {
  readonly receipts: Receipts;
  readonly upstreams: Pick<Upstreams, 'get'>;
}

/** The answer to a call that was allowed. */
interface Served {
  readonly server: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** What pointers of marks lead into. */
  readonly data: Json;
  readonly workflow: string;
}

/** Whether the answers of a tool get receipts: not those of a route that only observes. */
export function isAttested(
  { receipts, upstreams }: Attesting,
  { server, tool }: Pick<Served, 'server' | 'tool'>,
  { catalogue }: Judging,
): boolean {
  return (
    catalogue !== undefined &&
    receipts.isIssuing(catalogue.get(tool)) &&
    modeOf(upstreams.get(server), catalogue, tool) !== 'observe'
  );
}

/** Signs receipts for the marked values of an answer, and returns them. */
export async function attest(
  { receipts }: Pick<Attesting, 'receipts'>,
  { tool, args, data, workflow }: Served,
  { catalogue, hash }: Judging,
): Promise<IssuedReceipts['receipts']> {
  const entry = catalogue?.get(tool);
  if (!catalogue || !entry) return [];
  const nodes = argumentNodes(args, entry.content);
  const described = describeCall(catalogue, tool, args);
  if (!nodes.ok || !described.ok) return [];
  const { dataset: datasets, action } = described.value;
  const served = {
    data,
    tool,
    action,
    datasets,
    args,
    workflow,
    marks: entry.field ?? [],
    nodes: nodes.value,
    labels: labelsOfCall(entry, datasets),
    catalogue: hash,
  };
  const issued = await receipts.issue(served, entry);
  if (issued.left > 0) report('receipts.left', { tool, count: issued.left });
  return issued.receipts;
}
