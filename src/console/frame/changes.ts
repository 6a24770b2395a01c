import { ok } from '../../result.ts';
import { type Answer, send } from './api.ts';

/**
 * Asks whether anything happened since a cursor. Answers with a new cursor if something did, and
 * with nothing otherwise.
 */
export async function askChanges(
  cursor: string | undefined,
): Promise<Answer<{ readonly cursor: string } | undefined>> {
  const query = cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`;
  const answer = await send(`/admin/v1/changes${query}`, 'GET');
  if (!answer.ok) return answer;
  return ok(answer.value as { readonly cursor: string } | undefined);
}
