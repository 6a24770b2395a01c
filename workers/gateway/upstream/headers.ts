/** Headers that belong to one connection, to a proxy before the gateway, or to who calls. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'host', 'content-length', 'expect', 'accept-encoding', 'forwarded', 'via'],
  ...['authorization', 'proxy-authorization', 'cookie', 'dpop', 'x-real-ip', 'true-client-ip'],
]);

const NOT_SENT_PREFIXES = ['cf-', 'x-forwarded-', 'hewn-', 'x-hewn-', 'proxy-', 'sec-'];

/** Returns the headers of a request without those that the gateway alone may set. */
export function outgoingHeaders(given: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of given) {
    const isSent = !NOT_SENT.has(name) && !NOT_SENT_PREFIXES.some((each) => name.startsWith(each));
    if (isSent) headers.append(name, value);
  }
  // An answer that is compressed cannot be scanned while it streams.
  headers.set('accept-encoding', 'identity');
  return headers;
}
