import { printableJson } from '../../approval/index.ts';
import type { UnixSeconds } from '../../clock.ts';
import { type Head, isDeniedTool } from '../../feed/index.ts';
import { type Screen, showTimestamp } from '../terminal/index.ts';
import { describeScope } from '../watermark/scope.ts';
import { auditedIn, type Seen } from './witnesses.ts';

/** A head can contain a time that `Date` cannot hold. */
const rfc3339 = (time: UnixSeconds): string =>
  new Date(Math.min(time, 8.64e12) * 1000).toISOString();

/** Extensions that have lines of their own. */
const SHOWN_APART: readonly string[] = ['checkpoint', 'audit'];

/** Returns the facts of a head, as `--json` prints them. */
export const headFacts = (head: Head, now: UnixSeconds, seen: readonly Seen[]) => ({
  issuer: head.issuer,
  shard: head.shard,
  epoch: head.epoch,
  seq: head.seq,
  issuedAt: rfc3339(head.issued_at),
  ageSeconds: Math.max(0, now - head.issued_at),
  revoked: head.count,
  keys: head.keys,
  snapshot: head.snapshot,
  extensions: head.extensions ?? [],
  witnesses: seen.map(({ witness, at, verified }) => ({ witness, at: rfc3339(at), verified })),
  audit: auditedIn(head) ?? null,
  deniedTools: head.watermarks.filter(isDeniedTool).map(({ value }) => value),
  watermarks: head.watermarks
    .filter((one) => !isDeniedTool(one))
    .map(({ scope, value, before, expires }) => ({
      scope,
      value,
      before: rfc3339(before),
      expires: rfc3339(expires),
    })),
});

/** Renders the same facts for a person. */
export function headLines(
  screen: Screen,
  head: Head,
  now: UnixSeconds,
  seen: readonly Seen[],
): readonly string[] {
  const { issuer, shard, epoch, seq, issuedAt, ageSeconds, ...rest } = headFacts(head, now, seen);
  const { audit } = rest;
  return [
    `  issuer      ${printableJson(issuer)}, shard ${shard}`,
    `  position    ${epoch}.${seq}`,
    `  issued      ${showTimestamp(screen, issuedAt)}, ${ageSeconds} s ago`,
    `  revoked     ${rest.revoked} workflows and blocks`,
    ...rest.keys.map(({ id, publicKey }) => `  root key    ${id}  ${publicKey}`),
    ...rest.extensions
      .filter(({ name, version }) => version !== 1 || !SHOWN_APART.includes(name))
      .map(
        ({ name, version, value }) =>
          `  extension   ${name}, version ${version}: ${printableJson(value)}`,
      ),
    ...rest.witnesses.map(
      ({ witness, at, verified }) =>
        `  witness     ${printableJson(witness)} at ${showTimestamp(screen, at)}${verified ? '' : ' (not verified)'}`,
    ),
    ...(audit ? [`  audit       ${printableJson(audit.log)}: ${audit.size} entries`] : []),
    ...rest.deniedTools.map((tool) => `  denied      tool ${printableJson(tool)}`),
    ...rest.watermarks.map(
      (mark) =>
        `  watermark   ${describeScope(mark)}: issued before ${showTimestamp(screen, mark.before)}`,
    ),
  ];
}
