import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import { readOperand } from './operand.ts';
import { searchPages } from './pages.ts';

export const auditReceipt = defineCommand({
  name: 'audit receipt',
  summary: 'write the receipt of one record, which proves it to anyone',
  operands: 'ID',
  description: `Writes the receipt of a record to standard output: one file that proves to a stranger, with the public keys of the log and of its witnesses, that the log has this record. Without --log and --index, the record is searched by its id.

The receipt has the personal members of the record in the clear. If they are erased, it proves the rest.`,
  flags: {
    log: { kind: 'text', value: 'LOG', description: 'the log that has the record, with --index' },
    index: { kind: 'text', value: 'N', description: 'the position of the record in its log' },
    out: { kind: 'text', value: 'FILE', description: 'write the receipt to this file' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn audit receipt nWk3Zq0yB7uXv2aL-1.6 --out receipt.tlog-proof',
    'hewn audit receipt nWk3Zq0yB7uXv2aL-1.6 --log decisions-1-1 --index 5 > receipt.tlog-proof',
  ],
  run: async ({ flags, operands }, context) => {
    const id = readOperand(operands, 'ID');
    if (!id.ok) return id;
    const place = await placeOf(context, flags, id.value);
    if (!place.ok) return place;
    const { showReceipt } = ADMIN_API.proofs;
    const found = await callIssuer(context, flags, showReceipt, { params: place.value });
    if (!found.ok) return found;
    const { receipt } = found.value;
    if (flags.out !== undefined) await writeFile(resolve(context.cwd, flags.out), receipt);
    if (flags.json) {
      const { log, index } = place.value;
      context.out(showJson({ log, index: Number(index), receipt }));
    } else if (flags.out === undefined) context.out(receipt.trimEnd());
    else {
      context.err(`${flags.out}: the receipt of ${place.value.log}, entry ${place.value.index}`);
    }
    return YES;
  },
});

interface Place {
  readonly log: string;
  readonly index: string;
}

async function placeOf(
  context: CommandContext,
  flags: IssuerFlags & { readonly log: string | undefined; readonly index: string | undefined },
  id: string,
): Promise<Result<Place, string>> {
  const { log, index } = flags;
  if (log !== undefined && index !== undefined) return ok({ log, index });
  if (log !== undefined || index !== undefined) return refuse('--log and --index go together');
  for await (const page of searchPages(context, flags, { id })) {
    if (!page.ok) return page;
    const [found] = page.value;
    if (found) return ok({ log: found.log, index: String(found.index) });
  }
  return refuse(`no record has the id ${id}`);
}
