import { readClock } from '../../clock.ts';
import { toBase64Url } from '../../encoding.ts';
import { confirmOverHttp, type FeedClient, FeedReporter } from '../../feed/index.ts';
import { sendThrough } from './issuer-fetch.ts';
import type { ProtectOptions } from './protect-options.ts';

/** Reports how far the copies of a feed are, if a report is due. Never rejects. */
export type ReportPositions = () => Promise<void>;

/** Returns a function that reports the positions of the clients to the issuer. */
export function feedPositions(
  { issuer, service, records, now = readClock }: ProtectOptions,
  credential: string,
  clients: readonly FeedClient[],
): ReportPositions {
  const fetch = sendThrough(service) as typeof globalThis.fetch;
  const send = confirmOverHttp({ issuer, credential, fetch });
  const verifier = records?.verifier ?? toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
  const counts = records?.counts?.bind(records);
  const reporters = clients.map(
    (client, shard) =>
      [
        client,
        // Counted once: the records of a verifier belong to no shard.
        new FeedReporter({
          verifier,
          send,
          shard,
          ...(shard === 0 && counts && { records: counts }),
        }),
      ] as const,
  );
  return async () => {
    await Promise.all(reporters.map(([client, reporter]) => reporter.confirm(client.head, now())));
  };
}
