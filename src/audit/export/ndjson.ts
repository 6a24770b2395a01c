import type { ExportedRecord } from './exported.ts';

/** Returns the line of a record in newline-delimited JSON. */
export const toNdjson = (exported: ExportedRecord): string => JSON.stringify(exported);
