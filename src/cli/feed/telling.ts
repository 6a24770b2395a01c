import { printableJson } from '../../approval/index.ts';
import { type Head, isDeniedTool } from '../../feed/index.ts';

const moment = (seconds: number): string =>
  new Date(Math.min(seconds, 8.64e12) * 1000).toISOString();

/** What a head says, as `--json` shows it. */
export const headFacts = (head: Head, nowSeconds: number) => ({
  issuer: head.issuer,
  shard: head.shard,
  epoch: head.epoch,
  seq: head.seq,
  issuedAt: moment(head.issued_at),
  ageSeconds: Math.max(0, nowSeconds - head.issued_at),
  revoked: head.count,
  keys: head.keys,
  snapshot: head.snapshot,
  deniedTools: head.watermarks.filter(isDeniedTool).map(({ value }) => value),
  watermarks: head.watermarks
    .filter((one) => !isDeniedTool(one))
    .map(({ scope, value, before, expires }) => ({
      scope,
      value,
      before: moment(before),
      expires: moment(expires),
    })),
});

/** The same for people. */
export function headLines(head: Head, nowSeconds: number): readonly string[] {
  const { issuer, shard, epoch, seq, issuedAt, ageSeconds, ...rest } = headFacts(head, nowSeconds);
  return [
    `  issuer      ${printableJson(issuer)}, shard ${shard}`,
    `  position    ${epoch}.${seq}`,
    `  issued      ${issuedAt}, ${ageSeconds} s ago`,
    `  revoked     ${rest.revoked} workflows and blocks`,
    ...rest.keys.map(({ id, publicKey }) => `  root key    ${id}  ${publicKey}`),
    ...rest.deniedTools.map((tool) => `  denied      tool ${printableJson(tool)}`),
    ...rest.watermarks.map(({ scope, value, before }) => {
      const whom = scope === 'all' ? 'all' : `${scope} ${printableJson(value)}`;
      return `  watermark   ${whom}: issued before ${before}`;
    }),
  ];
}
