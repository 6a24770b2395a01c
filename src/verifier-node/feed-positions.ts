import { randomBytes } from 'node:crypto';
import { readClock } from '../clock.ts';
import { confirmOverHttp, type FeedClient, FeedReporter } from '../feed/index.ts';
import type { ProtectOptions } from '../verifier/protect/index.ts';

/** Returns a function that reports the positions of the clients to the issuer. It never rejects. */
export function feedPositions(
  { issuer, now = readClock }: ProtectOptions,
  credential: string,
  clients: readonly FeedClient[],
): () => Promise<void> {
  const send = confirmOverHttp({ issuer, credential });
  const verifier = randomBytes(12).toString('base64url');
  const reporters = clients.map(
    (client, shard) =>
      [client, new FeedReporter({ verifier, send, shard, fault: () => client.fault })] as const,
  );
  return async () => {
    await Promise.all(reporters.map(([client, reporter]) => reporter.confirm(client.head, now())));
  };
}
