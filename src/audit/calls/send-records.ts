import type { ShardedOutbox } from '../sharded-outbox.ts';

const RETRY_AFTER_MILLISECONDS = [1_000, 4_000]; // The runtime ends this work after 30 s.

/**
 * Sends the records that wait, in batches that are worth it, and retries twice. Without a retry
 * they would wait for the next request, which may come hours later. Returns whether all of them
 * were sent, or are being sent by another request.
 */
export async function sendRecords(outbox: ShardedOutbox): Promise<boolean> {
  for (const milliseconds of RETRY_AFTER_MILLISECONDS) {
    if (await outbox.collect()) return true;
    await new Promise((resolve) => letProcessEnd(setTimeout(resolve, milliseconds)));
  }
  return outbox.flush();
}

/** Lets a process of Node, Deno or Bun end although a timer is set. */
export function letProcessEnd(timer: unknown): void {
  const { unref } = Object(timer) as { unref?: () => void };
  unref?.call(timer);
}
