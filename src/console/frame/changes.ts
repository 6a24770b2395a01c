import { ok } from '../../result.ts';
import { type Answer, callIssuer } from './api.ts';

/**
 * Asks whether anything happened since a cursor. Answers with the next cursor if something did, and
 * with nothing otherwise. The first answer only has a cursor.
 */
export async function askChanges(cursor: string | undefined): Promise<Answer<string | undefined>> {
  const answer = await callIssuer('GET', '/changes', {
    query: cursor === undefined ? {} : { after: cursor },
  });
  return answer.ok ? ok(answer.value?.next) : answer;
}
