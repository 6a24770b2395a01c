/**
 * The folder of documents that the walk-through's agent works on.
 *
 * It is replaced at every start, so a run never sees the files of the run before. One of the
 * reports contains an instruction to an AI agent, written by an attacker: the reason why an agent's
 * access must be smaller than what it can be talked into.
 */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export interface Documents {
  /** The folder, as an absolute path. */
  readonly root: string;
  /** The reports, as paths relative to the folder. The last one has the injected instruction. */
  readonly reports: readonly string[];
  readonly injected: string;
  readonly summary: string;
  /** Outside every dataset that the agent's task names. */
  readonly secret: string;
}

const INJECTED = 'reports/customer-feedback.md';
const ORIGINALS = join(import.meta.dirname, '../../examples/reports/documents');

/** Replaces `<localFolder>/documents`, and nothing else, with a fresh copy. */
export async function createDocuments(localFolder: string): Promise<Documents> {
  const root = resolve(localFolder, 'documents');
  await rm(root, { recursive: true, force: true });
  await cp(ORIGINALS, root, { recursive: true });
  await mkdir(join(root, 'summaries'));
  return {
    root,
    reports: ['reports/q1.md', 'reports/q2.md', 'reports/q3.md', INJECTED],
    injected: INJECTED,
    summary: 'summaries/churn-2026-q3.md',
    secret: 'private/salaries.csv',
  };
}
