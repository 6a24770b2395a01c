import { type EntryKind, RECORD_KINDS } from '../../src/feed/log/index.ts';
import { markdownTable } from './table.ts';

interface EntryDoc {
  /** The fields of the record after the common ones. */
  readonly fields: string;
  readonly stops: string;
}

const WORKFLOW_ID = "length u8, 1 to 64 · the workflow's id, UTF-8";
const SCOPED = 'scope u8 · before u48, at least 1 · length u16 · value, UTF-8, at most 2,048 bytes';

const DOCS: Readonly<Record<EntryKind, EntryDoc>> = {
  watermark: {
    fields: SCOPED,
    stops: 'Tokens of its scope with `issued_at` < `before`.',
  },
  withdrawal: {
    fields: SCOPED,
    stops:
      'Nothing. It removes the watermarks of its scope and value from the head. The log appends ' +
      'one only if no unexpired token could match them, so a replica has nothing to undo.',
  },
  denial: {
    fields: SCOPED,
    stops:
      'Nothing by itself. The issuer mints nothing for its scope and value. A watermark in the ' +
      'same step stops earlier tokens, except for a tool, which the head lists (below).',
  },
  lift: {
    fields: SCOPED,
    stops:
      'Nothing. It ends the denial of its scope and value. Tokens that the watermark of the ' +
      'denial stopped stay stopped.',
  },
  workflow: {
    fields: WORKFLOW_ID,
    stops: 'Tokens of this workflow, and tokens that name it as an ancestor.',
  },
  block: {
    fields: "length u8, 1 to 128 · the block's revocation id",
    stops: 'Tokens whose chain contains this block.',
  },
  suspension: {
    fields: WORKFLOW_ID,
    stops: 'The same as a workflow entry, until a resumption with a higher `seq`.',
  },
  resumption: {
    fields: `gen u48, at least 1 · ${WORKFLOW_ID}`,
    stops:
      'Tokens of the workflow itself with a smaller `gen`. It ends the suspension, and expires no ' +
      'earlier than the suspension.',
  },
};

/** Renders the kinds of entries: their records, and what each stops. */
export function renderFeedEntries(): string {
  const rows = (Object.keys(RECORD_KINDS) as EntryKind[]).map((kind) => {
    const { code, learnedFrom } = RECORD_KINDS[kind];
    const { fields, stops } = DOCS[kind];
    return [kind, String(code), fields, learnedFrom, stops];
  });
  return markdownTable(['entry', 'kind', 'fields after `expires`', 'learned from', 'stops'], rows);
}
