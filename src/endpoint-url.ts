/**
 * Returns whether messages may be sent to a URL that an operator named: https, or loopback in a
 * local deployment. The URL is shown, so it must hold no secret.
 */
export function isEndpoint(url: string, allowLoopback: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(url);
  if (username || password || search || hash) return false;
  if (protocol === 'https:') return true;
  return allowLoopback && protocol === 'http:' && ['127.0.0.1', '[::1]'].includes(hostname);
}
