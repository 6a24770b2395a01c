/** The requests to our issuer in the bench of the mint. The gateway next to it receives none. */
import { cpuMicroseconds } from '../runtimes/index.ts';
import { exchange, type Prepared } from './client.ts';
import { type Contender, each, type Operation, same } from './contender.ts';
import { attributed, RecordingVerifier, sendRecords } from './records.ts';
import { CLIENT, type Scene, startScene } from './scene.ts';
import { clientAssertion } from './tokens.ts';

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TASK = 'bench of the mint';
const GRANTS = [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }];
/** Started and used again before each batch, and continued in turns. */
const CONTINUED_WORKFLOWS = 10;

export async function startHewn(): Promise<Contender> {
  const scene = await startScene();
  return {
    operations: operationsOf(scene),
    cpuMicroseconds: () => cpuMicroseconds(scene.pid),
    stop: scene.stop,
  };
}

/** Mints a token that begins a workflow. */
export async function mintedBy(scene: Scene): Promise<{ token: string; workflow: string }> {
  const answer = await exchange(await tokenExchange(scene));
  const { access_token: token } = JSON.parse(answer) as { readonly access_token: string };
  return { token, workflow: workflowOf(answer) };
}

const asked = ({ audience }: Scene, workflow?: string) => ({
  resource: audience,
  authorization_details: JSON.stringify([
    {
      type: 'hewn_task',
      task: TASK,
      grants: GRANTS,
      ...(workflow !== undefined && { workflow }),
    },
  ]),
});

const form = (parameters: Record<string, string>) => String(new URLSearchParams(parameters));

const tokenExchange = async (scene: Scene, workflow?: string): Promise<Prepared> => ({
  url: `${scene.issuer}/token`,
  form: form({
    grant_type: TOKEN_EXCHANGE,
    subject_token: await tokenOf('alice', scene),
    subject_token_type: TOKEN_TYPE,
    actor_token: await tokenOf('report-agent', scene),
    actor_token_type: TOKEN_TYPE,
    ...asked(scene, workflow),
  }),
});

export function operationsOf(scene: Scene): readonly Operation[] {
  const { issuer } = scene;
  const url = `${issuer}/token`;
  return [
    {
      name: 'hewn: metadata',
      prepare: same({ url: `${issuer}/.well-known/oauth-authorization-server` }),
    },
    { name: 'hewn: token exchange', prepare: each(() => tokenExchange(scene)) },
    {
      name: 'hewn: token exchange, continued',
      prepare: async (count) => {
        const workflows: string[] = [];
        while (workflows.length < CONTINUED_WORKFLOWS) {
          const workflow = workflowOf(await exchange(await tokenExchange(scene)));
          await exchange(await tokenExchange(scene, workflow));
          workflows.push(workflow);
        }
        return each((at) => tokenExchange(scene, workflows[at % CONTINUED_WORKFLOWS]))(count);
      },
    },
    {
      name: 'hewn: first record of a workflow',
      // Each workflow gets its object with it, which a token exchange alone does not make.
      prepare: each(async () => {
        const { token } = await mintedBy(scene);
        const verifier = new RecordingVerifier(`bench-${crypto.randomUUID().slice(0, 8)}`);
        return sendRecords(scene, [verifier.decision(await attributed(token, scene))]);
      }),
    },
    {
      name: 'hewn: client_credentials',
      prepare: each(async () => ({
        url,
        form: form({
          grant_type: 'client_credentials',
          ...(await clientAssertion(scene.clientKey, CLIENT, issuer)),
          ...asked(scene),
        }),
      })),
    },
  ];
}

const tokenOf = (sub: string, { provider, issuer, providerKey }: Scene): Promise<string> =>
  providerKey.sign({ iss: provider, aud: issuer, sub });

function workflowOf(answer: string): string {
  const { authorization_details: details } = JSON.parse(answer) as {
    readonly authorization_details: readonly { readonly workflow: string }[];
  };
  const [detail] = details;
  if (detail === undefined) throw new Error('the response has no workflow');
  return detail.workflow;
}
