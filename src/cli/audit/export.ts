import {
  type ExportedRecord,
  type ExportSource,
  toCloudEvent,
  toNdjson,
  toOcsf,
  toOtlpLogs,
} from '../../audit/export/index.ts';
import { refuse } from '../../result.ts';
import { type CommandContext, defineCommand, YES } from '../command.ts';
import { ISSUER_FLAGS } from '../flags.ts';
import { ownPackage } from '../init/package-folder.ts';
import { type IssuerFlags, issuerOf } from '../issuer.ts';
import { FILTER_FLAGS, isFiltered, readFilters } from './filters.ts';
import { searchPages } from './pages.ts';
import { exportProofs } from './proofs.ts';

type WriteLines = (records: readonly ExportedRecord[], source: ExportSource) => readonly string[];

const each =
  (write: (record: ExportedRecord, source: ExportSource) => unknown): WriteLines =>
  (records, source) =>
    records.map((record) => {
      const line = write(record, source);
      return typeof line === 'string' ? line : JSON.stringify(line);
    });

/** How records are written, a page at a time. */
const FORMATS = {
  ndjson: each(toNdjson),
  ocsf: each(toOcsf),
  cloudevents: each(toCloudEvent),
  otlp: (records, source) =>
    records.length > 0 ? [JSON.stringify(toOtlpLogs(records, source))] : [],
} as const satisfies Readonly<Record<string, WriteLines>>;
const NAMES = Object.keys(FORMATS) as readonly (keyof typeof FORMATS)[];

export const auditExport = defineCommand({
  name: 'audit export',
  summary: 'write records of the audit logs in the format of another system',
  description: `Writes the records that all flags match to standard output, oldest first, one JSON object in a line: as the logs have them (ndjson), as events of OCSF (ocsf) or of CloudEvents (cloudevents), or as requests of OpenTelemetry's OTLP with up to a thousand records each (otlp).

The last line of standard error is the place where the export ended. With --after, the next export begins there, so a job can export what is new since its last run.`,
  flags: {
    format: {
      kind: 'text',
      value: 'FORMAT',
      choices: NAMES,
      description: `${NAMES.join(', ')}; by default ndjson`,
    },
    proofs: {
      kind: 'switch',
      description: 'write whole logs with proofs, for hewn audit verify; of filters, only --log',
    },
    after: {
      kind: 'text',
      value: 'PLACE',
      description: 'begin where an earlier export ended',
    },
    ...FILTER_FLAGS,
    ...ISSUER_FLAGS,
  },
  examples: [
    'hewn audit export --since 24h > audit.ndjson',
    'hewn audit export --proofs --log control > control.ndjson',
    'hewn audit export --format ocsf --after control:812,decisions-1-0:9120 > new.ndjson',
  ],
  run: async ({ flags }, context) => {
    const query = readFilters(flags, context.now());
    if (!query.ok) return query;
    if (flags.proofs) {
      const isWhole = flags.format === undefined && !isFiltered(query.value);
      return isWhole
        ? exportProofs(context, flags, flags)
        : refuse('--proofs is for whole logs: leave out --format and all filters but --log');
    }
    const write: WriteLines = FORMATS[flags.format ?? 'ndjson'];
    const source = await sourceOf(context, flags);
    const from = { ...query.value, ...(flags.after !== undefined && { after: flags.after }) };
    let place = flags.after ?? '';
    for await (const page of searchPages(context, flags, from, (next) => {
      place = next;
    })) {
      if (!page.ok) return page;
      for (const line of write(page.value, source)) context.out(line);
    }
    // The lines that no one read are not exported.
    if (context.outClosed?.aborted !== true) context.err(`--after ${place}`);
    return YES;
  },
});

const sourceOf = async (context: CommandContext, flags: IssuerFlags): Promise<ExportSource> => ({
  issuer: await issuerOf(context, flags),
  version: ownPackage().version,
});
