import type { Readable, Writable } from 'node:stream';

/** The longest line that is held in memory. A longer one is skipped to its end. */
export const LINE_BYTES_MAX = 1024 * 1024;
const UNREAD_BYTES_MAX = 64 * 1024 * 1024; // A client that reads nothing is not served any more.

/**
 * Splits a stream into lines of UTF-8. Calls `onLine` with undefined for a line that is too long.
 * Resolves when the stream has ended or was destroyed. Never rejects.
 */
export function readLines(
  source: Readable,
  onLine: (line: string | undefined) => void,
): Promise<void> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let isTooLong = false;
  const add = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > LINE_BYTES_MAX) {
      isTooLong = true;
      pieces = [];
    }
    if (!isTooLong) pieces.push(piece);
  };
  const end = (): void => {
    const line = isTooLong ? undefined : Buffer.concat(pieces).toString('utf8');
    pieces = [];
    bytes = 0;
    isTooLong = false;
    if (line === undefined || line.trim() !== '') onLine(line);
  };
  source.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let at = rest.indexOf(LINE_FEED); at >= 0; at = rest.indexOf(LINE_FEED)) {
      add(rest.subarray(0, at));
      end();
      rest = rest.subarray(at + 1);
    }
    if (rest.length > 0) add(rest);
  });
  source.resume(); // An earlier reader may have paused it.
  return new Promise((resolve) => {
    source
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
  });
}

const LINE_FEED = 0x0a;

/** Writes a message as one line. Destroys a stream whose reader has stopped reading. */
export function writeLine(sink: Writable, message: object): void {
  if (sink.destroyed || sink.writableEnded) return;
  sink.write(`${JSON.stringify(message)}\n`);
  if (sink.writableLength > UNREAD_BYTES_MAX) sink.destroy();
}
