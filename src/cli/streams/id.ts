import { STREAM_ID } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** Reads the id of one stream. One in 64 begins with a hyphen, and is given after `--`. */
export function readStreamId(operands: readonly string[]): Result<string, string> {
  const [id, ...more] = operands;
  return id !== undefined && more.length === 0 && STREAM_ID.test(id)
    ? ok(id)
    : refuse('name one stream by its ID: hewn streams list shows them');
}
