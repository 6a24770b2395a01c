/**
 * An identity as a list shows it: `https://idp.acme.example/corp#alice` is `corp#alice`. The whole
 * identity stands in the title of the text and on the page of the workflow: two issuers can have a
 * name in common.
 */
export function shortIdentity(identity: string): string {
  const [, rest] = /^https?:\/\/[^/]+\/(.+)$/.exec(identity) ?? [];
  return rest ?? identity;
}

/**
 * A subject as a list shows it: `user:alice@acme.example` is alice@acme.example, and `owner:` says
 * that the workflow runs for the team that owns it.
 */
export function subjectWords(subject: string): string {
  const [, owner] = /^owner:(.+)$/.exec(subject) ?? [];
  if (owner !== undefined) return `its owner, ${owner}`;
  return shortIdentity(subject.replace(/^user:/, ''));
}
