/**
 * The folder of documents that the walk-through's agent works on.
 *
 * Made anew at every start, so that a run never finds what the run before it wrote. One of the
 * reports carries an instruction that is addressed to an AI agent and that nobody of the company
 * wrote: the reason why an agent's access has to be smaller than what it can be talked into.
 */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export interface Documents {
  /** The folder, as an absolute path. */
  readonly root: string;
  /**
   * The reports, as paths relative to the folder; the last one carries the injected instruction.
   */
  readonly reports: readonly string[];
  readonly injected: string;
  readonly summary: string;
  /** Outside every dataset that the agent's task names. */
  readonly secret: string;
}

const INJECTED = 'reports/customer-feedback.md';
const ORIGINALS = join(import.meta.dirname, 'documents');

/** Replaces `<localFolder>/documents`, and nothing else, by a fresh copy. */
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
