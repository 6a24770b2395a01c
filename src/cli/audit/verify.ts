import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { printableJson } from '../../approval/index.ts';
import type { AuditRecord } from '../../audit/index.ts';
import {
  type ExportFault,
  ExportVerifier,
  logOfOrigin,
  policyFor,
  readTrust,
  type Trust,
  verifyReceipt,
} from '../../audit/proof/index.ts';
import type { Json } from '../../canonical-json.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  readCheckpoint,
  readNote,
  requireQuorum,
  type VerifiedCheckpoint,
} from '../../tlog/index.ts';
import { type Answer, type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { showSeconds } from '../terminal/index.ts';
import { readOperand } from './operand.ts';

const RECEIPT = 'c2sp.org/tlog-proof@v1';
/** A receipt is a few kilobytes, and its largest entry 64. */
const RECEIPT_BYTES_MAX = 512 * 1024;

export const auditVerify = defineCommand({
  name: 'audit verify',
  summary: 'verify a receipt or an export of the audit logs, with public keys alone',
  operands: 'FILE',
  description: `Verifies a receipt, or an export that was made with --proofs. Needs no network and asks no issuer: only the key that the logs sign with, and those of the witnesses that you trust.

Of an export it says which record was removed, changed or reordered, whether the end is missing, and which records of a verifier never reached the log. With --checkpoint, a checkpoint that you kept or that a witness gave you, it also finds that the log signed another history, or one that was shorter.`,
  flags: {
    key: {
      kind: 'text',
      value: 'KEY',
      required: true,
      description:
        'the verifier key of one log of the issuer, such as issuer.example/audit/control+…, which hewn keys list prints; it is the key of its other logs too',
    },
    witness: {
      kind: 'list',
      value: 'KEY',
      description: 'the verifier key of a witness that must have cosigned; repeat for several',
    },
    checkpoint: {
      kind: 'list',
      value: 'FILE',
      description: 'a checkpoint that is known from elsewhere; repeat for several',
    },
    'allow-gaps': {
      kind: 'switch',
      description: 'accept records that verifiers numbered and the logs never received',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn audit verify vx-1.6.tlog-proof --key "$LOG_KEY" --witness "$WITNESS_KEY"',
    'hewn audit verify november.ndjson --key "$(hewn keys list --json | jq -r .logVerifierKey)"',
    'hewn audit verify november.ndjson --key "$LOG_KEY" --checkpoint october.txt',
  ],
  exitCodes: {
    0: 'all of it is as the log signed it',
    1: 'something is wrong with it, and is named',
    2: 'it could not be verified',
  },
  run: async ({ flags, operands }, context) => {
    const file = readOperand(operands, 'FILE');
    if (!file.ok) return file;
    const trust = readTrust(flags.key, flags.witness);
    if (!trust.ok) {
      const { code, key } = trust.error;
      return code === 'key_malformed'
        ? refuse(
            `not a verifier key: ${key}. It begins with the name of a log: hewn keys list prints it.`,
          )
        : refuse(`a key for another use, or of no audit log: ${key}`);
    }
    const path = resolve(context.cwd, file.value);
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) return refuse(`cannot read ${file.value}`);
    const receipt = size <= RECEIPT_BYTES_MAX ? await readFile(path, 'utf8') : '';
    if (receipt.startsWith(RECEIPT)) {
      return showReceipt(context, receipt, trust.value, flags.json);
    }
    const known = await readCheckpoints(context, flags.checkpoint, trust.value);
    if (!known.ok) return known;
    const verifier = new ExportVerifier(trust.value, known.value);
    const lines = createInterface({ input: createReadStream(path), crlfDelay: 1 });
    let count = 0;
    for await (const line of lines) {
      count += 1;
      context.progress?.(`line ${count}`);
      await verifier.line(line);
    }
    return showExport(context, verifier, flags);
  },
});

async function showReceipt(
  context: CommandContext,
  text: string,
  trust: Trust,
  json: boolean,
): Promise<Answer> {
  const verified = await verifyReceipt(text, trust);
  if (!verified.ok) {
    context.out(json ? showJson({ valid: false, fault: verified.error }) : verified.error);
    return NO;
  }
  const { record, erased, log, index, size, seen } = verified.value;
  const witnessed =
    seen === undefined ? [] : [`  seen        ${showSeconds(context, seen)} by the witnesses`];
  const gone = erased.length === 0 ? [] : [`  erased      ${erased.join(', ')}`];
  const lines = [
    `${record.event} ${record.id}`,
    `  log         ${log}, entry ${index} of ${size}`,
    ...witnessed,
    ...gone,
    ...digestsOf(record),
    `  record      ${printableJson(record as unknown as Json)}`,
  ];
  context.out(json ? showJson({ valid: true, ...verified.value }) : lines.join('\n'));
  return YES;
}

/** The digests of what was asked and answered, by which anyone can compare the content itself. */
function digestsOf(record: AuditRecord): readonly string[] {
  const request = 'request' in record ? record.request : undefined;
  const answer = 'outcome' in record ? record.outcome?.answer : undefined;
  return [
    ...(request === undefined ? [] : [`  request     SHA-256 ${request}`]),
    ...(answer === undefined ? [] : [`  answer      SHA-256 ${answer}`]),
  ];
}

function showExport(
  context: CommandContext,
  verifier: ExportVerifier,
  flags: { readonly json: boolean; readonly 'allow-gaps': boolean },
): Answer {
  const { logs, erased, faults } = verifier.end();
  const wrong = faults.filter(({ code }) => code !== 'gap' || !flags['allow-gaps']);
  if (flags.json) context.out(showJson({ valid: wrong.length === 0, logs, erased, faults }));
  else {
    for (const { log, size, records, range } of logs) {
      const which = range ? ` from ${range.from} on` : ', each with its own proof';
      context.out(`${log}: ${records} records${which}, of ${size}`);
    }
    if (erased > 0) context.out(`${erased} of them have members that are erased or not opened`);
    for (const fault of faults) context.out(describe(fault));
    if (faults.length === 0) context.out('all of it is as the log signed it');
  }
  return wrong.length === 0 ? YES : NO;
}

const describe = ({ code, line, log, index, detail }: ExportFault): string => {
  const where = [log, index === undefined ? '' : `record ${index}`, line ? `line ${line}` : ''];
  const place = where.filter((part) => part !== undefined && part !== '').join(', ');
  return `${code}: ${place === '' ? '' : `${place}: `}${detail}`;
};

/** Reads checkpoints that the caller has kept. They count only if the same keys signed them. */
async function readCheckpoints(
  { cwd }: CommandContext,
  files: readonly string[],
  trust: Trust,
): Promise<Result<readonly VerifiedCheckpoint[], string>> {
  const known: VerifiedCheckpoint[] = [];
  for (const file of files) {
    const note = await readFile(resolve(cwd, file), 'utf8').catch(() => undefined);
    if (note === undefined) return refuse(`cannot read ${file}`);
    const read = readNote(note);
    const checkpoint = read.ok ? readCheckpoint(read.value.text) : read;
    const log = checkpoint.ok ? logOfOrigin(trust, checkpoint.value.origin) : undefined;
    if (!log) return refuse(`${file} is not a checkpoint of an audit log of this issuer`);
    const verified = await requireQuorum(note, policyFor(trust, log));
    if (!verified.ok) return refuse(`${file} does not count: ${verified.error}`);
    known.push(verified.value);
  }
  return ok(known);
}
