import { stat } from 'node:fs/promises';
import type { Deployment, Environment } from '../../deployment/index.ts';
import type { GatewayRoute, Site } from '../../doctor/index.ts';
import { ADMIN_API, isSafeUrl } from '../../issuer-api/index.ts';
import { deploymentKeyFile, readKeyFile } from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { addressedUrls, type StatedUpstream, tableOf } from '../../upstream/index.ts';
import { versionId } from '../../version/index.ts';
import { readFolderVersion } from '../../version-files/index.ts';
import { checkContents } from '../check/contents.ts';
import type { CommandContext } from '../command.ts';
import { drillCommand } from '../drill/drill.ts';
import { callIssuer } from '../issuer.ts';

export interface SiteInput {
  /** As the user named the folder. */
  readonly shown: string;
  /** Absolute. */
  readonly folder: string;
  readonly deployment: Deployment;
  readonly environment: Environment;
  /** Where the issuer answers, if not where `hewn.toml` says. */
  readonly issuer?: string | undefined;
  /** By the name of the gateway. */
  readonly gateways?: ReadonlyMap<string, string> | undefined;
  readonly keyFile?: string | undefined;
  readonly drill?: string | undefined;
}

/** Collects what this machine knows of a deployment. */
export async function siteOf(
  context: CommandContext,
  input: SiteInput,
): Promise<Result<Site, string>> {
  const { shown, folder, deployment, environment } = input;
  const issuer = input.issuer ?? environment.issuer.url;
  if (!isSafeUrl(issuer)) return refuse(`--issuer must be an https URL: ${issuer}`);
  const version = await readFolderVersion(folder, deployment);
  const file = input.keyFile ?? deploymentKeyFile(folder, environment.name);
  const keys = await readKeyFile(file);
  if (!keys.ok && keys.error.code === 'key_file_damaged') {
    return refuse(`${file} is damaged: ${keys.error.why}`);
  }
  const contents = await checkContents(context, shown, deployment);
  // Without a key file, the credential comes from HEWN_OPERATOR.
  const flags = { issuer, file: keys.ok ? file : undefined };
  const status = once(() => callIssuer(context, flags, ADMIN_API.status.showStatus, {}));
  const active = once(() => callIssuer(context, flags, ADMIN_API.versions.showActiveVersion, {}));
  const { drill } = input;
  return ok({
    environment,
    issuer,
    gateways: environment.gateways.map(({ name, url, upstreams }) => ({
      name,
      url: input.gateways?.get(name) ?? url,
      upstreams: addressedUrls(upstreams),
      routes: routesOf(upstreams),
    })),
    contents: { faults: contents.faults.length, casesPassed: contents.casesPassed },
    keys: keys.ok ? keys.value : undefined,
    feedPublicKey: keys.ok
      ? keys.value.feed.publicKey
      : environment.issuer.feedPublicKey?.split(' ')[0],
    version: version.ok ? await versionId(version.value) : '',
    now: context.now,
    fetch: context.fetch,
    status,
    active,
    drill:
      drill === undefined
        ? undefined
        : () => runDrill(context, drill, { issuer, file: flags.file }),
  });
}

const routesOf = (upstreams: Readonly<Record<string, StatedUpstream>>): readonly GatewayRoute[] =>
  Object.entries(upstreams).map(([server, stated]) => {
    const { kind = 'mcp', mode = 'enforce' } = tableOf(stated);
    return { server, kind, mode };
  });

/** Several checks read the same answer. */
function once<T>(question: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= question();
    return asked;
  };
}

async function runDrill(
  context: CommandContext,
  drill: string,
  { issuer, file }: { readonly issuer: string; readonly file: string | undefined },
) {
  const lines: string[] = [];
  const quiet = {
    ...context,
    out: () => undefined,
    err: (text: string) => {
      lines.push(text);
    },
  };
  const args = [drill, '--issuer', issuer, ...(file === undefined ? [] : ['--file', file])];
  const ended = await drillCommand.run(args, quiet);
  const subject = 'drill';
  if (!ended.ok) return { subject, status: 'fail', detail: ended.error } as const;
  return ended.value === 0
    ? ({ subject, status: 'ok', detail: 'every verifier denied in time' } as const)
    : ({ subject, status: 'fail', detail: lines.join('; ') } as const);
}

/** Whether a path names a file, so that a typo is an error and not a check that fails. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
