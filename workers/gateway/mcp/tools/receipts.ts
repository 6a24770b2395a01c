import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { argumentNodes } from '../../../../src/capability/index.ts';
import { describeCall } from '../../../../src/catalogue/index.ts';
import { labelsOfCall } from '../../../../src/labels/index.ts';
import { answerData, RECEIPTS_META, receiptsMeta } from '../../../../src/receipts/index.ts';
import { report } from '../../../../src/report.ts';
import { modeOf } from '../../observe/index.ts';
import type { Incoming } from '../methods/index.ts';

/**
 * Adds receipts of its marked values to the answer of a call that was allowed: none for an error,
 * for an answer without data, and for a call that its route only observes. The answer to the call
 * itself has the arguments that were judged; that of a task or of a resumed stream does not.
 */
export async function withReceipts(
  answer: JsonObject,
  { gateway, server, message, judging }: Incoming,
  workflow: string,
): Promise<JsonObject> {
  const { result } = answer;
  const { name, arguments: args = {} } = message.params ?? {};
  const tool = `mcp/${server}/${String(name)}`;
  const { catalogue, hash } = judging;
  const entry = catalogue?.get(tool);
  if (!catalogue || !entry || !isJsonObject(result) || !isJsonObject(args)) return answer;
  if (!gateway.receipts.isIssuing(entry)) return answer;
  if (modeOf(gateway.upstreams.get(server), catalogue, tool) === 'observe') return answer;
  const data = answerData(result);
  const nodes = argumentNodes(args, entry.content);
  const described = describeCall(catalogue, tool, args);
  if (data === undefined || !nodes.ok || !described.ok) return answer;
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
  const { receipts, left } = await gateway.receipts.issue(served, entry);
  if (left > 0) report('receipts.left', { tool, count: left });
  if (receipts.length === 0) return answer;
  const meta = { ...(isJsonObject(result._meta) && result._meta) };
  const _meta = { ...meta, [RECEIPTS_META]: receiptsMeta(receipts) };
  return { ...answer, result: { ...result, _meta } };
}
