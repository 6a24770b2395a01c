import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type ExportedRecord,
  incidentOf,
  receiptName,
  toNdjson,
} from '../../audit/export/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import { readWorkflowId } from '../workflows/id.ts';
import { searchPages } from './pages.ts';

/** A workflow lives for hours. More records than this are no incident that a person reads. */
const RECORDS_MAX = 20_000;

export const auditIncident = defineCommand({
  name: 'audit incident',
  summary: 'write everything about one workflow to a folder, with a proof of each record',
  operands: 'ID',
  description: `Writes to a new folder what the audit logs have about a workflow and all others of its tree: incident.json with every token, hop, decision, effect, approval and order in the order of time, records.ndjson with the records, and receipts with a proof of each of them. A reader verifies a receipt with hewn audit verify and public keys, without the issuer.

The folder has personal members in the clear. Erasing a person later does not change it.`,
  flags: {
    out: {
      kind: 'text',
      value: 'FOLDER',
      required: true,
      description: 'the folder to write; it must not exist',
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn audit incident wf_7Qx... --out incident-4711'],
  run: async ({ flags, operands }, context) => {
    const id = readWorkflowId(operands);
    if (!id.ok) return id;
    const records = await readTree(context, flags, id.value);
    if (!records.ok) return records;
    if (records.value.length === 0) return refuse(`the logs have no record of ${id.value}`);
    const folder = resolve(context.cwd, flags.out);
    try {
      await mkdir(folder, { mode: 0o700 });
      await mkdir(join(folder, 'receipts'));
    } catch (error) {
      return refuse(`cannot write a new folder ${flags.out}: ${(error as Error).message}`);
    }
    for (const [index, one] of records.value.entries()) {
      context.progress?.(`receipt ${index + 1} of ${records.value.length}`);
      const params = { log: one.log, index: String(one.index) };
      const found = await callIssuer(context, flags, ADMIN_API.proofs.showReceipt, { params });
      if (!found.ok) return refuse(`${one.log}:${one.index}: ${found.error}`);
      await writeFile(join(folder, receiptName(one)), found.value.receipt);
    }
    const lines = records.value.map((one) => `${toNdjson(one)}\n`).join('');
    await writeFile(join(folder, 'records.ndjson'), lines);
    const incident = incidentOf(id.value, records.value);
    await writeFile(join(folder, 'incident.json'), `${showJson(incident)}\n`);
    if (flags.json) {
      const counts = { records: incident.records, workflows: incident.workflows.length };
      context.out(showJson({ folder, ...counts }));
      return YES;
    }
    const counted = [
      countOf(incident.records, 'record'),
      countOf(incident.workflows.length, 'workflow'),
    ];
    context.out(`${flags.out}: ${counted.join(' of ')}`);
    return YES;
  },
});

const countOf = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

async function readTree(
  context: CommandContext,
  flags: IssuerFlags,
  workflow: string,
): Promise<Result<readonly ExportedRecord[], string>> {
  const records: ExportedRecord[] = [];
  for await (const page of searchPages(context, flags, { workflow, tree: 'true' })) {
    if (!page.ok) return page;
    records.push(...page.value);
    if (records.length > RECORDS_MAX) {
      return refuse(
        `the tree has more than ${RECORDS_MAX} records: use hewn audit export --proofs`,
      );
    }
  }
  return ok(records);
}
