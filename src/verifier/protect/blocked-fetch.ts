import { readBounded } from '../../body.ts';
import { type Report, reportTo } from '../../report.ts';

const ANSWER_BYTES_MAX = 8 * 1024; // Cloudflare's pages are shorter.

/**
 * Reports an answer that did not come from the issuer: a Worker cannot fetch a Worker of its own
 * account, and Cloudflare answers with its error 1042. Returns the status, without the body.
 */
export async function explainBlocked(
  response: Response,
  report: Report | undefined,
): Promise<Response> {
  const { status } = response;
  const text = await readBounded(response, ANSWER_BYTES_MAX).catch(() => undefined);
  if (text?.ok && /error code: *1042\b/i.test(text.value)) {
    reportTo(report, 'feed.blocked', { status, message: ADVICE });
  }
  return new Response(null, { status });
}

const ADVICE =
  'Cloudflare error 1042: this Worker and its issuer are in one account, and a global fetch cannot ' +
  'reach it. Bind the issuer as a service and pass it as `service` to protect, or set the ' +
  'compatibility flag global_fetch_strictly_public.';
