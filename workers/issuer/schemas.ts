import { activitySchema } from './activity/schema.ts';
import { approvalsSchema } from './approval/schema.ts';
import { tileStoreSchema } from './archive/schema.ts';
import { auditSchema } from './audit/schema.ts';
import { archiveSchema } from './feed/archive-schema.ts';
import { logSchema } from './feed/schema.ts';
import { transparencyLogSchema } from './log/schema.ts';
import { operatorsSchema } from './operators/schema.ts';
import { replaySchema } from './platform/replay-schema.ts';
import type { Schema } from './platform/sqlite.ts';
import type { Table } from './platform/table.ts';
import { schemaVersionTable } from './platform/tables.ts';
import { statusSchema } from './signals/status-schema.ts';
import { streamsSchema } from './signals/streams-schema.ts';
import { subjectKeysSchema } from './subject-keys/schema.ts';
import { tallySchema } from './tally/schema.ts';
import { versionsSchema } from './version/schema.ts';
import { watchdogSchema } from './watchdog/schema.ts';
import { breakerSchema } from './workflow/breaker-schema.ts';
import { workflowSchema } from './workflow/schema.ts';

/** The schemas of all Durable Objects. A test checks that none is missing. */
export const SCHEMAS: readonly Schema[] = [
  activitySchema,
  approvalsSchema,
  archiveSchema,
  auditSchema,
  breakerSchema,
  logSchema,
  operatorsSchema,
  replaySchema,
  statusSchema,
  streamsSchema,
  subjectKeysSchema,
  tallySchema,
  tileStoreSchema,
  transparencyLogSchema,
  versionsSchema,
  watchdogSchema,
  workflowSchema,
];

/** Every table once: several objects have a table `owed`, and all have `schema_version`. */
export const TABLES: ReadonlySet<Table> = new Set([
  schemaVersionTable,
  ...SCHEMAS.flatMap(({ tables }) => tables),
]);
