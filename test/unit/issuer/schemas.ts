import { approvalsSchema } from '../../../workers/issuer/approval/schema.ts';
import { auditSchema } from '../../../workers/issuer/audit/schema.ts';
import { archiveSchema } from '../../../workers/issuer/feed/archive-schema.ts';
import { logSchema } from '../../../workers/issuer/feed/schema.ts';
import { replaySchema } from '../../../workers/issuer/platform/replay-schema.ts';
import type { Schema } from '../../../workers/issuer/platform/sqlite.ts';
import { statusSchema } from '../../../workers/issuer/signals/status-schema.ts';
import { streamsSchema } from '../../../workers/issuer/signals/streams-schema.ts';
import { breakerSchema } from '../../../workers/issuer/workflow/breaker-schema.ts';
import { workflowSchema } from '../../../workers/issuer/workflow/schema.ts';

/** The schemas of all objects; schema.test.ts holds that none is missing. */
export const SCHEMAS: readonly Schema[] = [
  approvalsSchema,
  archiveSchema,
  auditSchema,
  breakerSchema,
  logSchema,
  replaySchema,
  statusSchema,
  streamsSchema,
  workflowSchema,
];
