import { printableJson } from '../../approval/index.ts';
import type { UnixSeconds } from '../../clock.ts';
import { type Head, isDeniedTool } from '../../feed/index.ts';
import { describeScope } from '../watermark/scope.ts';

/** A head can contain a time that `Date` cannot hold. */
const rfc3339 = (time: UnixSeconds): string =>
  new Date(Math.min(time, 8.64e12) * 1000).toISOString();

/** Returns the facts of a head, as `--json` prints them. */
export const headFacts = (head: Head, now: UnixSeconds) => ({
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
export function headLines(head: Head, now: UnixSeconds): readonly string[] {
  const { issuer, shard, epoch, seq, issuedAt, ageSeconds, ...rest } = headFacts(head, now);
  return [
    `  issuer      ${printableJson(issuer)}, shard ${shard}`,
    `  position    ${epoch}.${seq}`,
    `  issued      ${issuedAt}, ${ageSeconds} s ago`,
    `  revoked     ${rest.revoked} workflows and blocks`,
    ...rest.keys.map(({ id, publicKey }) => `  root key    ${id}  ${publicKey}`),
    ...rest.extensions.map(
      ({ name, version, value }) =>
        `  extension   ${name}, version ${version}: ${printableJson(value)}`,
    ),
    ...rest.deniedTools.map((tool) => `  denied      tool ${printableJson(tool)}`),
    ...rest.watermarks.map(
      (mark) => `  watermark   ${describeScope(mark)}: issued before ${mark.before}`,
    ),
  ];
}
