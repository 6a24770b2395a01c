import type { Json } from '../../../src/canonical-json.ts';

/** Every revision of MCP that clients may name, oldest first. */
export const REVISIONS: readonly Json[] = [
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
  '2026-07-28',
];

/** Returns those of a server's revisions that the gateway carries. */
export const carriedRevisions = (revisions: readonly Json[]): readonly Json[] =>
  revisions.filter((revision) => REVISIONS.includes(revision));
