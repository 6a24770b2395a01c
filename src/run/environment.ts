type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Variables with which a process can prove who it is: to Hewn, or to the identity provider of its
 * platform. The parent keeps them; the agent has no use for them but the one it must not have.
 */
const CREDENTIALS: readonly RegExp[] = [
  /^HEWN_(?!HOME$|ISSUER$|GATEWAY|MCP|HTTP_|[A-Z]+_PORT$|AUDIENCE)/,
  /^ACTIONS_ID_TOKEN_REQUEST_(?:TOKEN|URL)$/,
  /^ACTIONS_RUNTIME_(?:TOKEN|URL)$/,
  /^SPIFFE_ENDPOINT_SOCKET$/,
  /^CI_JOB_(?:JWT|JWT_V1|JWT_V2|TOKEN)$/,
  /^(?:IDENTITY_ENDPOINT|IDENTITY_HEADER|MSI_ENDPOINT|MSI_SECRET)$/,
  /^AZURE_FEDERATED_TOKEN_FILE$/,
];

export const isCredential = (name: string): boolean =>
  CREDENTIALS.some((pattern) => pattern.test(name));

/**
 * Returns the environment of the agent: that of this process without credentials and without any
 * variable of Hewn, and with `added`. `sources` are the variables that the identity sources of the
 * run read.
 */
export function agentEnvironment(
  own: Variables,
  sources: readonly string[],
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !sources.includes(entry[0]) &&
      !isCredential(entry[0]) &&
      !entry[0].startsWith('HEWN_'),
  );
  return { ...Object.fromEntries(kept), ...added };
}
