import { printableJson } from '../approval/index.ts';
import type { Json } from '../canonical-json.ts';
import { kindOf, linkOf, type SentNotice } from './notice.ts';
import { signatureHeaders } from './signature.ts';
import type { Target } from './target.ts';

/** One value of a message. A name or a task can be as long as a token allows. */
const SHOWN_CHARACTERS_MAX = 300;
/** Names of verifiers in one message. */
const SHOWN_NAMES_MAX = 20;

/** A request to a target. It contains a secret of the target: never log it. */
interface TargetRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns the request that delivers a notice to a target. */
export async function requestFor(
  target: Target,
  notice: SentNotice,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): Promise<TargetRequest> {
  const json = { 'content-type': 'application/json' };
  switch (target.kind) {
    case 'webhook': {
      const body = JSON.stringify(webhookBody(issuer, notice));
      const signed = await signatureHeaders(target.key, { id: notice.id, now, body });
      return { url: target.url, headers: { ...json, ...signed }, body };
    }
    case 'slack':
      return { url: target.url, headers: json, body: JSON.stringify(slackBody(issuer, notice)) };
    case 'email': {
      const { url, from, to, authorization } = target;
      const { title } = kindOf(notice.type);
      const mail = { from, to, subject: `[hewn] ${title}`, text: textOf(issuer, notice) };
      // The relay recognises a repeated delivery by it.
      const headers = { ...json, authorization, 'idempotency-key': notice.id };
      return { url, headers, body: JSON.stringify(mail) };
    }
  }
}

/** The payload that Standard Webhooks recommends: type, time, data. Values are as they are. */
const webhookBody = (issuer: string, notice: SentNotice) => ({
  type: notice.type,
  timestamp: new Date(notice.at).toISOString(),
  data: {
    title: kindOf(notice.type).title,
    link: linkOf(issuer, notice),
    issuer,
    ...notice.data,
  },
});

/**
 * An agent can write anything into its task, such as `<!channel>` or a link with another text. So
 * values are only in `plain_text`, which has no markup, and the notification text has none of them.
 */
function slackBody(issuer: string, notice: SentNotice) {
  const { title } = kindOf(notice.type);
  const link = linkOf(issuer, notice);
  const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
  return {
    text: `${title}: ${link}`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title) },
      { type: 'section', text: plain(factsOf(notice).join('\n')) },
      { type: 'section', text: { type: 'mrkdwn', text: `<${link}|Open in the console>` } },
    ],
  };
}

function textOf(issuer: string, notice: SentNotice): string {
  const { title } = kindOf(notice.type);
  const at = new Date(notice.at).toISOString();
  const footer = `Sent by ${issuer} at ${at}. An answer to this message has no effect.`;
  return [`${title}.`, '', ...factsOf(notice), '', linkOf(issuer, notice), '', footer].join('\n');
}

/** One line for each value. Texts are quoted, and what hides or turns text around is shown. */
const factsOf = ({ data }: SentNotice): readonly string[] =>
  Object.entries(data).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${shown(value)}`);

function shown(value: Json | readonly string[]): string {
  if (Array.isArray(value)) {
    const names = value.slice(0, SHOWN_NAMES_MAX).map((name) => shown(name));
    const rest = value.length - names.length;
    return [...names, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ') || 'none';
  }
  if (typeof value !== 'string') return String(value);
  const text = printableJson(value);
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
