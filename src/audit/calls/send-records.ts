import type { RecordOutbox } from '../outbox.ts';

const RETRY_AFTER_MILLISECONDS = [1_000, 4_000]; // The runtime ends this work after 30 s.

/**
 * Sends the records that wait, and retries twice. Without a retry they would wait for the next
 * request, which may come hours later. Returns whether all of them were sent.
 */
export async function sendRecords(outbox: RecordOutbox): Promise<boolean> {
  for (const milliseconds of RETRY_AFTER_MILLISECONDS) {
    if (await outbox.flush()) return true;
    await new Promise((resolve) => letProcessEnd(setTimeout(resolve, milliseconds)));
  }
  return outbox.flush();
}

/** Lets a process of Node, Deno or Bun end although a timer is set. */
export function letProcessEnd(timer: unknown): void {
  const { unref } = Object(timer) as { unref?: () => void };
  unref?.call(timer);
}
